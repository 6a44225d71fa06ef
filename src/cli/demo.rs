//! `kglass demo`: the whole program on a shop that lives in this process.

use std::sync::Arc;

use super::answer::{Answer, bid_farewell};
use super::args::{Global, LookArgs, PlaceArgs, RuleArgs};
use super::farewell::{self, called};
use super::layers;
use crate::app::Start;
use crate::config::Paths;
use crate::embedded::shop::{CONTEXT, Opened, Shop};
use crate::escalation::{BUILT_IN, Policy};
use crate::runtime::{self, Launch, Resources, ShopContexts};

pub fn run(seed: u64, place: PlaceArgs, look: LookArgs, rules: RuleArgs) -> anyhow::Result<Answer> {
    let named_policy = rules.policy.is_some();
    let global = Global {
        place,
        look,
        rules,
        ..Global::default()
    };
    let paths = layers::paths(&global)?;
    let demo = paths.demo();
    let _diagnostics = runtime::start_diagnostics(&demo.state)?;
    let loaded = layers::load(&global, &paths);
    let policy = Arc::new(if named_policy {
        layers::policy(&global, &paths)?
    } else {
        shop_policy()
    });
    let how = Opened {
        seed,
        ..Opened::default()
    };
    let shop = Shop::open(&policy, how);
    let launch = Launch {
        start: Start {
            keymap: loaded.keymap,
            settings: Arc::new(loaded.settings),
            namespace: global.place.namespace.or_else(|| Some("shop".to_owned())),
            all_namespaces: global.place.all_namespaces,
            command: global.place.command_line.or_else(|| Some("pods".to_owned())),
            guide: Some(Shop::guide()),
            ..Start::default()
        },
        theme: loaded.theme,
        resources: Resources {
            contexts: Arc::new(ShopContexts(shop.clone())),
            policy: Some(policy.clone()),
            state_dir: demo.state.clone(),
            cache_dir: demo.cache.clone(),
        },
        context: Some(CONTEXT.to_owned()),
        replay: None,
        notices: loaded.problems.iter().map(ToString::to_string).collect(),
    };
    let (parting, result) = super::wait(runtime::demo(launch, shop.clone(), policy, demo.state.join("lead")))??;
    // The witness that the journal can be held against, as a real API server writes it.
    std::fs::write(demo.state.join("audit.log"), shop.server().audit_lines())?;
    farewell::part(&parting, &demo, "What you did in the demo was recorded.")?;
    result?;
    bid_farewell(&next(!parting.broken.is_empty(), &demo))?;
    Ok(Answer::Good)
}

/// The built-in policy, with the shop as the one namespace that may be operated on. Not the
/// user's own: its sinks and groups are about real clusters.
fn shop_policy() -> Policy {
    let text = BUILT_IN.replace("namespaces = [\"default\"]", "namespaces = [\"shop\"]");
    Policy::parse(&text, "the demo").expect("the built-in policy is good, and stays so with another namespace")
}

/// How one goes on after the demo.
fn next(made: bool, demo: &Paths) -> String {
    let program = called();
    let mut lines = Vec::new();
    if made {
        lines.push("It is kept apart from real sessions, with the log of the demo's API server, in".to_owned());
        lines.push(format!("  {}\n", demo.state.display()));
    }
    lines.push("Look around on a cluster of your own, read-only; nothing is installed:".to_owned());
    lines.push(format!("  {program}"));
    lines.push("What an administrator installs there once, to break the glass:".to_owned());
    lines.push(format!("  {program} kit print ./kit"));
    lines.join("\n")
}
