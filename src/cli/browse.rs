//! The screen: browsing a cluster, or replaying a session.

use std::path::PathBuf;
use std::sync::Arc;

use super::answer::Answer;
use super::args::{Global, LookArgs};
use super::{farewell, layers};
use crate::app::Start;
use crate::config;
use crate::runtime::{self, Launch, Resources};

pub fn browse(global: &Global) -> anyhow::Result<Answer> {
    open(global, None)
}

pub fn replay(look: LookArgs, config: Option<PathBuf>, session: &str) -> anyhow::Result<Answer> {
    // Found before the screen opens: a wrong name is told on standard error.
    let folder = layers::session(session)?;
    let mut global = Global {
        look,
        ..Global::default()
    };
    global.rules.config = config;
    open(&global, Some(folder.display().to_string()))
}

fn open(global: &Global, replay: Option<String>) -> anyhow::Result<Answer> {
    let paths = layers::paths(global)?;
    let _diagnostics = runtime::start_diagnostics(&paths.state)?;
    let loaded = layers::load(global, &paths);
    let mut notices: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    let policy = config::load_policy(&paths, &loaded.settings).map(Arc::new);
    if let Err(problems) = &policy {
        notices.extend(
            problems
                .iter()
                .map(|problem| format!("the glass stays closed: {problem}")),
        );
    }
    let launch = Launch {
        start: Start {
            keymap: loaded.keymap,
            settings: Arc::new(loaded.settings),
            namespace: global.place.namespace.clone(),
            all_namespaces: global.place.all_namespaces,
            command: global.place.command_line.clone(),
            ..Start::default()
        },
        theme: loaded.theme,
        resources: Resources {
            contexts: Arc::new(layers::FromKubeconfig::load(global)),
            policy: policy.ok(),
            state_dir: paths.state.clone(),
            cache_dir: paths.cache.clone(),
        },
        context: global.cluster.context.clone(),
        replay,
        notices,
    };
    let (parting, result) = super::wait(runtime::run(launch))??;
    farewell::part(&parting, &paths, "What you did with the glass broken was recorded.")?;
    result.map(|()| Answer::Good)
}
