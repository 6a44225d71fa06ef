//! Draining a node: what runs there is looked at first, then the question with what it will hit,
//! then how it gets on. Esc stops it at any time; looking elsewhere does not.

use std::sync::Arc;

use super::keys::{GUARD_MS, Press};
use super::{act, drain_impact, glass, impact, leave, write};
use crate::app::screen::Screen;
use crate::app::{
    Choice, Confirm, Desired, DrainQuestion, Draining, Effect, InputLine, KeyCode, Level, Overlay, State,
};
use crate::escalation::{Drain, DrainEnd, DrainOptions, DrainProgress, DrainStep, Escalation, NodeSurvey};
use crate::model::ObjectRef;
use crate::registry::{Action, Friction, Mode, action};

/// What makes a drain of what was confirmed.
type Make = fn(&Escalation, u64, ObjectRef, DrainOptions) -> Drain;

/// Said until what runs there is known.
const LOOKING: &str = "looking at what runs on";

/// The key was pressed and the glass is broken.
pub fn begin(state: &mut State) -> Vec<Effect> {
    if state.drain.as_ref().is_some_and(Draining::is_at_work) {
        state.overlay = Some(Overlay::Drain);
        return Vec::new();
    }
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let targets = write::targets(table);
    if let Some(why) = write::outside_scope(state, &targets) {
        state.say(Level::Warning, why);
        return Vec::new();
    }
    match targets.as_slice() {
        [] => act::nothing_there(state),
        [node] => {
            state.say(Level::Note, format!("{LOOKING} {node} …"));
            state.drain = Some(Draining::Looking(node.clone()));
            vec![Effect::Survey(node.clone())]
        }
        _ => {
            state.say(Level::Warning, "drain one node at a time: clear the marks first");
            Vec::new()
        }
    }
}

/// What runs on the node is known: the question opens, if nothing else was begun meanwhile.
pub fn surveyed(state: &mut State, node: &ObjectRef, found: Result<Arc<NodeSurvey>, String>) {
    if !matches!(&state.drain, Some(Draining::Looking(looked)) if looked == node) {
        return;
    }
    state.drain = None;
    let survey = match found {
        Ok(survey) => survey,
        Err(error) => return state.say(Level::Error, error),
    };
    let Some(drain) = action("node.drain") else { return };
    let shown = matches!(state.screens.current(), Some(Screen::Table(table)) if drain.applies_to.fits(&table.resource));
    if state.overlay.is_some() || !shown || !state.glass.is_broken() {
        return state.say(
            Level::Note,
            format!("{node} was not asked about: you went on meanwhile"),
        );
    }
    ask(state, drain, node.clone(), survey);
}

fn ask(state: &mut State, drain: &'static Action, node: ObjectRef, survey: Arc<NodeSurvey>) {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return;
    };
    let question = DrainQuestion {
        survey,
        options: DrainOptions::default(),
    };
    if drain_impact::is_done(&question) {
        let text = format!("{node}: nothing to do, it is cordoned and runs nothing that a drain evicts");
        return state.say(Level::Note, text);
    }
    let targets = vec![node];
    let confirm = Confirm {
        action: drain,
        friction: Friction::Box,
        headline: impact::headline(drain, &targets, None, &Desired::default()),
        impact: drain_impact::lines(&question),
        expected: impact::expected(&targets),
        seen: super::confirm::rows_of(table, &targets),
        targets,
        replicas: None,
        replicas_now: Desired::default(),
        drain: Some(question),
        opened: state.now,
        choice: Choice::Cancel,
        typed: InputLine::default(),
        hint: None,
    };
    state.overlay = Some(Overlay::Confirm(Box::new(confirm)));
    state.messages.dismiss_if(|text| text.starts_with(LOOKING));
    state.changed = true;
}

/// `f` and `e` choose what is lost for good. True if the key was one of them.
pub fn choose(confirm: &mut Confirm, press: Press) -> bool {
    let Some(question) = &mut confirm.drain else {
        return false;
    };
    let options = &mut question.options;
    let chosen = match press.key.code {
        KeyCode::Char('f') if !press.key.ctrl => &mut options.force,
        KeyCode::Char('e') if !press.key.ctrl => &mut options.delete_empty_dir,
        _ => return false,
    };
    if press.doubtful {
        confirm.hint = Some("a held or pasted key chooses nothing: press it once");
        return true;
    }
    *chosen = !*chosen;
    confirm.impact = drain_impact::lines(question);
    // Whoever changes what is lost decides anew.
    confirm.choice = Choice::Cancel;
    true
}

