//! From kubeconfig files to an [`Endpoint`](super::Endpoint), by kubectl's rules. Never writes a
//! kubeconfig, never prompts, and no error or Debug of this folder holds a secret.

mod certificate;
mod context;
mod credential;
mod endpoint;
mod exec;
mod files;
mod server_path;
mod token_file;
mod trouble;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

pub use files::{ContextPlace, Kubeconfigs};
pub(super) use trouble::{Trouble, trouble};
