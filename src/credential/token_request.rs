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
