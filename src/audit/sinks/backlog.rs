//! What earlier sessions still owe a sink: sealed, recovered and dead ones alike. Only one program
//! at a time ships them, and none whose own program lives.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::config::SinkConfig;
use super::cursor::Cursor;
use super::spool;
use crate::audit::folder::{JOURNAL_FILE, SESSIONS_FOLDER};
use crate::audit::hash;
use crate::audit::recover::is_running;

const LOCKS_FOLDER: &str = "sinks";

pub(super) struct Backlog {
    state_dir: PathBuf,
    sink: String,
    place: String,
    folders: VecDeque<(PathBuf, u64)>,
    /// Held for as long as something is shipped.
    lock: Option<File>,
}

impl Backlog {
    pub(super) fn new(state_dir: &Path, config: &SinkConfig) -> Self {
        Self {
            state_dir: state_dir.into(),
            sink: config.name.clone(),
            place: config.place(),
            folders: VecDeque::new(),
            lock: None,
        }
    }

    /// Looks at every session on this machine but `ours`, which are shipped while they are written.
    pub(super) async fn scan(&mut self, ours: &[String]) {
        self.folders.clear();
        // Without it another kglass is at it, and what is owed is only counted.
        if let Err(error) = self.take_lock() {
            tracing::warn!(%error, "earlier sessions are not shipped: the state directory must be writable");
        }
        for folder in self.sessions(ours) {
            let cursor = Cursor::load(&folder, &self.sink, &self.place).await;
            let length = std::fs::metadata(folder.join(JOURNAL_FILE)).map_or(0, |meta| meta.len());
            if length != cursor.offset && !is_running(&folder) {
                let owed = spool::count_owed(&folder, &cursor).unwrap_or_default();
                self.folders.push_back((folder, owed));
            }
        }
        if self.folders.is_empty() {
            self.lock = None;
        }
    }

    fn sessions(&self, ours: &[String]) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.state_dir.join(SESSIONS_FOLDER));
        let mut folders: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                hash::is_session_hash(&name) && !ours.contains(&name)
            })
            .map(|entry| entry.path())
            .collect();
        folders.sort();
        folders
    }

    fn take_lock(&mut self) -> io::Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        let folder = self.state_dir.join(LOCKS_FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(folder.join(format!("{}.lock", self.sink)))?;
        self.lock = file.try_lock().is_ok().then_some(file);
        Ok(())
    }

    /// The session to go on with.
    pub(super) fn first(&self) -> Option<PathBuf> {
        let (folder, _) = self.folders.front().filter(|_| self.lock.is_some())?;
        Some(folder.clone())
    }

    /// So many records of it were shipped.
    pub(super) fn shipped(&mut self, records: u64) {
        if let Some((_, owed)) = self.folders.front_mut() {
            *owed = owed.saturating_sub(records);
        }
    }

    /// It has nothing more that can be shipped.
    pub(super) fn done(&mut self) {
        self.folders.pop_front();
        if self.folders.is_empty() {
            self.lock = None;
        }
    }

    pub(super) fn owed(&self) -> u64 {
        self.folders.iter().map(|(_, owed)| owed).sum()
    }
}
