//! `kglass policy check|show`.

use super::answer::{Answer, print};
use super::args::{Global, Policy};
use super::layers;
use crate::config;
use crate::model::TermSafe;

pub fn run(command: Policy) -> anyhow::Result<Answer> {
    match command {
        Policy::Check(rules) => check(&rules.into()),
        Policy::Show(rules) => show(&rules.into()),
    }
}

fn check(global: &Global) -> anyhow::Result<Answer> {
    let paths = layers::paths(global)?;
    let settings = layers::load(global, &paths).settings;
    // One that cannot be read is neither good nor bad.
    config::policy_text(&paths, &settings).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    match config::load_policy(&paths, &settings) {
        Ok(policy) => {
            print(&format!("good: {} roles, {}", policy.roles.len(), policy.origin))?;
            Ok(Answer::Good)
        }
        Err(problems) => {
            print(&safe(&layers::list(&problems)))?;
            Ok(Answer::No)
        }
    }
}

fn show(global: &Global) -> anyhow::Result<Answer> {
    let paths = layers::paths(global)?;
    let settings = layers::load(global, &paths).settings;
    let text = config::policy_text(&paths, &settings).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    print(&safe(&text))?;
    match config::load_policy(&paths, &settings) {
        Ok(_) => Ok(Answer::Good),
        Err(problems) => anyhow::bail!("it is not in force: {}", safe(&layers::list(&problems))),
    }
}

/// A policy may come from anywhere, and is read on a terminal. Line by line, since lines are its own.
fn safe(text: &str) -> String {
    let lines = text.lines().map(|line| TermSafe::new(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_would_move_a_terminal_is_shown_and_lines_stay_lines() {
        let text = super::safe("a = 1\nabout = \"\u{1b}[2J\u{9b}31m\"\n");
        assert!(text.starts_with("a = 1\nabout = "), "{text:?}");
        assert!(!text.contains(['\u{1b}', '\u{9b}']), "{text:?}");
    }
}
