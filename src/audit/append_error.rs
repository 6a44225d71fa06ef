//! A record that did not become durable: why, and the record itself, so that it is not lost.

use std::io;
use std::path::PathBuf;

use super::canon::NotCanonical;
use super::record::Appended;

/// Why a record is not in the journal.
#[derive(Debug, thiserror::Error)]
pub enum AppendFault {
    #[error("cannot be written: {0}")]
    Write(io::Error),
    #[error("was written but is not durable: {0}")]
    Sync(io::Error),
    #[error("is not written, because an earlier record failed")]
    Broken,
    #[error("comes after the end: the journal is closed")]
    Closed,
    #[error("cannot be spelt: {0}")]
    NotCanonical(#[from] NotCanonical),
    #[error("is {0} bytes long, more than a record may be")]
    TooLong(usize),
    #[error("has no room: the journal is as long as one may be")]
    Full,
    #[error("got no answer: the journal's thread is gone")]
    WriterGone,
}

/// A record that is not durable. If it could be made at all it is in here, signed and chained, so
/// that it is kept in memory and can still go to a sink.
#[derive(Debug, thiserror::Error)]
#[error("journal {}: the record `{kind}` {fault}; {}", path.display(), self.cure())]
pub struct AppendError {
    pub path: PathBuf,
    pub kind: &'static str,
    pub fault: AppendFault,
    pub record: Option<Box<Appended>>,
}

impl AppendError {
    pub(super) fn writer_gone() -> Self {
        Self {
            path: PathBuf::new(),
            kind: "?",
            fault: AppendFault::WriterGone,
            record: None,
        }
    }

    fn cure(&self) -> &'static str {
        match self.fault {
            AppendFault::Write(_) | AppendFault::Sync(_) | AppendFault::Broken => {
                "nothing more is sent; make room or repair the disk, then ask again for a new session"
            }
            AppendFault::Closed | AppendFault::Full => "ask again for a new session",
            AppendFault::NotCanonical(_) | AppendFault::TooLong(_) => "nothing was sent; this is a fault of kglass",
            AppendFault::WriterGone => "nothing more is sent; ask again for a new session",
        }
    }
}
