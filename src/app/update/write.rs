//! A write on its way to the gate: what it hits, the question before it, and the mutation, which
//! only a borrowed authority can build.

use super::prompt;
use crate::app::screen::{Screen, TableScreen};
use crate::app::{Choice, Confirm, Effect, InputLine, Level, Overlay, Prompt, PromptKind, State, Undo};
use crate::escalation::Escalation;
use crate::model::{ObjectRef, Row};
use crate::registry::{Action, AppliesTo, Friction, Order, Run, action};

/// More replicas than this in one step are a slip of the finger.
const MOST_REPLICAS: u32 = 10_000;

/// A write key was pressed and the glass is broken.
pub fn begin(state: &mut State, action: &'static Action) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let targets = targets(table);
    if targets.is_empty() {
        return super::act::nothing_there(state);
    }
    if let Some(why) = outside_scope(state, &targets) {
        state.say(Level::Warning, why);
        return Vec::new();
    }
    if action.applies_to == AppliesTo::Scalable {
        let now = table.cursor_line().and_then(|row| desired(table, row));
        let text = now.map(|n| n.to_string()).unwrap_or_default();
        state.overlay = Some(Overlay::Prompt(Prompt::new(
            PromptKind::Replicas { targets, now },
            &text,
        )));
        return Vec::new();
    }
    ask(state, action, targets, None, None)
}

/// The marked objects or the one under the cursor, as seen: with uid and resourceVersion.
fn targets(table: &TableScreen) -> Vec<ObjectRef> {
    let Some(snapshot) = &table.snapshot else {
        return Vec::new();
    };
    table
        .chosen_rows()
        .into_iter()
        .map(|row| snapshot.object(row))
        .collect()
}

/// The gate refuses it too; said here before anything is asked.
fn outside_scope(state: &State, targets: &[ObjectRef]) -> Option<String> {
    let grant = state.glass.grant()?;
    let scope = grant.namespace.as_deref()?;
    let outside = targets
        .iter()
        .find(|target| target.namespace.as_deref() != Some(scope))?;
    let place = outside.namespace.as_deref().unwrap_or("the whole cluster");
    Some(format!(
        "{outside} is in {place}, and {} holds in {scope} only",
        grant.role
    ))
}

/// Opens the question.
pub fn ask(
    state: &mut State,
    action: &'static Action,
    targets: Vec<ObjectRef>,
    replicas: Option<u32>,
    now: Option<u32>,
) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let deletes = action.applies_to == AppliesTo::Deletable || action.applies_to == AppliesTo::Pods;
    let friction = Friction::demanded(action.friction, deletes, &table.resource, targets.len());
    let confirm = Confirm {
        action,
        friction,
        headline: headline(action, &targets, replicas, now),
        impact: impact(table, &targets, deletes),
        expected: expected(&targets),
        targets,
        replicas,
        replicas_now: now,
        opened: state.now,
        choice: Choice::Cancel,
        typed: InputLine::default(),
        hint: None,
    };
    state.overlay = Some(Overlay::Confirm(Box::new(confirm)));
    Vec::new()
}

/// What must be typed: the name, or for many how many they are.
fn expected(targets: &[ObjectRef]) -> String {
    match targets {
        [one] => one.name.clone(),
        many => format!("{} objects", many.len()),
    }
}

fn headline(action: &Action, targets: &[ObjectRef], replicas: Option<u32>, now: Option<u32>) -> String {
    let what = match targets {
        [one] => match &one.namespace {
            Some(namespace) => format!("{one} in {namespace}"),
            None => one.to_string(),
        },
        many => format!(
            "{} {}",
            many.len(),
            many.first().map(|t| t.resource.as_str()).unwrap_or_default()
        ),
    };
    match (replicas, now) {
        (Some(to), Some(from)) if targets.len() == 1 => format!("{} {what}: {from} → {to}", action.title),
        (Some(to), _) => format!("{} {what} to {to}", action.title),
        (None, _) => format!("{} {what}", action.title),
    }
}

