//! Where lines go, small enough to be replaced by one that fails: "no record, no action" is tested
//! with a full disk and a failing fsync.

use std::fs::File;
use std::io::{self, Write};

/// Takes whole lines. Never retries and never truncates.
pub trait Medium: Send {
    /// Appends all of `line`, or fails; then part of it may be written.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;

    /// Returns when everything appended survives a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file opened with `O_APPEND`.
pub(super) struct FileMedium(pub(super) File);

impl Medium for FileMedium {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.write_all(line)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
