//! What only a real terminal shows: it is given back on every way out, it follows a resize, and
//! bad input keeps the program up with a clear message.

#![expect(clippy::disallowed_types, reason = "the program itself is run")]
#![allow(clippy::print_stdout, reason = "measurements are printed")]

#[path = "pty/terminal.rs"]
mod terminal;

#[path = "pty/background.rs"]
mod background;
#[path = "pty/bad_input.rs"]
mod bad_input;
#[path = "pty/demo.rs"]
mod demo;
#[path = "pty/floods.rs"]
mod floods;
#[path = "pty/given_back.rs"]
mod given_back;
#[path = "pty/private.rs"]
mod private;
#[path = "pty/sink_down.rs"]
mod sink_down;

#[path = "story/operator.rs"]
mod operator;
#[path = "story/policy.rs"]
mod policy;
#[path = "story/script.rs"]
mod script;
#[path = "story/witness.rs"]
mod witness;

use std::path::Path;

use tempfile::TempDir;
use terminal::Terminal;

const KGLASS: &str = env!("CARGO_BIN_EXE_kglass");

/// A home without a cluster.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a home"))
    }

    /// Writes a file below the home, with its folders.
    fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    fn place(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let home = |folder: &str| self.0.path().join(folder).display().to_string();
        vec![
            ("HOME", home("")),
            ("XDG_CONFIG_HOME", home("config")),
            ("XDG_STATE_HOME", home("state")),
            ("XDG_CACHE_HOME", home("cache")),
            ("KUBECONFIG", home("kubeconfig")),
        ]
    }

    fn open(&self, args: &[&str], size: (u16, u16)) -> Terminal {
        let environment = self.environment();
        let environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Terminal::spawn(Path::new(KGLASS), args, &environment, size)
    }
}
