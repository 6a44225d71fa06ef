//! A card that leads through a story: steps that tick themselves off by what really happened, in
//! whatever order. It watches; it changes nothing and never takes a key but the one that hides it.

use super::{Fact, Overlay, Screen, State};

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

/// By what a task is known to be done. `Asking` and `GlassBroken` hold as long as they are so, until
/// the first write; all others stay done.
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
        // Before anything was written it has to be asked for once more, and this was not the end.
        Fact::Ended(_) if is_turned(state) => tick(state, |sign| sign == Sign::Ended),
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
    match state.screens.current() {
        Some(Screen::Logs(logs)) if !logs.buffer.lines.is_empty() => {
            let title = logs.title();
            tick(state, |sign| matches!(sign, Sign::LogOf(of) if title.contains(of)));
        }
        // The record of an earlier day does not end this story.
        Some(Screen::Replay(_)) if is_done(state, Sign::Ended) => tick(state, |sign| sign == Sign::Replayed),
        _ => {}
    }
    settle(state);
}

/// Steps that are a matter of the present, and those that a later one has overtaken: what the logs
/// said is gone once the cause is mended, and a right that was given back writes nothing more.
fn settle(state: &mut State) {
    let (turned, ended) = (is_turned(state), is_done(state, Sign::Ended));
    let broken = state.glass.is_broken();
    let asking = broken || state.glass.asking().is_some() || matches!(state.overlay, Some(Overlay::Escalate(_)));
    let Some(guide) = &mut state.guide else { return };
    for task in guide.steps.iter_mut().flat_map(|step| &mut step.tasks) {
        let done = match task.sign {
            Sign::LogOf(_) => task.done || turned,
            Sign::Asking => asking || turned,
            Sign::GlassBroken => broken || turned,
            Sign::Wrote(_) => task.done || ended,
            Sign::Ended | Sign::Replayed => task.done,
        };
        state.changed |= task.done != done;
        task.done = done;
    }
}

/// The story turns with its first write: it mends the cause.
fn is_turned(state: &State) -> bool {
    let mut writes = tasks(state).filter(|task| matches!(task.sign, Sign::Wrote(_)));
    writes.next().is_some_and(|task| task.done)
}

fn is_done(state: &State, sign: Sign) -> bool {
    tasks(state).any(|task| task.sign == sign && task.done)
}

fn tasks(state: &State) -> impl Iterator<Item = &GuideTask> {
    state
        .guide
        .iter()
        .flat_map(|guide| &guide.steps)
        .flat_map(|step| &step.tasks)
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
