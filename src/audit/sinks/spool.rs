//! The spool is the journal itself: the next records behind a cursor, read from the file. There is
//! no second copy that could differ. Reads only.

use std::io::{self, SeekFrom};
use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::cursor::Cursor;
use super::line::Line;
use crate::audit::folder::JOURNAL_FILE;
use crate::audit::writer::MAX_LINE;

/// How much one batch may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub records: usize,
    pub bytes: usize,
}

/// Why a session cannot be shipped on; the others can.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("its journal cannot be read: {0}")]
    Read(#[from] io::Error),
    /// What the sink has is not what stands here any more.
    #[error("its journal was changed below record {0}, which the sink has; compare it with `kglass audit verify`")]
    Changed(u64),
    #[error("what follows record {0} is no record; look at it with `kglass audit verify`")]
    NoRecord(u64),
}

/// The next records behind `cursor`, up to the byte `until` (none: to the end of the file). Empty if
/// there are none that are whole.
pub async fn next(folder: &Path, cursor: &Cursor, until: Option<u64>, limit: Limit) -> Result<Vec<Line>, SpoolError> {
    let mut file = File::open(folder.join(JOURNAL_FILE)).await?;
    let length = file.metadata().await?.len();
    if length < cursor.offset {
        return Err(SpoolError::Changed(cursor.seq));
    }
    let until = until.unwrap_or(length).min(length);
    file.seek(SeekFrom::Start(cursor.offset)).await?;
    // One record more than the limit may always be read, or the longest would never be.
    let room = (limit.bytes + MAX_LINE) as u64;
    let mut bytes = Vec::new();
    let span = until.saturating_sub(cursor.offset).min(room);
    file.take(span).read_to_end(&mut bytes).await?;
    take_lines(&bytes, cursor, limit)
}

fn take_lines(bytes: &[u8], cursor: &Cursor, limit: Limit) -> Result<Vec<Line>, SpoolError> {
    let mut lines: Vec<Line> = Vec::new();
    let mut offset = cursor.offset;
    let mut taken = 0;
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        let full = lines.len() >= limit.records || taken + piece.len() > limit.bytes;
        if full && !lines.is_empty() {
            break;
        }
        offset += piece.len() as u64;
        // A torn line stays where it is: recovery sets it apart, and the sink gets what follows.
        let Some(whole) = piece.strip_suffix(b"\n") else {
            break;
        };
        let text = std::str::from_utf8(whole).ok();
        let Some(line) = text.and_then(|text| Line::parse(text, Some(offset))) else {
            if lines.is_empty() {
                return Err(SpoolError::NoRecord(cursor.seq));
            }
            break;
        };
        if lines.is_empty() && !follows(cursor, &line) {
            return Err(SpoolError::Changed(cursor.seq));
        }
        taken += piece.len();
        lines.push(line);
    }
    Ok(lines)
}

fn follows(cursor: &Cursor, line: &Line) -> bool {
    cursor.seq == 0 || line.prev == cursor.hash
}

/// Records behind `cursor`, counted. Blocking; for those who only look.
pub fn count_owed(folder: &Path, cursor: &Cursor) -> io::Result<u64> {
    use std::io::{Read, Seek};
    let mut file = std::fs::File::open(folder.join(JOURNAL_FILE))?;
    file.seek(SeekFrom::Start(cursor.offset))?;
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(count);
        }
        count += buffer[..n].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUCH: Limit = Limit {
        records: 100,
        bytes: 100_000,
    };

    fn record(seq: u64) -> String {
        format!(
            r#"{{"session":"s","seq":{seq},"hash":"h{seq}","prev":"h{}","kind":"intent","ts":"t"}}"#,
            seq - 1
        ) + "\n"
    }

    fn folder(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(JOURNAL_FILE), text).unwrap();
        folder
    }

    fn seqs(lines: &[Line]) -> Vec<u64> {
        lines.iter().map(|line| line.seq).collect()
    }

    #[tokio::test]
    async fn what_follows_the_cursor_comes_in_order_and_within_the_limit() {
        let text: String = (1..=5).map(record).collect();
        let folder = folder(&text);
        let mut cursor = Cursor::start("siem", "a");
        let two = Limit { records: 2, ..MUCH };
        let first = next(folder.path(), &cursor, None, two).await.unwrap();
        assert_eq!(seqs(&first), [1, 2]);
        cursor.pass(&first[1]);
        assert_eq!(
            seqs(&next(folder.path(), &cursor, None, MUCH).await.unwrap()),
            [3, 4, 5]
        );
        assert_eq!(count_owed(folder.path(), &cursor).unwrap(), 3);
    }

    #[tokio::test]
    async fn a_record_longer_than_the_limit_comes_alone() {
        let folder = folder(&(record(1) + &record(2)));
        let tiny = Limit { records: 10, bytes: 1 };
        let lines = next(folder.path(), &Cursor::start("siem", "a"), None, tiny)
            .await
            .unwrap();
        assert_eq!(seqs(&lines), [1]);
    }

    #[tokio::test]
    async fn what_is_not_durable_yet_and_what_is_torn_is_not_sent() {
        let one = record(1);
        let folder = folder(&(one.clone() + &record(2) + "{\"seq\":3"));
        let cursor = Cursor::start("siem", "a");
        let durable = next(folder.path(), &cursor, Some(one.len() as u64), MUCH)
            .await
            .unwrap();
        assert_eq!(seqs(&durable), [1]);
        assert_eq!(seqs(&next(folder.path(), &cursor, None, MUCH).await.unwrap()), [1, 2]);
    }

    #[tokio::test]
    async fn a_line_that_is_no_record_is_told_after_what_stands_before_it() {
        let folder = folder(&(record(1) + "{\"seq\":2}\n" + &record(3)));
        let mut cursor = Cursor::start("siem", "a");
        let before = next(folder.path(), &cursor, None, MUCH).await.unwrap();
        assert_eq!(seqs(&before), [1]);
        cursor.pass(&before[0]);
        let then = next(folder.path(), &cursor, None, MUCH).await;
        assert!(matches!(then, Err(SpoolError::NoRecord(1))), "{then:?}");
    }

    #[tokio::test]
    async fn a_journal_that_was_changed_below_the_cursor_is_told() {
        let folder = folder(&(record(1) + &record(3)));
        let mut cursor = Cursor::start("siem", "a");
        cursor.pass(
            &next(folder.path(), &cursor, None, Limit { records: 1, ..MUCH })
                .await
                .unwrap()[0],
        );
        let changed = next(folder.path(), &cursor, None, MUCH).await;
        assert!(matches!(changed, Err(SpoolError::Changed(1))), "{changed:?}");
        cursor.offset = 1_000_000;
        assert!(matches!(
            next(folder.path(), &cursor, None, MUCH).await,
            Err(SpoolError::Changed(1))
        ));
    }
}
