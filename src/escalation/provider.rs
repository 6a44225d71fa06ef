//! How an ephemeral credential is obtained. The trait is here, its implementations are in
//! `credential`: the gate must not know them, and they must not reach anything but the one request
//! that they are handed a door for.

use async_trait::async_trait;
use secrecy::SecretString;

use super::GateError;

/// What a provider may know of the grant.
#[derive(Clone, Debug)]
pub struct GrantRef {
    /// The ServiceAccount.
    pub namespace: String,
    pub account: String,
    /// The Secret whose existence is the consent.
    pub secret: String,
    pub uid: String,
    pub audience: String,
    /// Seconds until the grant's deadline, rounded down.
    pub left_seconds: u32,
}

/// An ephemeral credential. The token leaves memory zeroed; nothing prints it.
pub struct Credential {
    pub token: SecretString,
    /// User name that the server must report.
    pub user: String,
    /// `JTI=...` as the server must report it.
    pub id: String,
    /// Epoch seconds: the earlier of what the server said and what the token itself says.
    pub expires_at: u64,
}

/// The one petition that a provider can make. Implemented by the gate, which records it.
#[async_trait]
pub trait MintDoor: Send + Sync {
    /// `POST .../serviceaccounts/ACCOUNT/token`
    async fn mint(&self, grant: &GrantRef, body: serde_json::Value) -> Result<serde_json::Value, GateError>;
}

#[async_trait]
pub trait CredentialProvider: Send + Sync + 'static {
    /// As the policy and the records name it.
    fn name(&self) -> &'static str;

    async fn issue(&self, door: &dyn MintDoor, grant: &GrantRef) -> Result<Credential, GateError>;
}
