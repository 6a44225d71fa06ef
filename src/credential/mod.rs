//! Ephemeral credentials, one file per provider. Each is handed a door for the one petition it
//! needs; none can reach the cluster by itself.

mod token_request;

pub use token_request::TokenRequest;
