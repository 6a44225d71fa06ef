//! `kglass audit verify|show|ship`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;

use super::answer::{Answer, print};
use super::args::{Audit, Global};
use super::layers;
use crate::audit::sinks::{Health, Outbox, SinkStatus};
use crate::escalation::parse_duration;

pub fn run(command: Audit) -> anyhow::Result<Answer> {
    match command {
        Audit::Verify { path, json } => {
            let report = crate::audit::verify(&journal(&path)?)?;
            print(&if json { report.json().to_string() } else { report.text() })?;
            Ok(Answer::good_if(report.is_intact()))
        }
        Audit::Show { path, json } => {
            let shown = crate::audit::show(&journal(&path)?)?;
            print(&if json { shown.json().to_string() } else { shown.text() })?;
            Ok(Answer::Good)
        }
        Audit::Ship { within, json, rules } => ship(&rules.into(), &within, json),
    }
}

/// Sends what earlier sessions owe; live ones are shipped by their own program.
fn ship(global: &Global, within: &str, json: bool) -> anyhow::Result<Answer> {
    let Some(seconds) = parse_duration(within) else {
        bail!("`{within}` is no duration; write e.g. 30s or 5m");
    };
    let paths = layers::paths(global)?;
    let _diagnostics = crate::runtime::start_diagnostics(&paths.state)?;
    let remote = layers::policy(global, &paths)?.remote;
    if remote.sinks.is_empty() {
        bail!("the policy names no sink, so there is nothing to send to; write a table [[sinks]]");
    }
    let outbox = Outbox::new(paths.state, &remote.sinks, remote.bound);
    let left = super::wait(async {
        tokio::select! {
            left = outbox.drained(Duration::from_secs(seconds.into())) => left,
            () = outbox.run() => Vec::new(),
        }
    })?;
    let has_all = |status: &SinkStatus| status.owed == 0 && status.health == Health::Ok && status.faults.is_empty();
    let nothing = left.iter().all(has_all);
    print(&if json { shipped_json(&left) } else { shipped_text(&left) })?;
    Ok(Answer::good_if(nothing))
}

fn shipped_text(left: &[SinkStatus]) -> String {
    let line = |status: &SinkStatus| {
        let why = match &status.health {
            Health::Down { cause, .. } => format!(": {cause}"),
            Health::Untried | Health::Ok => String::new(),
        };
        let lacks = match status.owed {
            0 if !status.faults.is_empty() => "has everything else".to_owned(),
            0 if why.is_empty() => "has everything".to_owned(),
            0 => "could not be reached".to_owned(),
            owed => format!("lacks {owed} records"),
        };
        let faults = status.faults.iter().map(|fault| format!("\n  {fault}"));
        format!("{} {lacks}{why}{}", status.name, faults.collect::<String>())
    };
    left.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shipped_json(left: &[SinkStatus]) -> String {
    let each = left.iter().map(|status| {
        let cause = match &status.health {
            Health::Down { cause, .. } => Some(cause),
            Health::Untried | Health::Ok => None,
        };
        serde_json::json!({"sink": status.name, "host": status.host, "owed": status.owed, "failure": cause, "faults": *status.faults})
    });
    serde_json::Value::Array(each.collect()).to_string()
}

/// A file is taken as it is; anything else names a session.
fn journal(named: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(named);
    if path.is_file() {
        return Ok(path);
    }
    layers::session(named)
}
