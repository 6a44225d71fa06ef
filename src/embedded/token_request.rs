//! TokenRequest: a JWT for a service account, bound to a Secret or a pod by name and uid. Answers as a
//! real server does, floor of 600 s and 409 for a wrong uid included.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::authn::{Authn, Minted};
use super::clock::rfc3339;
use super::kinds;
use super::object::found;
use super::random::Random;
use super::refusal::Refusal;
use super::store::{Key, Store, text, uid};
use super::writer::Writer;

/// The API server's own audience and issuer.
pub(super) const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
const SHORTEST_SECONDS: i64 = 600;
const DEFAULT_SECONDS: i64 = 3600;
const LONGEST_SECONDS: i64 = 1 << 32;

pub(super) fn create(writer: &mut Writer<'_>, authn: &mut Authn, random: &Random) -> Outcome {
    let kind = kinds::known("serviceaccounts");
    let (key, now_ms) = (writer.asked.key(kind), writer.now_ms);
    let account_uid = uid(found(writer.store, kind, &key)?).to_owned();
    let body = completed(&key, &account_uid, writer.asked.json()?, now_ms);
    let seconds = lifetime(&body)?;
    let what = ("authentication.k8s.io", "v1", "TokenRequest");
    writer.admit(Operation::Create, what, (Some(&body), None), &Value::Null)?;
    let bound = bound_object(writer.store, &key, &body)?;
    let audiences = audiences(&body);
    let minted = Minted {
        account: key,
        account_uid,
        bound,
        jti: random.uuid(),
        expires_ms: now_ms - now_ms.rem_euclid(1000) + seconds * 1000,
        for_api_server: audiences.iter().any(|a| a == AUDIENCE),
    };
    let token = jwt(&minted, &audiences, now_ms, random);
    let answer = answer(body, &token, &minted);
    let id = format!("JTI={}", minted.jti);
    authn.add_minted(token, minted);
    Ok(Answer::json(201, answer).annotated("authentication.kubernetes.io/issued-credential-id", id))
}

/// The request as admission sees it: named, dated, with its defaults.
fn completed(account: &Key, uid: &str, mut body: Value, now_ms: i64) -> Value {
    body["kind"] = json!("TokenRequest");
    body["apiVersion"] = json!("authentication.k8s.io/v1");
    body["metadata"] = json!({
        "name": account.name, "namespace": account.namespace, "uid": uid, "creationTimestamp": rfc3339(now_ms),
    });
    body["spec"]["audiences"] = json!(audiences(&body));
    if body.pointer("/spec/expirationSeconds").is_none() {
        body["spec"]["expirationSeconds"] = json!(DEFAULT_SECONDS);
    }
    body["status"] = json!({"token": "", "expirationTimestamp": null});
    body
}

fn lifetime(body: &Value) -> Result<i64, Refusal> {
    let seconds = body
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(DEFAULT_SECONDS);
    let refuse = |why: &str| {
        let why = format!("Invalid value: {seconds}: may not specify a duration {why}");
        let field = "spec.expirationSeconds";
        Err(Refusal::invalid(
            "authentication.k8s.io",
            "TokenRequest",
            "",
            field,
            &why,
        ))
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

fn bound_object(store: &Store, account: &Key, body: &Value) -> Result<Option<(Key, String)>, Refusal> {
    let Some(reference) = body.pointer("/spec/boundObjectRef").filter(|r| !r.is_null()) else {
        return Ok(None);
    };
    let (version, kind) = (text(reference, "/apiVersion"), text(reference, "/kind"));
    let kind = match (version, kind) {
        (Some("v1"), Some("Secret")) => kinds::known("secrets"),
        (Some("v1"), Some("Pod")) => kinds::known("pods"),
        _ => {
            let what = format!("/{}, Kind={}", version.unwrap_or_default(), kind.unwrap_or_default());
            return Err(Refusal::bad_request(&format!(
                "cannot bind token to object of type {what}"
            )));
        }
    };
    let name = text(reference, "/name").unwrap_or_default();
    let key = Key::new(kind, &account.namespace, name);
    let bound = found(store, kind, &key)?;
    let runs_as = text(bound, "/spec/serviceAccountName").unwrap_or("default");
    if kind.name == "Pod" && runs_as != account.name {
        let why = format!(
            "cannot bind token for serviceaccount {:?} to pod running with different serviceaccount name.",
            account.name
        );
        return Err(Refusal::bad_request(&why));
    }
    let asked = text(reference, "/uid").unwrap_or_default();
    if !asked.is_empty() && asked != uid(bound) {
        let why = format!(
            "the UID in the bound object reference ({asked}) does not match the UID in record. \
             The object might have been deleted and then recreated"
        );
        return Err(Refusal::conflict_of("", kind.name, name, &why));
    }
    Ok(Some((key, uid(bound).to_owned())))
}

fn jwt(minted: &Minted, audiences: &[String], now_ms: i64, random: &Random) -> String {
    let mut bound = json!({
        "namespace": minted.account.namespace,
        "serviceaccount": {"name": minted.account.name, "uid": minted.account_uid},
    });
    if let Some((key, id)) = &minted.bound {
        let field = if key.plural == "pods" { "pod" } else { "secret" };
        bound[field] = json!({"name": key.name, "uid": id});
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
    let signature = URL_SAFE_NO_PAD.encode(random.bytes::<256>());
    format!("{}.{}.{signature}", part(&header), part(&claims))
}

fn answer(mut body: Value, token: &str, minted: &Minted) -> Value {
    if body.pointer("/spec/boundObjectRef").is_none() {
        body["spec"]["boundObjectRef"] = Value::Null;
    }
    body["status"] = json!({"token": token, "expirationTimestamp": rfc3339(minted.expires_ms)});
    body
}
