//! `kglass policy check|show`.

use super::answer::{Answer, print};
use super::args::{Global, Policy};
use super::layers;
use crate::config;

pub fn run(command: Policy) -> anyhow::Result<Answer> {
    match command {
        Policy::Check(rules) => check(&rules.into()),
        Policy::Show(rules) => show(&rules.into()),
    }
}

fn check(global: &Global) -> anyhow::Result<Answer> {
    let paths = layers::paths(global)?;
    let settings = layers::load(global, &paths).settings;
    match config::load_policy(&paths, &settings) {
        Ok(policy) => {
            print(&format!("good: {} roles, {}", policy.roles.len(), policy.origin))?;
            Ok(Answer::Good)
        }
        Err(problems) => {
            print(&layers::list(&problems))?;
            Ok(Answer::No)
        }
    }
}

fn show(global: &Global) -> anyhow::Result<Answer> {
    let paths = layers::paths(global)?;
    let settings = layers::load(global, &paths).settings;
    print(&config::policy_text(&paths, &settings).map_err(|problem| anyhow::anyhow!("{problem}"))?)?;
    Ok(Answer::Good)
}
