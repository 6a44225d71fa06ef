//! How far a sink has acknowledged a session: one small file beside the journal, replaced whole.
//! Never ahead of what was confirmed; if it is lost, the session is sent again from its start.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::line::Line;
use crate::audit::{clock, rfc3339};

const PREFIX: &str = "sent-";
const SUFFIX: &str = ".json";

/// The last acknowledged record, and where the next one begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    pub sink: String,
    pub place: String,
    /// 0: nothing yet.
    pub seq: u64,
    /// Hex; empty before the first.
    pub hash: String,
    /// In the journal, in bytes.
    pub offset: u64,
    /// When it was acknowledged.
    pub at: String,
}

impl Cursor {
    pub fn start(sink: &str, place: &str) -> Self {
        Self {
            sink: sink.into(),
            place: place.into(),
            ..Self::default()
        }
    }

    /// The cursor of `sink` in this session's folder. One of another place, or one that cannot be
    /// read, says nothing about what this place has.
    pub async fn load(folder: &Path, sink: &str, place: &str) -> Self {
        let read = fs::read(path_of(folder, sink)).await.ok();
        let held = read.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        held.filter(|cursor| cursor.place == place && cursor.sink == sink)
            .unwrap_or_else(|| Self::start(sink, place))
    }

    /// Everything up to `line` is acknowledged.
    pub fn pass(&mut self, line: &Line) {
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
        self.offset = line.end.unwrap_or(self.offset);
        self.at = rfc3339(clock::wall_ms());
    }

    /// Durable when it returns.
    pub async fn store(&self, folder: &Path) -> io::Result<()> {
        let path = path_of(folder, &self.sink);
        let draft = folder.join(format!(".{PREFIX}{}.{}", self.sink, std::process::id()));
        let text = serde_json::to_string(self).map_err(io::Error::other)? + "\n";
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&draft).await?;
        file.write_all(text.as_bytes()).await?;
        file.sync_all().await?;
        drop(file);
        // The folder itself is not synced: an older cursor after a power cut means records sent
        // twice, which every receiver must bear anyhow.
        fs::rename(&draft, &path).await
    }
}

fn path_of(folder: &Path, sink: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{sink}{SUFFIX}"))
}

/// All cursors of a session, for those who only look. Blocking.
pub fn cursors_in(folder: &Path) -> Vec<Cursor> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Cursor> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(PREFIX) && name.ends_with(SUFFIX)
        })
        .filter_map(|entry| serde_json::from_slice(&std::fs::read(entry.path()).ok()?).ok())
        .collect();
    found.sort_by(|a, b| a.sink.cmp(&b.sink));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u64, end: u64) -> Line {
        let text = format!(
            r#"{{"session":"s","seq":{seq},"hash":"h{seq}","prev":"p","kind":"intent","ts":"2026-01-01T00:00:00.000Z"}}"#
        );
        Line::parse(&text, Some(end)).expect("a record")
    }

    #[tokio::test]
    async fn what_was_stored_is_loaded_for_the_same_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut cursor = Cursor::load(folder.path(), "siem", "a:1").await;
        assert_eq!(cursor, Cursor::start("siem", "a:1"));
        cursor.pass(&line(7, 4711));
        cursor.store(folder.path()).await.unwrap();
        assert_eq!(Cursor::load(folder.path(), "siem", "a:1").await, cursor);
        assert_eq!(Cursor::load(folder.path(), "siem", "b:1").await.offset, 0);
        assert_eq!(cursors_in(folder.path()), [cursor]);
    }

    #[tokio::test]
    async fn a_torn_cursor_means_the_start() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sent-siem.json"), "{\"sink\":\"siem\",\"pl").unwrap();
        assert_eq!(Cursor::load(folder.path(), "siem", "a:1").await.seq, 0);
    }
}