/// One line per thing that will be hit.
fn impact(table: &TableScreen, targets: &[ObjectRef], deletes: bool) -> Vec<String> {
    let Some(snapshot) = &table.snapshot else {
        return Vec::new();
    };
    let row_of = |target: &ObjectRef| {
        snapshot
            .rows
            .iter()
            .find(|row| row.uid.as_deref() == target.uid.as_deref())
    };
    // The objects themselves are named by the view, in a restricted alphabet.
    let mut lines: Vec<String> = Vec::new();
    if table.counts.hidden_marks > 0 {
        lines.push(format!(
            "{} of them are hidden by the filter",
            table.counts.hidden_marks
        ));
    }
    if deletes
        && let [one] = targets
        && let Some(row) = row_of(one)
    {
        lines.extend(owner_lines(table, row));
    }
    lines
}

/// Whether it comes back, and how many of its siblings stay meanwhile.
fn owner_lines(table: &TableScreen, row: &Row) -> Vec<String> {
    let Some(owner) = &row.owner else {
        return vec!["it has no owner: nothing brings it back".into()];
    };
    let rows = table.snapshot.as_ref().map(|s| s.rows.as_ref()).unwrap_or_default();
    let siblings = rows.iter().filter(|other| {
        other.owner.as_ref() == Some(owner) && other.namespace == row.namespace && !other.is_same_object(row)
    });
    let (mut left, mut well) = (0, 0);
    for sibling in siblings {
        left += 1;
        well += usize::from(!table.state_of(sibling).is_unwell());
    }
    vec![
        format!("owned by {owner}, which makes a new one"),
        format!("{left} more of this owner in this list, {well} of them well"),
    ]
}

/// Desired replicas by READY (`1/3`) or DESIRED, where the table has them.
pub fn desired(table: &TableScreen, row: &Row) -> Option<u32> {
    let cell = |at: Option<usize>| at.and_then(|at| row.cells.get(at)).map(|cell| cell.text.as_str());
    match cell(table.health.desired) {
        Some(number) => number.parse().ok(),
        None => cell(table.health.ready)?.split_once('/')?.1.parse().ok(),
    }
}

/// Enter in the prompt for replicas.
pub fn replicas_typed(state: &mut State, text: &str, targets: Vec<ObjectRef>, now: Option<u32>) -> Vec<Effect> {
    let Some(scale) = action("workload.scale") else {
        return Vec::new();
    };
    match text.parse::<u32>() {
        Ok(replicas) if replicas <= MOST_REPLICAS => {
            state.overlay = None;
            ask(state, scale, targets, Some(replicas), now)
        }
        _ => {
            prompt::set_error(state, Some(format!("a number from 0 to {MOST_REPLICAS}")));
            Vec::new()
        }
    }
}

/// Confirmed. Without an authority nothing can be built, whatever the screen says.
pub fn send(state: &mut State, authority: Option<&Escalation>, confirm: Confirm) -> Vec<Effect> {
    if let Some(why) = crate::app::hints::glass_blocks(state) {
        state.say(Level::Error, format!("{} was not sent: {why}", confirm.headline));
        return Vec::new();
    }
    let (Some(authority), Run::Write(make)) = (authority, confirm.action.run) else {
        state.say(
            Level::Error,
            format!("{} was not sent: the glass is not broken", confirm.headline),
        );
        return Vec::new();
    };
    let order = order(state, confirm);
    vec![Effect::Mutate(make(authority, order))]
}

/// The operator's order with its number; marks are spent by it.
pub fn order(state: &mut State, confirm: Confirm) -> Order {
    let number = state.next_action;
    state.next_action += 1;
    if let (Some(from), [target]) = (confirm.replicas_now, confirm.targets.as_slice()) {
        state.glass.undo.push(Undo {
            action: number,
            target: target.clone(),
            replicas: from,
            done: false,
        });
    }
    let height = state.body_height();
    if let Some(Screen::Table(table)) = state.screen_mut() {
        table.marks.clear();
        table.arrange(height);
    }
    state.say(Level::Note, format!("{} …", confirm.headline));
    Order {
        action: number,
        targets: confirm.targets,
        replicas: confirm.replicas,
    }
}
