//! A card that leads through a story: steps that tick themselves off by what really happened, in
//! whatever order. It watches; it changes nothing and never takes a key but the one that hides it.

use super::{Fact, GlassMode, Overlay, Screen, State};

#[derive(Clone, Debug, Default)]
pub struct Guide {
    pub steps: Vec<GuideStep>,
    /// Said when all of it is done.
    pub farewell: &'static str,
    pub hidden: bool,
    /// The session that was opened last, for tasks that name it.
    pub session: Option<String>,
}

#[derive(Clone, Debug)]
pub struct GuideStep {
    pub title: &'static str,
    pub tasks: Vec<GuideTask>,
}

/// In `text`, `{action.id}` stands for that action's key and `{session}` for the session.
#[derive(Clone, Debug)]
pub struct GuideTask {
    pub text: &'static str,
    pub sign: Sign,
    pub done: bool,
}

/// By what a task is known to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Something of this name was seen to say something.
    LogOf(&'static str),
    /// The pane is open in which the glass is asked for.
    Asking,
    GlassBroken,
    /// The server took a write to something of this name.
    Wrote(&'static str),
    Ended,
    Replayed,
}

impl GuideStep {
    pub fn is_done(&self) -> bool {
        self.tasks.iter().all(|task| task.done)
    }
}

impl Guide {
    /// The first step that is not done, counted from 0.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.is_done())
    }

    /// The next thing to do.
    pub fn task(&self) -> Option<&GuideTask> {
        self.steps.iter().flat_map(|step| &step.tasks).find(|task| !task.done)
    }
}

/// Lines that the card takes from the screen.
pub const GUIDE_LINES: u16 = 3;

/// Looks at a fact before it is thought about.
pub fn hear(state: &mut State, fact: &Fact) {
    match fact {
        Fact::Outcome(outcome) if outcome.is_ok() => {
            let name = outcome.target.name.clone();
            tick(state, |sign| matches!(sign, Sign::Wrote(of) if is_of(&name, of)));
        }
        Fact::Ended(_) => ended(state),
        Fact::Granted(grant) => {
            let session = grant.session.clone();
            if let Some(guide) = &mut state.guide {
                guide.session = Some(session);
            }
        }
        _ => {}
    }
}

/// Looks at what became of it.
pub fn look(state: &mut State) {
    if state.guide.is_none() {
        return;
    }
    if matches!(state.overlay, Some(Overlay::Escalate(_))) {
        tick(state, |sign| sign == Sign::Asking);
    }
    if matches!(state.glass.mode, GlassMode::Broken(_)) {
        tick(state, |sign| matches!(sign, Sign::Asking | Sign::GlassBroken));
    }
    match state.screens.current() {
        Some(Screen::Logs(logs)) if !logs.buffer.lines.is_empty() => {
            let title = logs.title();
            tick(state, |sign| matches!(sign, Sign::LogOf(of) if title.contains(of)));
        }
        Some(Screen::Replay(_)) => tick(state, |sign| sign == Sign::Replayed),
        _ => {}
    }
}

/// Before anything was written it has to be asked for once more; afterwards it is the last step's.
fn ended(state: &mut State) {
    let next = state.guide.as_ref().and_then(Guide::task).map(|task| task.sign);
    match (next, &mut state.guide) {
        (Some(Sign::Wrote(_)), Some(guide)) => {
            let tasks = guide.steps.iter_mut().flat_map(|step| &mut step.tasks);
            let again = tasks.filter(|task| matches!(task.sign, Sign::Asking | Sign::GlassBroken));
            again.for_each(|task| task.done = false);
        }
        (Some(Sign::Ended | Sign::Replayed), _) => tick(state, |sign| sign == Sign::Ended),
        _ => {}
    }
}

fn is_of(name: &str, of: &str) -> bool {
    name.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn tick(state: &mut State, wanted: impl Fn(Sign) -> bool) {
    let Some(guide) = &mut state.guide else { return };
    let tasks = guide.steps.iter_mut().flat_map(|step| &mut step.tasks);
    for task in tasks.filter(|task| !task.done && wanted(task.sign)) {
        task.done = true;
        state.changed = true;
    }
}
