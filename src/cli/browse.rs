//! The screen: browsing a cluster, or replaying a session.

use std::sync::Arc;

use super::answer::Answer;
use super::args::Global;
use super::layers;
use crate::app::Start;
use crate::config;
use crate::runtime::{self, Launch, Resources};

pub fn browse(global: &Global) -> anyhow::Result<Answer> {
    open(global, None)
}

pub fn replay(global: &Global, session: String) -> anyhow::Result<Answer> {
    let paths = layers::paths()?;
    // Found before the screen opens: a wrong name is told on standard error.
    let folder = crate::review::find(&paths.sessions(), &session)?;
    open(global, Some(folder.display().to_string()))
}

fn open(global: &Global, replay: Option<String>) -> anyhow::Result<Answer> {
    let paths = layers::paths()?;
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
            namespace: global.namespace.clone(),
            all_namespaces: global.all_namespaces,
            command: global.command_line.clone(),
            ..Start::default()
        },
        theme: loaded.theme,
        resources: Resources {
            contexts: Arc::new(layers::FromKubeconfig::load(global)),
            policy: policy.ok(),
            state_dir: paths.state.clone(),
        },
        context: global.context.clone(),
        replay,
        notices,
    };
    super::wait(runtime::run(launch))??;
    Ok(Answer::Good)
}
