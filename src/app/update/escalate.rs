//! Keys of the escalate pane. ctrl-s asks, and only when nothing is missing; a held or pasted
//! ctrl-s does not. While it waits, esc withdraws.

use super::keys::{GUARD_MS, Press};
use crate::app::{Effect, EscalatePane, FIELDS, GlassMode, InputLine, KeyCode, Level, Overlay, State, as_minutes};
use crate::escalation::{AskProgress, Field, Offers};
use std::sync::Arc;

pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    if matches!(state.glass.mode, GlassMode::Asking(_)) {
        return waiting(state, press);
    }
    if let Some(Overlay::Escalate(pane)) = &mut state.overlay
        && std::mem::take(&mut pane.rights)
    {
        // Whatever the key: it only leads back to the form.
        return Vec::new();
    }
    match (press.key.code, press.key.ctrl) {
        (KeyCode::Esc, _) | (KeyCode::Char('c'), true) => {
            keep(state);
            Vec::new()
        }
        (KeyCode::Char('s'), true) => ask(state, press),
        _ => {
            edit(state, press);
            Vec::new()
        }
    }
}

/// The pane shows how the request is getting on.
fn waiting(state: &mut State, press: Press) -> Vec<Effect> {
    match press.key.code {
        KeyCode::Esc => withdraw(state),
        KeyCode::Char('c') if press.key.ctrl => withdraw(state),
        KeyCode::Char('c') => copy_command(state),
        // Looking on meanwhile is no reason to give up; `!` brings the pane back.
        KeyCode::Char('!') => {
            keep(state);
            state.say(Level::Note, "still asking: ! shows how it goes");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// What an approver can paste.
fn copy_command(state: &mut State) -> Vec<Effect> {
    let progress = state
        .glass
        .asking()
        .map(|asking| asking.progress.as_slice())
        .unwrap_or_default();
    let command = progress.iter().find_map(|step| match step {
        AskProgress::Waiting { command, .. } => Some(command.clone()),
        _ => None,
    });
    super::act::copy(state, command.unwrap_or_default(), "the approver's command")
}

/// Leaves the pane; what was typed waits in it.
fn keep(state: &mut State) {
    if let Some(Overlay::Escalate(pane)) = state.overlay.take() {
        state.glass.pane = Some(pane);
    }
}

fn withdraw(state: &mut State) -> Vec<Effect> {
    let GlassMode::Asking(asking) = &mut state.glass.mode else {
        return Vec::new();
    };
    if std::mem::replace(&mut asking.withdrawn, true) {
        return Vec::new();
    }
    state.say(Level::Note, "withdrawing the request");
    vec![Effect::Withdraw]
}

fn ask(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(offers) = state.offers.clone() else {
        return Vec::new();
    };
    let now = state.now;
    let Some(Overlay::Escalate(pane)) = &mut state.overlay else {
        return Vec::new();
    };
    if press.doubtful || now.since(pane.opened) < GUARD_MS || state.connection.connecting.is_some() {
        return Vec::new();
    }
    pane.tried = true;
    pane.error = None;
    pane.check(&offers);
    if let Some(first) = pane.missing.first() {
        pane.field = first.field;
        return Vec::new();
    }
    let request = pane.request(&offers);
    super::glass::asking(state, request.clone());
    vec![Effect::Ask(request)]
}

fn edit(state: &mut State, press: Press) {
    let Some(offers) = state.offers.clone() else {
        return;
    };
    let namespace = state.namespace.clone();
    let Some(Overlay::Escalate(pane)) = &mut state.overlay else {
        return;
    };
    match press.key.code {
        KeyCode::Tab | KeyCode::Down | KeyCode::Enter => move_field(pane, true),
        KeyCode::BackTab | KeyCode::Up => move_field(pane, false),
        KeyCode::Left => sideways(pane, press, &offers, false, namespace.as_deref()),
        KeyCode::Right => sideways(pane, press, &offers, true, namespace.as_deref()),
        // A slip of the hand must not become a time.
        KeyCode::Char(c) if pane.field == Field::Ttl && !press.key.ctrl && !is_of_a_time(c) => {}
        KeyCode::Char('r') if line(pane, &offers).is_none() => pane.rights = pane.role_offer(&offers).is_some(),
        _ => {
            if let Some(line) = line(pane, &offers) {
                line.key(press.key);
            }
        }
    }
    pane.check(&offers);
}

/// `15`, `30s`, `1h`
fn is_of_a_time(c: char) -> bool {
    c.is_ascii_digit() || "smh".contains(c)
}

fn move_field(pane: &mut EscalatePane, forward: bool) {
    let at = FIELDS.iter().position(|field| *field == pane.field).unwrap_or(0);
    let step = if forward { 1 } else { FIELDS.len() - 1 };
    pane.field = FIELDS[(at + step) % FIELDS.len()];
}

/// The line that typing goes to, if the field is typed at all.
fn line<'a>(pane: &'a mut EscalatePane, offers: &Offers) -> Option<&'a mut InputLine> {
    match pane.field {
        Field::Trigger if pane.is_incident(offers) => Some(&mut pane.incident),
        Field::Ticket => Some(&mut pane.ticket),
        Field::Reason => Some(&mut pane.reason),
        Field::Ttl => Some(&mut pane.minutes),
        Field::Trigger | Field::Role | Field::Scope => None,
    }
}

/// Arrows choose where there is a choice, and move the caret where there is text.
fn sideways(pane: &mut EscalatePane, press: Press, offers: &Arc<Offers>, right: bool, namespace: Option<&str>) {
    match pane.field {
        // Past the typed incident the arrow must lead back to the choices.
        Field::Trigger => {
            let count = offers.triggers.len() + usize::from(offers.incident.is_some());
            pane.trigger = turn(pane.trigger, count, right);
        }
        Field::Role => {
            pane.role = turn(pane.role, offers.roles.len(), right);
            pane.role_chosen(offers, namespace);
        }
        Field::Scope => {
            let count = pane.role_offer(offers).map_or(0, |role| role.scopes.len());
            pane.scope = turn(pane.scope, count, right);
        }
        Field::Ttl => next_ttl(pane, offers, right),
        Field::Ticket | Field::Reason => {
            if let Some(line) = line(pane, offers) {
                line.key(press.key);
            }
        }
    }
}

fn turn(at: usize, count: usize, right: bool) -> usize {
    match (count, right) {
        (0, _) => 0,
        (count, true) => (at + 1) % count,
        (count, false) => (at + count - 1) % count,
    }
}

fn next_ttl(pane: &mut EscalatePane, offers: &Offers, right: bool) {
    let Some(role) = pane.role_offer(offers) else { return };
    let choices: Vec<String> = role.ttl_choices.iter().map(|&ttl| as_minutes(ttl)).collect();
    let at = choices.iter().position(|choice| choice == pane.minutes.text().trim());
    let next = match at {
        Some(at) => turn(at, choices.len(), right),
        None => choices.len().saturating_sub(1),
    };
    if let Some(choice) = choices.get(next) {
        pane.minutes.set(choice);
    }
}

pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let Some(offers) = state.offers.clone() else {
        return Vec::new();
    };
    if let Some(Overlay::Escalate(pane)) = &mut state.overlay {
        if let Some(line) = line(pane, &offers) {
            line.insert(text.trim_end_matches(['\n', '\r']));
        }
        pane.check(&offers);
    }
    Vec::new()
}
