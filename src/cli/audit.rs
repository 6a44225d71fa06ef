//! `kglass audit verify|show`.

use std::path::PathBuf;

use super::answer::{Answer, print};
use super::args::Audit;
use super::layers;

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
    }
}

/// A file is taken as it is; anything else names a session.
fn journal(named: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(named);
    if path.is_file() {
        return Ok(path);
    }
    Ok(crate::review::find(&layers::found_paths()?.sessions(), named)?)
}
