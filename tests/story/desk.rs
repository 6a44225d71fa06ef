//! Where an operator sits: a home of their own, a policy, a kubeconfig, and the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::harness::Rig;
use super::terminal::Terminal;

pub const KGLASS: &str = env!("CARGO_BIN_EXE_kglass");

/// One person at one machine.
pub struct Desk {
    home: TempDir,
    kubeconfig: PathBuf,
}

impl Desk {
    /// `users` become contexts of these names; the first is current.
    pub fn new(rig: &Rig, users: &[&str], policy: &str) -> Self {
        let desk = Self {
            home: tempfile::tempdir().expect("a home"),
            kubeconfig: rig.kubeconfig_of(users),
        };
        let config = desk.home.path().join("config/kglass");
        std::fs::create_dir_all(&config).expect("a configuration folder");
        std::fs::write(config.join("policy.toml"), policy).expect("a policy file");
        desk
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn sessions(&self) -> PathBuf {
        self.home.path().join("state/kglass/sessions")
    }

    /// The folder of the only session, or of the newest.
    pub fn newest_session(&self) -> PathBuf {
        let mut folders: Vec<_> = std::fs::read_dir(self.sessions())
            .expect("sessions were kept")
            .filter_map(Result::ok)
            .filter_map(|e| Some((e.metadata().ok()?.created().ok()?, e.path())))
            .collect();
        folders.sort();
        folders.pop().expect("a session was kept").1
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let home = |folder: &str| self.home.path().join(folder).display().to_string();
        vec![
            ("HOME", home("")),
            ("XDG_CONFIG_HOME", home("config")),
            ("XDG_STATE_HOME", home("state")),
            ("XDG_CACHE_HOME", home("cache")),
            ("KUBECONFIG", self.kubeconfig.display().to_string()),
        ]
    }

    /// The binary in a terminal of this size.
    pub fn open(&self, args: &[&str], size: (u16, u16)) -> Terminal {
        let environment = self.environment();
        let environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Terminal::spawn(Path::new(KGLASS), args, &environment, size)
    }

    /// The binary as a plain command.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(KGLASS)
            .args(args)
            .envs(self.environment())
            .output()
            .expect("the binary runs")
    }

    /// Prints the kit for this desk's policy and installs it as an administrator would.
    pub fn install_kit(&self, rig: &Rig) {
        let kit = self.home.path().join("kit");
        let printed = self.run(&["kit", "print", &kit.display().to_string()]);
        assert!(
            printed.status.success(),
            "kit print: {}",
            String::from_utf8_lossy(&printed.stderr)
        );
        let path = format!(
            "{}:{}",
            self.kubectl_folder(rig).display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let installed = Command::new("sh")
            .arg(kit.join("install.sh"))
            .env("KUBECONFIG", rig.kubeconfig("admin"))
            .env("PATH", path)
            .output()
            .expect("sh runs");
        let errors = String::from_utf8_lossy(&installed.stderr);
        assert!(
            installed.status.success(),
            "install.sh: {errors}\n{}",
            String::from_utf8_lossy(&installed.stdout)
        );
    }

    /// A folder with a `kubectl` in it: the rig's own.
    fn kubectl_folder(&self, rig: &Rig) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.home.path().join("bin");
        std::fs::create_dir_all(&folder).expect("a folder for kubectl");
        let script = format!("#!/bin/sh\nexec '{}' kubectl \"$@\"\n", rig.binary().path().display());
        std::fs::write(folder.join("kubectl"), script).expect("a script");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.join("kubectl"), mode).expect("an executable script");
        folder
    }
}

pub use super::terminal::STEP;
