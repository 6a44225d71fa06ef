//! From flags, environment and files to what the commands need. Reads; never writes.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::args::Global;
use crate::cluster::{ConnectError, ContextPlace, Endpoint, Kubeconfigs};
use crate::config::{self, Loaded, Paths, Problem};
use crate::escalation::Policy;
use crate::review::NotFound;
use crate::runtime::Contexts;

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where the files are, the settings where the command line says.
pub fn paths(global: &Global) -> anyhow::Result<Paths> {
    Ok(found_paths()?.with_settings(global.rules.config.clone()))
}

/// Where the files are, for commands that read no settings.
pub fn found_paths() -> anyhow::Result<Paths> {
    Paths::find(&env).context("there is no home directory for settings and sessions; set HOME, or XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME")
}

/// A session's folder: one of the real ones, or else one of the demo's.
pub fn session(named: &str) -> anyhow::Result<PathBuf> {
    let paths = found_paths()?;
    let found = crate::review::find(&paths.sessions(), named);
    if let (Err(NotFound::None { .. } | NotFound::Unreadable { .. }), demo) = (&found, paths.demo().sessions())
        && let Ok(folder) = crate::review::find(&demo, named)
    {
        return Ok(folder);
    }
    Ok(found?)
}

/// Settings, keymap and theme; what was wrong is in `problems`, the defaults hold there.
pub fn load(global: &Global, paths: &Paths) -> Loaded {
    let mut flags = Vec::new();
    for (name, value) in [("theme", &global.look.theme), ("keymap", &global.look.keymap)] {
        flags.extend(value.clone().map(|value| (name, value)));
    }
    if let Some(file) = &global.rules.policy {
        flags.push(("policy", file.display().to_string()));
    }
    // https://no-color.org: set and not empty. A theme named on purpose goes before.
    if global.look.theme.is_none() && env("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        flags.push(("theme", "no-colour".into()));
    }
    config::load(paths, &env, &flags)
}

/// The policy in force, or all that is wrong with it.
pub fn policy(global: &Global, paths: &Paths) -> anyhow::Result<Policy> {
    let loaded = load(global, paths);
    config::load_policy(paths, &loaded.settings).map_err(|problems| anyhow!(list(&problems)))
}

pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub fn kubeconfigs(global: &Global) -> anyhow::Result<Kubeconfigs> {
    Ok(Kubeconfigs::load(global.cluster.kubeconfig.as_deref())?)
}

/// The context that a command is about, for what depends on its name alone; empty if there is none.
pub fn context_name(global: &Global) -> String {
    let current = || {
        Some(
            Kubeconfigs::load(global.cluster.kubeconfig.as_deref())
                .ok()?
                .current()?
                .to_owned(),
        )
    };
    global.cluster.context.clone().or_else(current).unwrap_or_default()
}

/// Contexts for the screen. A kubeconfig that cannot be read is told there and not before, so that
/// the program stays up.
pub struct FromKubeconfig(Result<Kubeconfigs, ConnectError>);

impl FromKubeconfig {
    pub fn load(global: &Global) -> Self {
        Self(Kubeconfigs::load(global.cluster.kubeconfig.as_deref()))
    }
}

impl Contexts for FromKubeconfig {
    fn names(&self) -> Vec<String> {
        self.0.as_ref().map(Kubeconfigs::contexts).unwrap_or_default()
    }

    fn places(&self) -> Vec<ContextPlace> {
        self.0.as_ref().map(Kubeconfigs::places).unwrap_or_default()
    }

    fn current(&self) -> Option<String> {
        self.0.as_ref().ok()?.current().map(str::to_owned)
    }

    fn open(&self, name: Option<&str>) -> Result<Arc<dyn Endpoint>, ConnectError> {
        self.0.as_ref().map_err(Clone::clone)?.open(name)
    }
}
