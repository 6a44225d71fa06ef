//! Is the screen recording beside the journal the one that the journal vouches for?

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use sha2::{Digest, Sha256};

use super::walk::Walk;
use crate::audit::folder::SCREEN_FILE;
use crate::audit::hash;
use crate::audit::screen_head::ScreenMark;

/// The recording, compared with the journal's last word on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenState {
    /// There is none, and the journal knows of none.
    None,
    /// As the journal says; `beyond` bytes came after the last checkpoint of an unclosed journal.
    Matches { beyond: u64 },
    /// The journal vouches for a recording that is not there.
    Lost,
    /// A recording lies there that the journal does not vouch for.
    Unvouched,
    /// It ends before what the journal has seen of it.
    Shorter { length: u64, expected: u64 },
    /// All that the journal has seen is there; after it comes a piece of one line, as a full disk or a
    /// crash leaves it.
    Torn { beyond: u64 },
    /// It has other bytes than the journal has seen.
    Changed,
}

impl ScreenState {
    pub fn is_good(self) -> bool {
        matches!(self, Self::None | Self::Matches { .. })
    }

    pub fn words(self) -> String {
        match self {
            Self::None => "no screen recording".into(),
            Self::Matches { beyond: 0 } => "screen recording as the journal says".into(),
            Self::Matches { beyond } => {
                format!("screen recording as the journal says, and {beyond} bytes that nothing vouches for")
            }
            Self::Lost => "screen recording lost: the journal vouches for one".into(),
            Self::Unvouched => "screen recording not vouched for by the journal".into(),
            Self::Shorter { length, expected } => {
                format!("screen recording cut: {length} of at least {expected} bytes are left")
            }
            Self::Torn { beyond } => {
                format!(
                    "screen recording torn: as the journal says, and {beyond} bytes of a line that was not finished"
                )
            }
            Self::Changed => "screen recording changed: its bytes are not those the journal has seen".into(),
        }
    }
}

pub(super) fn compare(journal: &Path, walk: &Walk) -> io::Result<ScreenState> {
    let path = journal.with_file_name(SCREEN_FILE);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, Mode::empty()).map(File::from);
    let (mut file, last) = match (file, walk.screens.last()) {
        (Err(_), Some(last)) if last.length > 0 => return Ok(ScreenState::Lost),
        // Nothing was ever recorded: there was no screen (`kglass approve`), or no recorder came.
        (Err(_), _) => return Ok(ScreenState::None),
        (Ok(_), None) if walk.closed => return Ok(ScreenState::Unvouched),
        // Before the first checkpoint there is nothing to compare with.
        (Ok(file), None) => {
            let beyond = file.metadata()?.len();
            return Ok(ScreenState::Matches { beyond });
        }
        (Ok(file), Some(last)) => (file, last),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(ScreenState::Changed);
    }
    // Every mark, not the last alone: a recovery vouches for what it finds, which must not hide
    // what the session itself had seen.
    let expected = walk.screens.iter().map(|mark| mark.length).max().unwrap_or_default();
    let length = metadata.len();
    if length < expected {
        return Ok(ScreenState::Shorter { length, expected });
    }
    if !all_match(&mut file, &walk.screens)? {
        return Ok(ScreenState::Changed);
    }
    let beyond = length - expected;
    if !walk.closed || length <= last.length {
        return Ok(ScreenState::Matches { beyond });
    }
    if is_one_piece(&mut file, beyond)? {
        return Ok(ScreenState::Torn { beyond });
    }
    Ok(ScreenState::Changed)
}

/// Longer than any line of a recording's own events is no torn line.
const LONGEST_PIECE: u64 = 1024 * 1024;

/// Whether the rest of the file is the beginning of one line.
fn is_one_piece(file: &mut File, beyond: u64) -> io::Result<bool> {
    if beyond > LONGEST_PIECE {
        return Ok(false);
    }
    let mut rest = Vec::new();
    file.take(LONGEST_PIECE).read_to_end(&mut rest)?;
    Ok(rest.starts_with(b"[") && !rest.contains(&b'\n'))
}

fn all_match(file: &mut File, marks: &[ScreenMark]) -> io::Result<bool> {
    let mut marks: Vec<&ScreenMark> = marks.iter().collect();
    marks.sort_by_key(|mark| mark.length);
    let mut hasher = Sha256::new();
    let mut hashed = 0;
    for mark in marks {
        hash_next(file, &mut hasher, mark.length - hashed)?;
        hashed = mark.length;
        if hash::hex(&hasher.clone().finalize()) != mark.sha256 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hash_next(file: &mut File, hasher: &mut Sha256, length: u64) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut input = file.take(length);
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(()),
            n => hasher.update(&buffer[..n]),
        }
    }
}
