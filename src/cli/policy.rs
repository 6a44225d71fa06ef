//! `kglass policy check|show`.

use super::answer::{Answer, print};
use super::args::{Global, Policy};
use super::layers;
use crate::config;

pub fn run(global: &Global, command: &Policy) -> anyhow::Result<Answer> {
    let paths = layers::paths()?;
    let settings = layers::load(global, &paths).settings;
    match command {
        Policy::Check => match config::load_policy(&paths, &settings) {
            Ok(policy) => {
                print(&format!("good: {} roles, {}", policy.roles.len(), policy.origin))?;
                Ok(Answer::Good)
            }
            Err(problems) => {
                print(&layers::list(&problems))?;
                Ok(Answer::No)
            }
        },
        Policy::Show => {
            print(&config::policy_text(&paths, &settings).map_err(|problem| anyhow::anyhow!("{problem}"))?)?;
            Ok(Answer::Good)
        }
    }
}
