//! Where lines go, small enough to be replaced by one that fails: "no record, no action" is tested
//! with a full disk and a failing fsync. Durable means more than an fsync that returned: the file
//! is still the one at its place, and nobody else has written to it or cut it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustix::fs::{self as rfs, AtFlags, CWD};

/// Takes whole lines. Never retries and never truncates.
pub trait Medium: Send {
    /// Appends all of `line`, or fails; then part of it may be written.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;

    /// Returns when everything appended survives a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// Where a journal lies; set once its folder has its name.
pub(super) type Place = Arc<OnceLock<PathBuf>>;

/// A file opened with `O_APPEND`.
pub(super) struct FileMedium {
    file: File,
    place: Place,
    length: u64,
}

impl FileMedium {
    /// A file that holds what it holds now, and nothing more but what is appended here.
    pub(super) fn new(file: File, place: Place) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, place, length })
    }
}

impl Medium for FileMedium {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all(line)?;
        self.length += line.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        is_whole(&self.file, self.length, self.place.get().map(PathBuf::as_path))
    }
}

/// A descriptor stays good when its file has lost its name: what is written then is in no journal
/// that anybody will find. Two system calls beside an fsync cost nothing.
fn is_whole(file: impl AsFd, length: u64, place: Option<&Path>) -> io::Result<()> {
    let held = rfs::fstat(file)?;
    if u64::try_from(held.st_size) != Ok(length) {
        return Err(lost("somebody else has changed its length"));
    }
    if held.st_nlink == 0 {
        return Err(lost("it was deleted while the session ran"));
    }
    let Some(place) = place else { return Ok(()) };
    // A link in its place is not it: never followed.
    let there = rfs::statat(CWD, place, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|errno| lost(&format!("it is no longer at its place ({errno})")))?;
    if (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino) {
        Ok(())
    } else {
        Err(lost("another file is in its place"))
    }
}

fn lost(why: &str) -> io::Error {
    io::Error::other(format!("the journal is not what it was: {why}"))
}
