//! Which kubeconfig files are read, and how they are merged: `--kubeconfig` alone, else the list
//! in `KUBECONFIG`, else `~/.kube/config`, else the service account of the pod we run in. Knows
//! nothing of servers; a broken file is named with its line, never with its content.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kube::config::{Kubeconfig, KubeconfigError};

use super::context;
use crate::cluster::{ConnectError, Endpoint};

/// What a context of the kubeconfig names; empty where it names nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextPlace {
    pub name: String,
    pub cluster: String,
    pub user: String,
    pub namespace: String,
}

/// All kubeconfig files, merged: the first file to set a value wins.
pub struct Kubeconfigs {
    merged: Kubeconfig,
    /// For messages: the files, as the user named them.
    place: String,
}

impl Kubeconfigs {
    /// Reads the files that kubectl would read.
    pub fn load(explicit: Option<&Path>) -> Result<Self, ConnectError> {
        match explicit {
            Some(file) => Self::from_files(&[file.to_owned()], false),
            None => match listed_files() {
                files if files.is_empty() => Self::from_files(&default_file()?, true),
                files => Self::from_files(&files, true),
            },
        }
    }

    /// Merges `files`; those of a list may be absent, as with kubectl.
    pub(super) fn from_files(files: &[PathBuf], may_be_absent: bool) -> Result<Self, ConnectError> {
        let names: Vec<_> = files.iter().map(|f| f.display().to_string()).collect();
        let place = format!("kubeconfig {}", names.join(", "));
        let mut merged = Kubeconfig::default();
        for file in files {
            if may_be_absent && !file.exists() {
                tracing::info!(file = %file.display(), "kubeconfig file does not exist, skipped");
                continue;
            }
            let next = Kubeconfig::read_from(file).map_err(|e| unreadable(file, &e))?;
            merged = merged.merge(next).map_err(|e| unreadable(file, &e))?;
        }
        Ok(Self { merged, place })
    }

    /// Names of the contexts, in the order of the files; `in-cluster` if there is no file but a
    /// service account.
    pub fn contexts(&self) -> Vec<String> {
        if self.is_in_cluster() {
            return vec![context::IN_CLUSTER.to_owned()];
        }
        self.merged.contexts.iter().map(|c| c.name.clone()).collect()
    }

    /// What each context names, in the same order.
    pub fn places(&self) -> Vec<ContextPlace> {
        if self.is_in_cluster() {
            return Vec::new();
        }
        let of = |named: &kube::config::NamedContext| {
            let context = named.context.clone().unwrap_or_default();
            ContextPlace {
                name: named.name.clone(),
                cluster: context.cluster,
                user: context.user.unwrap_or_default(),
                namespace: context.namespace.unwrap_or_default(),
            }
        };
        self.merged.contexts.iter().map(of).collect()
    }

    /// The context that is opened when none is named.
    pub fn current(&self) -> Option<&str> {
        if self.is_in_cluster() {
            return Some(context::IN_CLUSTER);
        }
        self.merged.current_context.as_deref().filter(|name| !name.is_empty())
    }

    /// A way to the server of `context`, or of the current one. Asks nobody yet: plugins run and
    /// connections are made when something is sent.
    pub fn open(&self, context: Option<&str>) -> Result<Arc<dyn Endpoint>, ConnectError> {
        if self.is_in_cluster() && context.is_none_or(|name| name == context::IN_CLUSTER) {
            return Ok(Arc::new(context::in_cluster()?));
        }
        let Some(name) = context.or_else(|| self.current()) else {
            return Err(self.no_context());
        };
        Ok(Arc::new(context::open(&self.merged, &self.place, name)?))
    }

    fn is_in_cluster(&self) -> bool {
        self.merged.contexts.is_empty() && env::var_os("KUBERNETES_SERVICE_HOST").is_some()
    }

    fn no_context(&self) -> ConnectError {
        if self.merged.contexts.is_empty() {
            return ConnectError {
                what: self.place.clone(),
                cause: "there is no context in it, or no such file".into(),
                cure: "name a file with --kubeconfig or KUBECONFIG".into(),
            };
        }
        ConnectError {
            what: self.place.clone(),
            cause: "no current-context is set".into(),
            cure: format!("choose one with --context: {}", context::offered(&self.contexts())),
        }
    }
}

/// The files in `KUBECONFIG`; empty names are ignored.
fn listed_files() -> Vec<PathBuf> {
    env::var_os("KUBECONFIG").map_or_else(Vec::new, |list| {
        env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()).collect()
    })
}

fn default_file() -> Result<Vec<PathBuf>, ConnectError> {
    match env::home_dir() {
        Some(home) => Ok(vec![home.join(".kube").join("config")]),
        None => Err(ConnectError {
            what: "kubeconfig".into(),
            cause: "there is no home directory to look in".into(),
            cure: "name a file with --kubeconfig or KUBECONFIG".into(),
        }),
    }
}

fn unreadable(file: &Path, error: &KubeconfigError) -> ConnectError {
    let what = format!("kubeconfig {}", file.display());
    let (what, cause, cure) = match error {
        KubeconfigError::ReadConfig(io, _) => (what, io.to_string(), "check the file's name and its permissions"),
        KubeconfigError::Parse(error) => {
            let what = match error.location() {
                Some(at) => format!("{what} line {} column {}", at.line(), at.column()),
                None => what,
            };
            let cause = without_values(&error.without_snippet().to_string());
            (
                what,
                cause,
                "correct the file; `kubectl config view` shows the same error",
            )
        }
        other => (what, other.to_string(), "remove the file from the list, or correct it"),
    };
    ConnectError {
        what,
        cause,
        cure: cure.into(),
    }
}

/// A parser's message without what stands in double quotes: that is content of the file, and may
/// be a token.
fn without_values(message: &str) -> String {
    message
        .lines()
        .next()
        .unwrap_or_default()
        .split('"')
        .enumerate()
        .map(|(i, part)| if i % 2 == 0 { part } else { "\"…\"" })
        .collect()
}
