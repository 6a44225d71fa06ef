//! `kglass info`: versions, and where files are.

use super::answer::{Answer, print};
use super::layers;

pub fn run() -> anyhow::Result<Answer> {
    let paths = layers::found_paths()?;
    print(&format!("kglass {}", env!("CARGO_PKG_VERSION")))?;
    for (name, path) in [
        ("settings", paths.settings()),
        ("policy", paths.policy()),
        ("sessions", paths.sessions()),
        ("diagnostics", paths.log()),
    ] {
        let there = if path.exists() { "" } else { "  (not there yet)" };
        print(&format!("{name:12} {}{there}", path.display()))?;
    }
    Ok(Answer::Good)
}
