//! A write on its way to the gate: what it hits, the question before it, and the mutation, which
//! only a borrowed authority can build.

use super::{confirm, drain, impact, typing};
use crate::app::screen::{Screen, TableScreen};
use crate::app::{
    Batch, Choice, Confirm, Desired, Effect, InputLine, Level, Overlay, Prompt, PromptKind, State, Undo, WayBack,
};
use crate::escalation::Escalation;
use crate::model::ObjectRef;
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
        let now = impact::all_desired(table, &targets);
        // Where they differ no number is proposed: enter would make one's number everybody's.
        let text = now.of_all().map(|n| n.to_string()).unwrap_or_default();
        let mut prompt = Prompt::new(PromptKind::Replicas { targets, now }, &text);
        prompt.line = InputLine::offered(&text);
        state.overlay = Some(Overlay::Prompt(prompt));
        return Vec::new();
    }
    ask(state, action, targets, None, Desired::default())
}

/// The marked objects or the one under the cursor, as seen: with uid and resourceVersion.
pub fn targets(table: &TableScreen) -> Vec<ObjectRef> {
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
pub fn outside_scope(state: &State, targets: &[ObjectRef]) -> Option<String> {
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
    mut targets: Vec<ObjectRef>,
    replicas: Option<u32>,
    now: Desired,
) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let deletes = action.applies_to == AppliesTo::Deletable || action.applies_to == AppliesTo::Pods;
    if deletes {
        impact::worst_first(table, &mut targets);
    }
    let mut impact = impact::lines(table, &targets, deletes);
    if action.id == "pod.kill" {
        // Elsewhere this key gives a pod no time to end.
        impact.insert(
            0,
            "kill is the same as delete: a pod has its grace period to end".into(),
        );
    }
    let friction = Friction::demanded(action.friction, deletes, &table.resource, targets.len());
    let confirm = Confirm {
        action,
        friction,
        headline: impact::headline(action, &targets, replicas, &now),
        impact,
        expected: impact::expected(&targets),
        seen: confirm::rows_of(table, &targets),
        targets,
        replicas,
        replicas_now: now,
        drain: None,
        opened: state.now,
        choice: Choice::Cancel,
        typed: InputLine::default(),
        hint: None,
    };
    state.overlay = Some(Overlay::Confirm(Box::new(confirm)));
    Vec::new()
}

/// Enter in the prompt for replicas.
pub fn replicas_typed(state: &mut State, text: &str, targets: Vec<ObjectRef>, now: Desired) -> Vec<Effect> {
    let Some(scale) = action("workload.scale") else {
        return Vec::new();
    };
    match text.parse::<u32>() {
        Ok(replicas) if replicas <= MOST_REPLICAS => {
            state.overlay = None;
            ask(state, scale, targets, Some(replicas), now)
        }
        _ => {
            typing::set_error(state, Some(format!("a number from 0 to {MOST_REPLICAS}")));
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
    match (authority, confirm.action.run) {
        (Some(authority), Run::Write(make)) => {
            let how = confirm.friction.confirmed();
            let mut mutation = make(authority, order(state, confirm));
            mutation.confirmed_by(how);
            vec![Effect::Mutate(mutation)]
        }
        (Some(authority), Run::Drain(make)) => drain::send(state, authority, make, confirm),
        _ => {
            let why = "the glass is not broken";
            state.say(Level::Error, format!("{} was not sent: {why}", confirm.headline));
            Vec::new()
        }
    }
}

/// How this write can be taken back.
fn way_back(confirm: &Confirm) -> Option<WayBack> {
    match confirm.action.id {
        "node.cordon" | "node.drain" => Some(WayBack::Uncordon),
        "node.uncordon" => Some(WayBack::Cordon),
        _ => confirm.replicas_now.of_all().map(WayBack::Scale),
    }
}

/// The operator's order with its number; marks are spent by it.
pub fn order(state: &mut State, confirm: Confirm) -> Order {
    let number = state.next_action;
    state.next_action += 1;
    if let (Some(back), [target]) = (way_back(&confirm), confirm.targets.as_slice()) {
        state.glass.undo.push(Undo {
            action: number,
            target: target.clone(),
            back,
            done: false,
        });
    }
    let height = state.body_height();
    if let Some(Screen::Table(table)) = state.screen_mut() {
        table.marks.clear();
        table.arrange(height);
    }
    let text = format!("{} …", confirm.headline);
    if confirm.targets.len() > 1 {
        state.glass.batches.push(Batch {
            action: number,
            total: confirm.targets.len(),
            ..Batch::default()
        });
        state.say_of(number, Level::Note, text);
    } else {
        state.say(Level::Note, text);
    }
    Order {
        action: number,
        targets: confirm.targets,
        replicas: confirm.replicas,
    }
}
