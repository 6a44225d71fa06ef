//! The provider `token_request`: a ServiceAccount token bound to the grant, by name and uid. Takes
//! the server's word for nothing that the token itself says otherwise; must never print a token.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use zeroize::Zeroize;

use crate::escalation::{Credential, CredentialProvider, GateError, GrantRef, MintDoor};

/// TokenRequest's floor; shorter grants end by their Secret.
const SHORTEST: u32 = 600;

/// 3607 s is read by the API server as "a kubelet asks" and may be answered with a token of one year.
const KUBELET_SECONDS: u32 = 3607;

/// What the token's end may lie behind the stated one: rounding, nothing more.
const CLOCK_SLACK: u64 = 5;

pub struct TokenRequest;

#[async_trait]
impl CredentialProvider for TokenRequest {
    fn name(&self) -> &'static str {
        "token_request"
    }

    async fn issue(&self, door: &dyn MintDoor, grant: &GrantRef) -> Result<Credential, GateError> {
        let answer = door.mint(grant, body(grant)).await?;
        read(answer, grant)
    }
}

fn body(grant: &GrantRef) -> Value {
    // One second less than is left: the server counts from its own clock, a moment later.
    let mut seconds = SHORTEST.max(grant.left_seconds.saturating_sub(1));
    if seconds == KUBELET_SECONDS {
        seconds -= 1;
    }
    json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {
            "audiences": [grant.audience],
            "expirationSeconds": seconds,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": grant.secret, "uid": grant.uid},
        },
    })
}

fn read(mut answer: Value, grant: &GrantRef) -> Result<Credential, GateError> {
    let expires = answer
        .pointer("/status/expirationTimestamp")
        .and_then(Value::as_str)
        .and_then(|t| t.parse::<jiff::Timestamp>().ok())
        .ok_or_else(|| unacceptable("the answer names no end"))?;
    let token = match answer.pointer_mut("/status/token") {
        Some(Value::String(text)) => SecretString::from(std::mem::take(text)),
        _ => return Err(unacceptable("the answer holds no token")),
    };
    let claims = claims(&token)?;
    let user = format!("system:serviceaccount:{}:{}", grant.namespace, grant.account);
    if claims.subject != user {
        return Err(unacceptable(&format!("the token is for {}", claims.subject)));
    }
    if claims.secret_uid != grant.uid {
        return Err(unacceptable(
            "the token is not bound to the grant, so nothing would end it",
        ));
    }
    let stated = u64::try_from(expires.as_second()).unwrap_or_default();
    if claims.expires_at > stated + CLOCK_SLACK {
        return Err(unacceptable(
            "the token lives longer than the server says (extended to a year?)",
        ));
    }
    Ok(Credential {
        token,
        user,
        id: format!("JTI={}", claims.id),
        expires_at: stated.min(claims.expires_at),
    })
}

struct Claims {
    subject: String,
    id: String,
    secret_uid: String,
    expires_at: u64,
}

/// Reads the token's own claims. The signature is the server's business: it is asked next who it
/// takes the token for, and that answer is compared.
fn claims(token: &SecretString) -> Result<Claims, GateError> {
    let payload = token.expose_secret().split('.').nth(1).unwrap_or_default();
    let mut bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| unacceptable("the token is no JWT"))?;
    let parsed: Result<Value, _> = serde_json::from_slice(&bytes);
    bytes.zeroize();
    let claims = parsed.map_err(|_| unacceptable("the token's claims are no JSON"))?;
    let text = |pointer: &str| claims.pointer(pointer).and_then(Value::as_str).map(String::from);
    Ok(Claims {
        subject: text("/sub").ok_or_else(|| unacceptable("the token names no subject"))?,
        id: text("/jti").ok_or_else(|| unacceptable("the token has no id (Kubernetes before 1.30?)"))?,
        secret_uid: text("/kubernetes.io/secret/uid").unwrap_or_default(),
        expires_at: claims
            .pointer("/exp")
            .and_then(Value::as_u64)
            .ok_or_else(|| unacceptable("the token names no end"))?,
    })
}

fn unacceptable(cause: &str) -> GateError {
    GateError::Unacceptable {
        what: "TokenRequest".into(),
        cause: cause.into(),
        cure: "the grant is ended; ask again, and look at the API server's service account settings".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXP: u64 = 1_800_000_600;

    fn grant(left_seconds: u32) -> GrantRef {
        GrantRef {
            namespace: "kglass-system".into(),
            account: "restarter".into(),
            secret: "restarter.uoncall.1800000600-abcdefghij234567".into(),
            uid: "grant-uid".into(),
            audience: "https://kubernetes.default.svc.cluster.local".into(),
            left_seconds,
        }
    }

    /// Answers with a token of these claims, stated to end at `EXP`.
    struct Door(Value);

    #[async_trait]
    impl MintDoor for Door {
        async fn mint(&self, _grant: &GrantRef, _body: Value) -> Result<Value, GateError> {
            let payload = URL_SAFE_NO_PAD.encode(self.0.to_string());
            Ok(
                json!({"status": {"token": format!("e30.{payload}.c2ln"), "expirationTimestamp": "2027-01-15T08:10:00Z"}}),
            )
        }
    }

    fn claims() -> Value {
        json!({
            "sub": "system:serviceaccount:kglass-system:restarter", "jti": "an-id", "exp": EXP,
            "kubernetes.io": {"secret": {"uid": "grant-uid"}},
        })
    }

    async fn issue(claims: Value) -> Result<Credential, String> {
        let issued = TokenRequest.issue(&Door(claims), &grant(300)).await;
        issued.map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_asked_for_no_longer_than_the_grant_and_never_shorter_than_the_floor() {
        let seconds = |left| body(&grant(left))["spec"]["expirationSeconds"].clone();
        assert_eq!(seconds(30), 600);
        assert_eq!(seconds(1801), 1800);
        assert_eq!(
            seconds(3608),
            3606,
            "3607 is the kubelet's, and may be answered with a year"
        );
        assert_eq!(body(&grant(30))["spec"]["boundObjectRef"]["uid"], "grant-uid");
    }

    #[tokio::test]
    async fn a_good_token_is_taken_at_its_own_word() {
        let credential = issue(claims()).await.unwrap();
        assert_eq!((credential.id.as_str(), credential.expires_at), ("JTI=an-id", EXP));
        let mut shorter = claims();
        shorter["exp"] = json!(EXP - 60);
        assert_eq!(issue(shorter).await.unwrap().expires_at, EXP - 60);
    }

    #[tokio::test]
    async fn a_token_that_is_not_what_was_asked_for_is_refused() {
        let with = |pointer: &str, value: Value| {
            let mut claims = claims();
            *claims.pointer_mut(pointer).unwrap() = value;
            claims
        };
        for (claims, words) in [
            (
                with("/sub", json!("system:serviceaccount:kube-system:default")),
                "the token is for",
            ),
            (
                with("/kubernetes.io/secret/uid", json!("another")),
                "not bound to the grant",
            ),
            (with("/kubernetes.io", json!({})), "not bound to the grant"),
            (with("/exp", json!(EXP + 31_536_000)), "lives longer"),
            (with("/exp", Value::Null), "names no end"),
            (with("/jti", Value::Null), "has no id"),
        ] {
            let error = issue(claims).await.err().expect(words);
            assert!(error.contains(words), "{error}");
            assert!(!error.contains("e30."), "no token in an error: {error}");
        }
    }
}
