//! Proof by type that an intent is durable: the gate needs a `Receipt` to send, and gives it away
//! with the sending.

use super::hash::{Hash, audit_id};

/// The intent record of one request is on disk. Made only by the journal; not Clone, so that one
/// receipt sends one request.
#[derive(Debug)]
#[must_use = "an intent without a request leaves an outcome that nobody knows"]
pub struct Receipt {
    seq: u64,
    hash: Hash,
}

impl Receipt {
    pub(super) fn new(seq: u64, hash: Hash) -> Self {
        Self { seq, hash }
    }

    /// The id that the request must carry.
    pub fn audit_id(&self) -> String {
        audit_id(&self.hash)
    }

    /// Number of the intent record.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// To be called by what sends the request, at the moment of sending.
    pub fn spend(self) -> Sent {
        Sent {
            seq: self.seq,
            hash: self.hash,
        }
    }
}

/// A request was sent; its outcome must be recorded once.
#[derive(Debug)]
#[must_use = "the outcome of a sent request must be recorded"]
pub struct Sent {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

impl Sent {
    pub fn audit_id(&self) -> String {
        audit_id(&self.hash)
    }
}
