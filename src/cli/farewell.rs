//! What is said when the screen is gone: what is left, what sinks lack, and how a session of this run is
//! seen again. Reads journals only; must not keep the program from leaving.

use super::answer::{bid_farewell, complain};
use crate::config::Paths;
use crate::review::{self, SessionSummary};
use crate::runtime::Parting;

/// `what` is the first line: what was recorded. Nothing is said of a run in which no glass was broken.
pub fn part(parting: &Parting, paths: &Paths, what: &str) -> anyhow::Result<()> {
    for text in &parting.left {
        complain(text)?;
    }
    for status in &parting.unsent {
        complain(&format!(
            "{} records are not yet acknowledged by {}; they are kept in {} and sent by the next start, or by kglass audit ship",
            status.behind + status.owed,
            status.name,
            paths.sessions().display()
        ))?;
    }
    match parting.broken.as_slice() {
        [] => Ok(()),
        broken => bid_farewell(&recorded(broken, paths, what)),
    }
}

fn recorded(broken: &[String], paths: &Paths, what: &str) -> String {
    let program = called();
    let folders = broken.iter().map(|session| paths.sessions().join(session));
    let sessions: Vec<SessionSummary> = folders.map(|folder| review::summary(&folder)).collect();
    let each = |command: &str| -> Vec<String> {
        let line = |session: &SessionSummary| {
            let name = session.session.get(..6).unwrap_or(&session.session);
            format!("  {program} {command} {name}  # {}", about(session))
        };
        sessions.iter().map(line).collect()
    };
    let mut lines = vec![format!("{what} See it again:")];
    lines.extend(each("replay"));
    lines.push("Check that nobody changed the record:".to_owned());
    lines.extend(each("audit verify"));
    lines.join("\n")
}

/// `22:15 UTC, namespace-operator in shop, 3 writes`: behind a `#`, so that the line can be pasted.
fn about(session: &SessionSummary) -> String {
    let started = session
        .started_ms
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let started = started.map_or_else(String::new, |at| at.strftime("%H:%M UTC, ").to_string());
    let writes = match session.writes {
        1 => "1 write".to_owned(),
        n => format!("{n} writes"),
    };
    format!("{started}{}, {writes}", session.role)
}

/// How this program was called, so that the lines can be pasted.
pub fn called() -> String {
    std::env::args().next().unwrap_or_else(|| "kglass".to_owned())
}