/// Something would be lost for good that nobody has chosen.
pub fn needs_choice(confirm: &Confirm) -> bool {
    confirm
        .drain
        .as_ref()
        .is_some_and(|question| !question.plan().needs.is_empty())
}

/// Confirmed.
pub fn send(state: &mut State, authority: &Escalation, make: Make, confirm: Confirm) -> Vec<Effect> {
    let options = confirm
        .drain
        .as_ref()
        .map(|question| question.options)
        .unwrap_or_default();
    let how = confirm.friction.confirmed();
    let order = write::order(state, confirm);
    let Some(node) = order.targets.into_iter().next() else {
        return Vec::new();
    };
    let progress = DrainProgress {
        action: order.action,
        node: node.name.clone(),
        ..DrainProgress::default()
    };
    state.drain = Some(Draining::Running {
        progress,
        stopping: false,
    });
    state.overlay = Some(Overlay::Drain);
    state.glass.drain_shown_at = state.now;
    let mut drain = make(authority, order.action, node, options);
    drain.confirmed_by(how);
    vec![Effect::Drain(drain)]
}

pub fn progress(state: &mut State, now: DrainProgress) {
    let Some(Draining::Running { progress, .. }) = &mut state.drain else {
        return;
    };
    if progress.action != now.action {
        return;
    }
    *progress = now;
    let step = progress.step;
    let text = farewell(progress);
    state.changed = true;
    match step {
        DrainStep::Over(DrainEnd::Done) => state.say(Level::Note, text),
        DrainStep::Over(_) => state.say(Level::Warning, text),
        _ => {}
    }
}

fn farewell(progress: &DrainProgress) -> String {
    let (node, evicted, total) = (&progress.node, progress.evicted, progress.total);
    let left = total.saturating_sub(evicted);
    match progress.step {
        DrainStep::Over(DrainEnd::Cancelled) => {
            format!("drain of {node} stopped: {evicted} of {total} evicted; the node stays cordoned")
        }
        DrainStep::Over(DrainEnd::Cut) => {
            format!("drain of {node} cut by the end: {evicted} of {total} evicted; the node stays cordoned")
        }
        DrainStep::Over(DrainEnd::Incomplete) if total == 0 => {
            let why = progress.left.first().map_or("", |note| note.why.as_str());
            format!("nothing on {node} was evicted: {why}")
        }
        DrainStep::Over(DrainEnd::Incomplete) => format!("drain of {node}: {left} of {total} could not be evicted"),
        _ => format!("{node} is drained: {evicted} evicted"),
    }
}

/// The gate refused it before anything was sent.
pub fn did_not_begin(state: &mut State, action: u64) {
    let is_this = |drain: &Draining| drain.progress().is_some_and(|progress| progress.action == action);
    if state.drain.as_ref().is_some_and(is_this) {
        state.drain = None;
        if matches!(state.overlay, Some(Overlay::Drain)) {
            state.overlay = None;
        }
    }
}

/// While its progress is shown.
pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    let toggle = state.keymap.action(&[Mode::Global], press.key);
    if toggle.is_some_and(|action| action.id == "glass.toggle") {
        return glass::key(state);
    }
    match press.key.code {
        KeyCode::Char('c') if press.key.ctrl => leave::quit(state),
        KeyCode::Esc => stop_or_close(state),
        // The key that confirmed may still be held.
        KeyCode::Enter if press.at.since(state.glass.drain_shown_at) >= GUARD_MS => {
            state.overlay = None;
            if state.drain.as_ref().is_some_and(Draining::is_at_work) {
                let keys = state.keymap.keys_of(&[Mode::Nodes], "node.drain");
                let key = keys.first().map(ToString::to_string).unwrap_or_default();
                state.say(Level::Note, format!("the drain goes on; {key} on a node shows it"));
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn stop_or_close(state: &mut State) -> Vec<Effect> {
    match &mut state.drain {
        Some(Draining::Running { progress, stopping }) if !matches!(progress.step, DrainStep::Over(_)) => {
            *stopping = true;
            vec![Effect::StopDrain(progress.action)]
        }
        _ => {
            state.drain = None;
            state.overlay = None;
            Vec::new()
        }
    }
}
