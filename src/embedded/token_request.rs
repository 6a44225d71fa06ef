//! TokenRequest: a JWT for a service account, bound to a Secret by name and uid. Answers as a
//! real server does, floor of 600 s and 409 for a wrong uid included.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::authn::{Minted, account_key};
use super::clock::rfc3339;
use super::kinds;
use super::server::State;
use super::store::{Key, text, uid};

/// The API server's own audience and issuer.
pub(super) const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
const SHORTEST_SECONDS: i64 = 600;
const DEFAULT_SECONDS: i64 = 3600;
const LONGEST_SECONDS: i64 = 1 << 32;

pub(super) fn create(state: &mut State, namespace: &str, account: &str, body: &Value, now_ms: i64) -> Outcome {
    let kind = kinds::by_plural("serviceaccounts").expect("service accounts are in the table of kinds");
    let key = account_key(namespace, account);
    let account_uid = state
        .store
        .get(&key)
        .map(|found| uid(found).to_owned())
        .ok_or_else(|| Refusal::not_found(kind, account))?;
    let seconds = lifetime(body)?;
    let bound = bound_secret(state, namespace, body)?;
    let audiences = audiences(body);
    let minted = Minted {
        account: key,
        account_uid,
        bound,
        jti: random_uuid(),
        expires_ms: now_ms - now_ms.rem_euclid(1000) + seconds * 1000,
        for_api_server: audiences.iter().any(|a| a == AUDIENCE),
    };
    let token = jwt(&minted, &audiences, now_ms);
    let answer = answer(body, &token, &audiences, &minted, seconds);
    let id = format!("JTI={}", minted.jti);
    state.authn.add_minted(token, minted);
    Ok(Answer::json(201, answer).annotated("authentication.kubernetes.io/issued-credential-id", id))
}

fn lifetime(body: &Value) -> Result<i64, Refusal> {
    let seconds = body
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(DEFAULT_SECONDS);
    let refuse = |why: &str| {
        let why = format!("spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration {why}");
        Err(Refusal::invalid("TokenRequest.authentication.k8s.io", "", &why))
    };
    if seconds < SHORTEST_SECONDS {
        return refuse("less than 10 minutes");
    }
    if seconds > LONGEST_SECONDS {
        return refuse("larger than 2^32 seconds");
    }
    Ok(seconds)
}

fn audiences(body: &Value) -> Vec<String> {
    let asked: Vec<String> = body
        .pointer("/spec/audiences")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|a| a.as_str().map(str::to_owned))
        .collect();
    if asked.is_empty() {
        vec![AUDIENCE.to_owned()]
    } else {
        asked
    }
}

fn bound_secret(state: &State, namespace: &str, body: &Value) -> Result<Option<(Key, String)>, Refusal> {
    let Some(reference) = body.pointer("/spec/boundObjectRef").filter(|r| !r.is_null()) else {
        return Ok(None);
    };
    let (version, kind) = (text(reference, "/apiVersion"), text(reference, "/kind"));
    if (version, kind) != (Some("v1"), Some("Secret")) {
        let what = format!("{}, Kind={}", version.unwrap_or_default(), kind.unwrap_or_default());
        return Err(Refusal::bad_request(&format!(
            "cannot bind token for serviceaccount to object {what}"
        )));
    }
    let name = text(reference, "/name").unwrap_or_default();
    let secrets = kinds::by_plural("secrets").expect("Secrets are in the table of kinds");
    let key = Key::new(secrets, namespace, name);
    let found = state.store.get(&key).ok_or_else(|| Refusal::not_found(secrets, name))?;
    let asked = text(reference, "/uid").unwrap_or_default();
    if !asked.is_empty() && asked != uid(found) {
        let why = format!(
            "the UID in the bound object reference ({asked}) does not match the UID in record. \
             The object might have been deleted and then recreated"
        );
        return Err(Refusal::conflict("Secret", name, &why));
    }
    Ok(Some((key, uid(found).to_owned())))
}

fn jwt(minted: &Minted, audiences: &[String], now_ms: i64) -> String {
    let mut bound = json!({
        "namespace": minted.account.namespace,
        "serviceaccount": {"name": minted.account.name, "uid": minted.account_uid},
    });
    if let Some((key, id)) = &minted.bound {
        bound["secret"] = json!({"name": key.name, "uid": id});
    }
    let claims = json!({
        "aud": audiences,
        "exp": minted.expires_ms / 1000,
        "iat": now_ms / 1000,
        "iss": AUDIENCE,
        "jti": minted.jti,
        "kubernetes.io": bound,
        "nbf": now_ms / 1000,
        "sub": format!("system:serviceaccount:{}:{}", minted.account.namespace, minted.account.name),
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": "RS256", "kid": "embedded"});
    let signature = URL_SAFE_NO_PAD.encode(random::<256>());
    format!("{}.{}.{signature}", part(&header), part(&claims))
}

fn answer(body: &Value, token: &str, audiences: &[String], minted: &Minted, seconds: i64) -> Value {
    let mut spec = json!({"audiences": audiences, "expirationSeconds": seconds});
    spec["boundObjectRef"] = body.pointer("/spec/boundObjectRef").cloned().unwrap_or(Value::Null);
    json!({
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": minted.account.name, "namespace": minted.account.namespace},
        "spec": spec,
        "status": {"token": token, "expirationTimestamp": rfc3339(minted.expires_ms)},
    })
}

/// A version 4 UUID, as the server's credential ids are.
pub(super) fn random_uuid() -> String {
    uuid::Builder::from_random_bytes(random::<16>()).into_uuid().to_string()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    bytes
}
