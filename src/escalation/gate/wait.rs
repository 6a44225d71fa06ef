//! Waits for somebody else's grant: lists the kit's Secrets, then watches them, as the base
//! identity. A request that vanishes was refused. Never takes a grant that names somebody else.

use std::time::Duration;

use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;

use super::base::Base;
use super::consent::Granting;
use super::grants;
use super::petition::refused;
use super::rules;
use super::wire::Call;
use crate::escalation::GateError;

/// A watch is looked after this often: the request may have been deleted meanwhile.
const WATCH_SECONDS: u32 = 20;
/// After an error, before the next try.
const PAUSE: Duration = Duration::from_secs(2);

/// `<identity>.<who>.` and `-<hash>`: what the grant's name must begin and end with.
pub(super) struct Wanted {
    pub(super) prefix: String,
    pub(super) hash: String,
}

impl Wanted {
    /// The grant in `secret`, if it is ours.
    fn take(&self, secret: &Value) -> Option<Granting> {
        let (granting, hash) = grants::read(secret)?;
        (granting.name.starts_with(&self.prefix) && hash == self.hash).then_some(granting)
    }
}

/// Returns with the grant, or `Rejected`; ends only so or by being dropped.
pub(super) async fn wait(base: &Base, wanted: &Wanted) -> Result<Granting, GateError> {
    let what = "wait for consent";
    let secrets = rules::collection("secrets");
    loop {
        let listed = base.read(&secrets, what).await;
        let Some(list) = usable(listed, what)? else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let items = list.pointer("/items").and_then(Value::as_array);
        if let Some(found) = items.into_iter().flatten().find_map(|item| wanted.take(item)) {
            return Ok(found);
        }
        let version = list.pointer("/metadata/resourceVersion").and_then(Value::as_str);
        let path = format!(
            "{secrets}?watch=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}",
            version.unwrap_or("0")
        );
        if let Some(found) = watch(base, wanted, path).await {
            return Ok(found);
        }
        let request = format!("{}/{}", rules::collection("configmaps"), wanted.hash);
        if base.read(&request, what).await.is_ok_and(|answer| answer.status == 404) {
            return Err(GateError::Rejected);
        }
    }
}

/// The list, None to try again, or an error that waiting does not mend.
fn usable(answer: Result<super::wire::Answer, GateError>, what: &str) -> Result<Option<Value>, GateError> {
    match answer {
        Ok(answer) if answer.is_ok() => Ok(Some(answer.body)),
        Ok(answer) if answer.status == 429 || answer.status >= 500 => Ok(None),
        Ok(answer) => Err(refused(
            what,
            &answer,
            "the kit's rights for requesters are missing: install it again",
        )),
        // A link that is down, or a server that restarts, ends no request that others are asked about.
        Err(GateError::NoAnswer { .. } | GateError::Unsendable { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One watch to its end; whatever breaks it, the list that follows makes up for it.
async fn watch(base: &Base, wanted: &Wanted, path: String) -> Option<Granting> {
    let limit = Duration::from_secs(u64::from(WATCH_SECONDS) + 5);
    let watching = async {
        let response = match base.reads.begin(Call::get(path)).await {
            // A gateway's page ends at once, and would be asked for again at once.
            Ok(response) if response.status().is_success() && response.headers().contains_key(rules::AUDIT_ID) => {
                response
            }
            _ => {
                tokio::time::sleep(PAUSE).await;
                return None;
            }
        };
        first_grant(response.into_body(), wanted).await
    };
    tokio::time::timeout(limit, watching).await.unwrap_or_default()
}

async fn first_grant(mut body: Body, wanted: &Wanted) -> Option<Granting> {
    let mut buffer = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        buffer.extend_from_slice(&data);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let Ok(event) = serde_json::from_slice::<Value>(&line) else {
                return None;
            };
            let is_new = matches!(event["type"].as_str(), Some("ADDED" | "MODIFIED"));
            if let Some(found) = wanted.take(&event["object"]).filter(|_| is_new) {
                return Some(found);
            }
        }
    }
    None
}
