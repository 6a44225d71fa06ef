//! Says of a journal whether it is as it was written, and if not, what is wrong and where. Reads
//! only; needs nothing but the file, and trusts nothing in it that it has not checked.

mod line;
mod lines;
mod report;
mod screen;
mod walk;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

pub use report::{Fault, Finding, Place, Report};
pub use screen::ScreenState;

pub use line::Flaw;
pub(super) use lines::{Line, read_lines};

use walk::Walk;

use super::folder::JOURNAL_FILE;
use super::hash::{self, Hash};

/// The journal could not be looked at: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("journal {place}: {cause}; {cure}")]
pub struct VerifyError {
    pub place: String,
    pub cause: String,
    pub cure: String,
}

/// What is known of a journal from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// The session's name, e.g. from the request on the server. Without it the folder's name counts.
    pub session: Option<String>,
    /// Number and hash of a record that somebody else has seen.
    pub anchor: Option<(u64, Hash)>,
}

/// Verifies the journal at `path`: a session's folder, or the file itself.
pub fn verify(path: &Path) -> Result<Report, VerifyError> {
    verify_against(path, &Expectation::default())
}

/// The same, with what is known from elsewhere.
pub fn verify_against(path: &Path, expected: &Expectation) -> Result<Report, VerifyError> {
    let (journal, file) = open_journal(path)?;
    let lines = read_lines(file, |_, _| {}).map_err(|e| unreadable(&journal, &e))?;
    judge(&journal, &lines, expected)
}

pub(super) fn judge(journal: &Path, lines: &[Line], expected: &Expectation) -> Result<Report, VerifyError> {
    let mut expected = expected.clone();
    if expected.session.is_none() {
        expected.session = named_by_folder(journal);
    }
    let walk = Walk::over(lines, &expected);
    let screen = screen::compare(journal, &walk).map_err(|e| unreadable(journal, &e))?;
    let compared = expected.session.is_some();
    Ok(Report::new(journal, lines, walk, screen, compared))
}

/// The folder's name is the session's, so it commits to the key.
fn named_by_folder(journal: &Path) -> Option<String> {
    // Its true name, also for `verify .` and through links.
    let journal = journal.canonicalize().ok()?;
    let name = journal.parent()?.file_name()?.to_str()?;
    hash::is_session_hash(name).then(|| name.to_owned())
}

/// Opens only what can be a journal: a regular file, not a symbolic link, a pipe or a device.
pub(super) fn open_journal(path: &Path) -> Result<(PathBuf, File), VerifyError> {
    let journal = if path.is_dir() {
        path.join(JOURNAL_FILE)
    } else {
        path.to_owned()
    };
    // NONBLOCK: opening a pipe must not wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(&journal, flags, Mode::empty())
        .map(File::from)
        .map_err(|errno| unreadable(&journal, &errno.into()))?;
    let kind = file.metadata().map_err(|e| unreadable(&journal, &e))?;
    if kind.is_file() {
        return Ok((journal, file));
    }
    Err(VerifyError {
        place: journal.display().to_string(),
        cause: "is no regular file".into(),
        cure: "name a session's folder or its journal.jsonl".into(),
    })
}

pub(super) fn unreadable(journal: &Path, error: &io::Error) -> VerifyError {
    VerifyError {
        place: journal.display().to_string(),
        cause: error.to_string(),
        cure: "name a session's folder or its journal.jsonl that you may read (no symbolic link)".into(),
    }
}
