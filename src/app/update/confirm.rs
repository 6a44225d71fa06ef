//! Before a write: what confirms and what does not. A held key, a paste, a key typed ahead and an
//! object that has changed never do.

use super::impact::is_target;
use super::keys::{GUARD_MS, Press};
use super::{drain, impact, write};
use crate::app::screen::{Screen, TableScreen};
use crate::app::{Choice, Confirm, Desired, Effect, KeyCode, Level, Overlay, Prompt, PromptKind, State};
use crate::escalation::Escalation;
use crate::model::{ObjectRef, Row, Snapshot};
use crate::registry::Friction;

/// What one key means to a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Stay,
    Cancel,
    Go,
}

pub fn key(state: &mut State, authority: Option<&Escalation>, press: Press) -> Vec<Effect> {
    let Some(Overlay::Confirm(confirm)) = &mut state.overlay else {
        return Vec::new();
    };
    match answer(confirm, press) {
        Answer::Stay => Vec::new(),
        Answer::Cancel => {
            state.overlay = None;
            state.say(Level::Note, "nothing was changed");
            Vec::new()
        }
        Answer::Go => {
            let confirm = confirm.clone();
            state.overlay = None;
            write::send(state, authority, *confirm)
        }
    }
}

/// Moves what the key moves, and says whether it decides.
pub fn answer(confirm: &mut Confirm, press: Press) -> Answer {
    if press.at.since(confirm.opened) < GUARD_MS {
        return Answer::Stay;
    }
    confirm.hint = None;
    let wanted = match press.key.code {
        KeyCode::Esc => return Answer::Cancel,
        KeyCode::Char('c') if press.key.ctrl => return Answer::Cancel,
        _ => match confirm.friction {
            Friction::None | Friction::Line => line(confirm, press),
            Friction::Box => box_(confirm, press),
            Friction::Name => name(confirm, press),
        },
    };
    if wanted == Answer::Go && press.doubtful {
        confirm.hint = Some("a held or pasted key never confirms: press it once");
        return Answer::Stay;
    }
    wanted
}

fn line(confirm: &mut Confirm, press: Press) -> Answer {
    match press.key.code {
        KeyCode::Char('y') if !press.key.ctrl => Answer::Go,
        KeyCode::Char('n' | 'q') => Answer::Cancel,
        _ => {
            confirm.hint = Some("y does it, esc leaves");
            Answer::Stay
        }
    }
}

fn box_(confirm: &mut Confirm, press: Press) -> Answer {
    if drain::choose(confirm, press) {
        return Answer::Stay;
    }
    match press.key.code {
        KeyCode::Enter if confirm.choice == Choice::Proceed && drain::needs_choice(confirm) => {
            confirm.hint = Some("choose what is lost first, or esc");
            Answer::Stay
        }
        KeyCode::Enter if confirm.choice == Choice::Proceed => Answer::Go,
        KeyCode::Enter | KeyCode::Char('n' | 'q') => Answer::Cancel,
        KeyCode::Tab | KeyCode::BackTab | KeyCode::Left | KeyCode::Right | KeyCode::Char('h' | 'l') => {
            if !press.doubtful {
                confirm.choice = match confirm.choice {
                    Choice::Cancel => Choice::Proceed,
                    Choice::Proceed => Choice::Cancel,
                };
            }
            Answer::Stay
        }
        _ => {
            confirm.hint = Some("tab chooses, enter does it, esc leaves");
            Answer::Stay
        }
    }
}

fn name(confirm: &mut Confirm, press: Press) -> Answer {
    if press.key.code == KeyCode::Enter {
        if confirm.typed.text() == confirm.expected {
            return Answer::Go;
        }
        confirm.hint = Some("that is not the name: type it as shown");
        return Answer::Stay;
    }
    // A name that came in one piece was pasted, not read.
    let is_text = matches!(press.key.code, KeyCode::Char(_)) && !press.key.ctrl;
    if is_text && press.burst {
        confirm.hint = Some("a paste never confirms: type it");
        return Answer::Stay;
    }
    confirm.typed.key(press.key);
    Answer::Stay
}

/// After new rows: a question whose objects are no longer what was seen closes and says so. A new
/// resourceVersion alone is not enough: a controller that counts pods would close every question
/// about a rollout. What the question rests on must be as it was; its targets then follow the rows.
pub fn close_if_changed(state: &mut State) {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return;
    };
    let Some(snapshot) = &table.snapshot else { return };
    let what = match &mut state.overlay {
        Some(Overlay::Confirm(confirm)) => {
            let (line, seen, now) = (confirm.friction == Friction::Line, &confirm.seen, &confirm.replicas_now);
            let same = |n: usize, row: &Row| {
                if line {
                    wants_the_same(table, now, n, row)
                } else {
                    let mut seen = seen.iter();
                    seen.any(|old| old.is_same_object(row) && reads_the_same(old, row))
                }
            };
            follow(snapshot, &mut confirm.targets, same)
        }
        Some(Overlay::Prompt(Prompt {
            kind: PromptKind::Replicas { targets, now },
            ..
        })) => {
            let now = &*now;
            follow(snapshot, targets, |n, row| wants_the_same(table, now, n, row))
        }
        _ => return,
    };
    if let Some(what) = what {
        state.overlay = None;
        state.deaf_until = Some(state.now.plus_ms(super::keys::DEAF_MS));
        state.say(
            Level::Warning,
            format!("{what} since you asked: nothing was sent; look, and ask again"),
        );
    }
}

/// As many replicas as the `n`th target wanted, where that is known.
fn wants_the_same(table: &TableScreen, now: &Desired, n: usize, row: &Row) -> bool {
    let wanted = now.0.get(n).copied().flatten();
    wanted.is_none() || impact::desired(table, row) == wanted
}

/// Moves each target to its row's newest version; says which of them is not what it was.
fn follow(snapshot: &Snapshot, targets: &mut [ObjectRef], same: impl Fn(usize, &Row) -> bool) -> Option<String> {
    for (n, target) in targets.iter_mut().enumerate() {
        match snapshot.rows.iter().find(|row| is_target(row, target)) {
            Some(row) if same(n, row) => *target = snapshot.object(row),
            Some(_) => return Some(format!("{target} has changed")),
            None if snapshot.complete => return Some(format!("{target} is gone")),
            None => {}
        }
    }
    None
}

/// Every cell but the running ages.
fn reads_the_same(old: &Row, new: &Row) -> bool {
    let texts = |row: &Row| row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    texts(old) == texts(new)
}

/// The rows of these objects.
pub fn rows_of(table: &TableScreen, targets: &[ObjectRef]) -> Vec<Row> {
    let rows = table.snapshot.iter().flat_map(|snapshot| snapshot.rows.iter());
    rows.filter(|row| targets.iter().any(|target| is_target(row, target)))
        .cloned()
        .collect()
}

/// The glass is whole again: nothing that waits for a write may stay open.
pub fn close_for_end(state: &mut State) {
    let waits = match &state.overlay {
        Some(Overlay::Confirm(_)) => true,
        Some(Overlay::Prompt(prompt)) => matches!(prompt.kind, PromptKind::Replicas { .. }),
        _ => false,
    };
    if waits {
        state.overlay = None;
        state.deaf_until = Some(state.now.plus_ms(super::keys::DEAF_MS));
        state.say(
            Level::Warning,
            "the escalation has ended: the open question was closed, nothing was sent",
        );
    }
}
