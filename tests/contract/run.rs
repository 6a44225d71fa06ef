//! Sends the table to a server, step after step, each as its person.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Request;
use http_body_util::BodyExt as _;
use kglass::cluster::{Endpoint, Identity, Transport};
use tower::{Service as _, ServiceExt as _};

use super::facts::{self, Facts, Reply};
use super::step::Step;

const LIMIT: Duration = Duration::from_secs(60);

/// The facts of each answer, by the step's id.
pub async fn run(steps: &[Step], endpoint_of: impl Fn(&str) -> Arc<dyn Endpoint>) -> BTreeMap<String, Facts> {
    let mut transports: HashMap<&'static str, Transport> = HashMap::new();
    let mut kept: HashMap<&'static str, String> = HashMap::new();
    let mut all = BTreeMap::new();
    for step in steps {
        if !transports.contains_key(step.user) {
            let opened = endpoint_of(step.user).transport(Identity::Base).await;
            transports.insert(step.user, opened.expect("a token needs no plugin"));
        }
        let transport = transports.get_mut(step.user).expect("opened above");
        let reply = settled(transport, step, &kept).await;
        for (name, pointer) in &step.keep {
            let value = match *pointer {
                "etag" => reply.headers.get("etag").cloned(),
                pointer => reply
                    .json()
                    .and_then(|json| json.pointer(pointer)?.as_str().map(str::to_owned)),
            };
            let text = String::from_utf8_lossy(&reply.body);
            let value = value.unwrap_or_else(|| panic!("{}: nothing at {pointer}: {} {text}", step.id, reply.status));
            kept.insert(name, value);
        }
        if !step.silent {
            let before = all.insert(step.id.clone(), facts::of(step, &reply));
            assert!(before.is_none(), "two steps are called {}", step.id);
        }
    }
    all
}

/// The answer, or where a step waits for something, the first that has it.
async fn settled(transport: &mut Transport, step: &Step, kept: &HashMap<&'static str, String>) -> Reply {
    let begun = Instant::now();
    loop {
        let reply = send(transport, step, kept).await;
        let Some((pointer, wanted)) = &step.until else {
            return reply;
        };
        let is_there = match *pointer {
            "status" => Some(reply.status) == wanted.as_u64().map(|n| n as u16),
            pointer => reply.json().is_some_and(|json| json.pointer(pointer) == Some(wanted)),
        };
        if is_there {
            return reply;
        }
        let text = String::from_utf8_lossy(&reply.body);
        assert!(
            begun.elapsed() < LIMIT,
            "{}: never {wanted} at {pointer}: {text}",
            step.id
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn filled(text: &str, kept: &HashMap<&'static str, String>, encode: bool) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        let value = if encode {
            value.replace('=', "%3D")
        } else {
            value.clone()
        };
        text.replace(&format!("{{{name}}}"), &value)
    })
}

async fn send(transport: &mut Transport, step: &Step, kept: &HashMap<&'static str, String>) -> Reply {
    let mut request = Request::builder()
        .method(step.method)
        .uri(filled(&step.path, kept, true));
    for (name, value) in &step.headers {
        request = request.header(*name, filled(value, kept, false));
    }
    let body = filled(&step.body, kept, false);
    if !body.is_empty() {
        request = request.header("content-type", step.media);
    }
    let request = request.body(body.into_bytes().into()).expect("a good request");
    let answer = transport.ready().await.expect("ready").call(request).await;
    let answer = answer.unwrap_or_else(|e| panic!("{}: {e}", step.id));
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let body = answer
        .into_body()
        .collect()
        .await
        .expect("the whole body")
        .to_bytes()
        .to_vec();
    Reply { status, headers, body }
}

pub fn facts_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/facts.json")
}

/// What the real server answered when it was asked last.
pub fn recorded() -> BTreeMap<String, Facts> {
    let text = std::fs::read_to_string(facts_file()).expect("the recorded facts are checked in");
    serde_json::from_str(&text).expect("the recorded facts are JSON")
}
