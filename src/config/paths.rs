//! Where the files are: `KGLASS_*` variables, then XDG variables on every system, then what the
//! system itself has for it. Creates nothing.

use std::path::{Path, PathBuf};

/// Looks up a variable of the environment.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Settings, policy, keymaps, themes.
    pub config: PathBuf,
    /// The settings file that the user named, if they did.
    pub named_settings: Option<PathBuf>,
    /// Sessions, and the diagnostic log.
    pub state: PathBuf,
    /// Discovery.
    pub cache: PathBuf,
}

impl Paths {
    /// None if there is neither a variable nor a home folder to go by.
    pub fn find(env: Env) -> Option<Self> {
        let system = directories::ProjectDirs::from("", "", "kglass");
        let system = system.as_ref();
        let state = |dirs: &directories::ProjectDirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned();
        Some(Self {
            config: folder(env, "CONFIG", system.map(|dirs| dirs.config_dir().to_owned()))?,
            named_settings: None,
            state: folder(env, "STATE", system.map(state))?,
            cache: folder(env, "CACHE", system.map(|dirs| dirs.cache_dir().to_owned()))?,
        })
    }

    /// The same with the settings in another file; policy, keymaps and themes stay where they are.
    pub fn with_settings(mut self, named: Option<PathBuf>) -> Self {
        self.named_settings = named;
        self
    }

    pub fn settings(&self) -> PathBuf {
        let beside = || self.config.join("settings.toml");
        self.named_settings.clone().unwrap_or_else(beside)
    }

    pub fn policy(&self) -> PathBuf {
        self.config.join("policy.toml")
    }

    pub fn keymap(&self, name: &str) -> PathBuf {
        self.config.join("keymaps").join(format!("{name}.toml"))
    }

    pub fn theme(&self, name: &str) -> PathBuf {
        self.config.join("themes").join(format!("{name}.toml"))
    }

    /// One folder per session.
    pub fn sessions(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// The demo keeps its own sessions, so that a real one is never mixed with them.
    pub fn demo(&self) -> Self {
        Self {
            state: self.state.join("demo"),
            cache: self.cache.join("demo"),
            ..self.clone()
        }
    }

    pub fn log(&self) -> PathBuf {
        self.state.join("kglass.log")
    }
}

fn folder(env: Env, which: &str, system: Option<PathBuf>) -> Option<PathBuf> {
    // The specification says that a relative path is to be ignored.
    let absolute = |name: String| {
        env(&name)
            .filter(|path| Path::new(path).is_absolute())
            .map(PathBuf::from)
    };
    absolute(format!("KGLASS_{which}_DIR"))
        .or_else(|| absolute(format!("XDG_{which}_HOME")).map(|base| base.join("kglass")))
        .or(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_variable_wins_over_xdg_and_a_relative_path_counts_as_none() {
        let env = |name: &str| match name {
            "KGLASS_CONFIG_DIR" => Some("/own".into()),
            "XDG_CONFIG_HOME" | "XDG_STATE_HOME" => Some("/xdg".into()),
            "KGLASS_STATE_DIR" => Some("here".into()),
            "XDG_CACHE_HOME" => Some("/cache".into()),
            _ => None,
        };
        let paths = Paths::find(&env).expect("all are named");
        assert_eq!(paths.settings(), Path::new("/own/settings.toml"));
        assert_eq!(paths.sessions(), Path::new("/xdg/kglass/sessions"));
        assert_eq!(paths.cache, Path::new("/cache/kglass"));
    }
}
