//! Goes on for a session whose process died: what is torn is kept apart, never silently cut, and
//! the journal is closed under a new key that it announces. A journal that a hand has changed is
//! left as it is: its evidence must not be overwritten by ours.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::OFlags;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::folder::{JOURNAL_FILE, SCREEN_FILE};
use super::hash;
use super::journal::{Journal, JournalError};
use super::key::SessionKey;
use super::medium::{FileMedium, Place};
use super::record::{Mode, Origin, spell_key};
use super::screen_head::ScreenHead;
use super::show::{Shown, show};
use super::verify::Fault;
use super::writer::{Start, Writer};

/// What became of a session's folder at a later start.
#[derive(Debug)]
pub enum Recovery {
    /// Its process lives: the journal is locked.
    Alive,
    /// It was closed by itself.
    Closed,
    /// It was dead. The journal goes on under a new key; whoever asked ends the grant, records that
    /// and closes.
    Reopened { journal: Journal, was: Box<Shown> },
    /// It is not as a crash leaves it; nothing was written.
    LeftAlone { verdict: String },
}

/// Looks at one session's folder and reopens it if its process died.
pub fn recover(folder: &Path, origin: &Origin) -> Result<Recovery, JournalError> {
    let failed = |cause: String| JournalError {
        place: folder.display().to_string(),
        cause,
        cure: "look at it with `kglass audit verify`; the folder is left as it is".into(),
    };
    let Some(mut file) = lock(&folder.join(JOURNAL_FILE)).map_err(|e| failed(e.to_string()))? else {
        return Ok(Recovery::Alive);
    };
    let was = show(folder).map_err(|e| failed(e.to_string()))?;
    let report = &was.report;
    if report.closed && report.fault().is_none_or(Fault::is_crash) {
        return Ok(Recovery::Closed);
    }
    if report.closed || !report.key_known || report.findings.iter().any(|finding| !finding.fault.is_crash()) {
        return Ok(Recovery::LeftAlone {
            verdict: report.verdict(),
        });
    }
    let torn = set_torn_apart(folder, &mut file, report.good_bytes).map_err(|e| failed(e.to_string()))?;
    reopen(folder, file, origin, was, torn)
}

/// Does the process of the session in `folder` live? Its journal is locked as long as it does.
pub fn is_running(folder: &Path) -> bool {
    matches!(lock(&folder.join(JOURNAL_FILE)), Ok(None))
}

/// Opened for appending and locked; None if its process lives.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Moves what follows the last good record to a file of its own, durable before it is cut off.
fn set_torn_apart(folder: &Path, journal: &mut File, good: u64) -> io::Result<Value> {
    let mut torn = Vec::new();
    journal.seek(SeekFrom::Start(good))?;
    journal.read_to_end(&mut torn)?;
    if torn.is_empty() {
        return Ok(Value::Null);
    }
    let (path, mut side) = side_file(folder)?;
    side.write_all(&torn)?;
    side.sync_all()?;
    File::open(folder)?.sync_all()?;
    journal.set_len(good)?;
    journal.sync_all()?;
    Ok(json!({
        "file": path.file_name().map(|name| name.to_string_lossy()),
        "bytes": torn.len(),
        "sha256": hash::hex(&Sha256::digest(&torn)),
    }))
}

fn side_file(folder: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        let path = folder.join(format!("torn-{number}.bin"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        match file {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            file => return Ok((path, file?)),
        }
    }
}

fn reopen(folder: &Path, file: File, origin: &Origin, was: Shown, torn: Value) -> Result<Recovery, JournalError> {
    let failed = |cause: String, cure: &str| JournalError {
        place: folder.display().to_string(),
        cause,
        cure: cure.into(),
    };
    let key = SessionKey::generate().map_err(|e| failed(e.to_string(), "the system gives no randomness"))?;
    let public = key.public();
    let mut counts = BTreeMap::new();
    for entry in &was.entries {
        *counts.entry(entry.kind.clone()).or_default() += 1;
    }
    let report = &was.report;
    let start = Start {
        session: report.session.clone().unwrap_or_default(),
        next_seq: report.records + 1,
        head: report.head.as_deref().and_then(hash::parse_hex).unwrap_or_default(),
        mode: Mode::Normal,
        length: report.good_bytes,
        counts,
    };
    let session = start.session.clone();
    let path = folder.join(JOURNAL_FILE);
    let disk = "make room on the disk and start again";
    let place = Place::from(OnceLock::from(path.clone()));
    let medium = FileMedium::new(file, place).map_err(|e| failed(e.to_string(), disk))?;
    let mut writer = Writer::new(path, Box::new(medium), key, origin, start);
    writer.screen = ScreenHead::of_file(&folder.join(SCREEN_FILE));
    let data = json!({
        "why": "its journal was neither closed nor locked: its process died, or could not write",
        "found": report.verdict(),
        "lastGoodRecord": report.records,
        "lastGoodByte": report.good_bytes,
        "unknownOutcomes": report.unknown,
        "torn": torn,
        "screen": report.screen.words(),
    });
    writer.recovered(data).map_err(|e| failed(e.to_string(), disk))?;
    let journal = Journal::serve(session, spell_key(&public), folder.to_owned(), writer)
        .map_err(|e| failed(e.to_string(), "free some memory"))?;
    Ok(Recovery::Reopened {
        journal,
        was: Box::new(was),
    })
}
