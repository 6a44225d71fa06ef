//! The escalate pane: what is typed and chosen, and what is still missing. The policy's own check
//! decides; this file only holds what it is given.

use crate::app::InputLine;
use crate::escalation::{
    EscalationRequest, Field, FieldError, Offers, RoleOffer, Trigger, format_duration, parse_duration,
};
use crate::model::Moment;

/// Fields in the order of the pane.
pub const FIELDS: [Field; 6] = [
    Field::Trigger,
    Field::Ticket,
    Field::Reason,
    Field::Role,
    Field::Scope,
    Field::Ttl,
];

#[derive(Clone, Debug)]
pub struct EscalatePane {
    pub opened: Moment,
    pub field: Field,
    /// Index into `Offers::triggers`; one past the end is the incident.
    pub trigger: usize,
    /// Typed where the trigger is an incident.
    pub incident: InputLine,
    pub ticket: InputLine,
    pub reason: InputLine,
    /// Index into `Offers::roles`.
    pub role: usize,
    /// Index into `RoleOffer::scopes`.
    pub scope: usize,
    /// Minutes as typed, or a duration (`30s`); chosen with the arrows.
    pub minutes: InputLine,
    /// What is missing or wrong, beside its field. Empty: it can be asked.
    pub missing: Vec<FieldError>,
    /// True after the first ctrl-s: until then nobody is scolded for fields not reached yet.
    pub tried: bool,
    /// Why the last ask failed.
    pub error: Option<String>,
    /// All rights of the role are shown in place of the form.
    pub rights: bool,
}

impl EscalatePane {
    /// The first role one may ask for, in the namespace that is looked at where the role covers it.
    pub fn new(opened: Moment, offers: &Offers, namespace: Option<&str>) -> Self {
        let mut pane = Self {
            opened,
            field: Field::Trigger,
            trigger: 0,
            incident: InputLine::default(),
            ticket: InputLine::default(),
            reason: InputLine::default(),
            role: offers.roles.iter().position(|role| role.refused.is_none()).unwrap_or(0),
            scope: 0,
            minutes: InputLine::default(),
            missing: Vec::new(),
            tried: false,
            error: None,
            rights: false,
        };
        pane.role_chosen(offers, namespace);
        pane.check(offers);
        pane
    }

    pub fn is_incident(&self, offers: &Offers) -> bool {
        self.trigger >= offers.triggers.len()
    }

    pub fn role_offer<'a>(&self, offers: &'a Offers) -> Option<&'a RoleOffer> {
        offers.roles.get(self.role)
    }

    /// The scope shown; None is the whole cluster.
    pub fn scope_name<'a>(&self, offers: &'a Offers) -> Option<&'a str> {
        self.role_offer(offers)?.scopes.get(self.scope)?.as_deref()
    }

    pub fn missing_in(&self, field: Field) -> Option<&FieldError> {
        self.missing.iter().find(|error| error.field == field)
    }

    /// Scope and minutes of the role just chosen.
    pub fn role_chosen(&mut self, offers: &Offers, namespace: Option<&str>) {
        let Some(role) = offers.roles.get(self.role) else {
            return;
        };
        self.scope = role
            .scopes
            .iter()
            .position(|scope| scope.as_deref() == namespace)
            .unwrap_or(0);
        if let Some(&ttl) = role.ttl_choices.last() {
            self.minutes.set(&as_minutes(ttl));
        }
    }

    pub fn request(&self, offers: &Offers) -> EscalationRequest {
        let role = self.role_offer(offers);
        EscalationRequest {
            trigger: match offers.triggers.get(self.trigger) {
                Some(category) => Trigger::Manual(category.clone()),
                None => Trigger::Incident(self.incident.text().trim().into()),
            },
            ticket: self.ticket.text().trim().into(),
            reason: self.reason.text().trim().into(),
            role: role.map(|role| role.name.clone()).unwrap_or_default(),
            namespace: role.and_then(|role| role.scopes.get(self.scope)).cloned().flatten(),
            // What cannot be read is no time at all, which the check names.
            ttl_seconds: seconds(self.minutes.text()).unwrap_or(0),
        }
    }

    pub fn check(&mut self, offers: &Offers) {
        self.missing = offers.check(&self.request(offers));
    }
}

/// `15` is minutes, `30s` and `1h` are durations.
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(minutes) => minutes.checked_mul(60),
        Err(_) => parse_duration(text),
    }
}

/// As it would be typed.
pub fn as_minutes(seconds: u32) -> String {
    if seconds.is_multiple_of(60) {
        (seconds / 60).to_string()
    } else {
        format_duration(seconds)
    }
}
