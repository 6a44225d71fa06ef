//! Opens a session's folder for replay: verifies it first, then lays journal and screen on one time
//! line. Writes nothing.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::events::events;
use super::replay::{Recording, SessionEnd, Summary};
use super::screen::Screen;
use crate::audit::{self, Entry, SCREEN_FILE, Shown, VerifyError};
use crate::model::TermSafe;

impl Recording {
    /// Opens the session in `folder`. A damaged one opens as far as it goes and says so.
    pub fn open(folder: &Path) -> Result<Self, VerifyError> {
        let shown = audit::show(folder)?;
        let folder = if folder.is_dir() {
            folder
        } else {
            folder.parent().unwrap_or(folder)
        };
        let (screen, mut damage) = match open_screen(folder) {
            Ok(file) => {
                let screen = Screen::read(file);
                let damage = screen.damage().map(ToString::to_string);
                (screen, damage)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Screen::default(), None),
            Err(error) => (Screen::default(), Some(format!("screen recording: {error}"))),
        };
        if damage.is_none() && !shown.report.screen.is_good() {
            damage = Some(shown.report.screen.words());
        }
        let first_ms = shown.entries.first().map_or(0, |entry| entry.wall_ms);
        let started_ms = screen.started_ms().unwrap_or(first_ms);
        Ok(Self {
            summary: summary(&shown, started_ms, damage),
            events: events(&shown, started_ms),
            screen,
        })
    }
}

fn open_screen(folder: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder.join(SCREEN_FILE), flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other("it is no regular file"))
}

fn summary(shown: &Shown, started_ms: i64, damage: Option<String>) -> Summary {
    let safe = |text: &str| TermSafe::new(text).to_string();
    let first = shown.entries.first();
    let text = |field: &str| safe(first.map_or("", |entry| entry.text(field)));
    Summary {
        session: shown.report.session.clone().unwrap_or_default(),
        started_ms,
        context: safe(
            first
                .and_then(|e| e.record["cluster"]["context"].as_str())
                .unwrap_or_default(),
        ),
        who: safe(&first.map(Entry::who).unwrap_or_default()),
        role: text("role"),
        ticket: text("ticket"),
        reason: text("reason"),
        writes: shown.writes().sent,
        verdict: shown.report.verdict(),
        intact: shown.report.is_intact(),
        damage,
        end: shown.last("ended").map(end),
    }
}

fn end(ended: &Entry) -> SessionEnd {
    let probes = ended.data["probes"].as_array().into_iter().flatten();
    let refused = probes.filter(|probe| probe["status"] == 401);
    SessionEnd {
        why: TermSafe::new(audit::end_in_words(ended.text("reason"))).to_string(),
        wall_ms: ended.wall_ms,
        revocation: TermSafe::new(ended.text("revocation")).to_string(),
        refused_after_ms: refused.filter_map(|probe| probe["afterMs"].as_u64()).max(),
    }
}
