//! What is wrong with a policy, all of it at once. Never stops at the first mistake.

/// One mistake: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {cause}; {cure}")]
pub struct PolicyError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub cause: String,
    pub cure: String,
}
