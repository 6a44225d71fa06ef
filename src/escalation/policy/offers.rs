//! What the escalate pane offers, and whether a request is complete. Plain data: the pane checks
//! with it at every key, the gate checks again with the same function before anything is sent.

use std::sync::Arc;

use regex::Regex;

use super::reason::{self, reason_length};
use super::{Policy, Role, RoleScope, format_duration, rights};
use crate::escalation::names;
use crate::escalation::{Enforced, EscalationRequest, Trigger};

/// The shortest grant that is worth its petitions.
const SHORTEST_TTL: u32 = 10;
const LONGEST_FIELD: usize = 2000;

/// Everything the pane needs to know of the policy.
#[derive(Clone, Debug)]
pub struct Offers {
    pub policy: String,
    /// Manual categories.
    pub triggers: Arc<[String]>,
    pub incident: Option<Regex>,
    pub ticket: Regex,
    pub ticket_example: String,
    pub minimum_reason: usize,
    /// Seconds before the end, longest first.
    pub warnings: Arc<[u32]>,
    pub roles: Arc<[RoleOffer]>,
    /// Where records go.
    pub kept: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleOffer {
    pub name: String,
    pub about: String,
    /// None is the whole cluster.
    pub scopes: Arc<[Option<String>]>,
    pub max_ttl_seconds: u32,
    /// Offered in the pane, shortest first; any length up to the longest is accepted.
    pub ttl_choices: Arc<[u32]>,
    pub self_approve: bool,
    /// Who must consent, in words.
    pub consent: String,
    /// What one gains, one line each.
    pub rights: Arc<[String]>,
    pub enforced: Enforced,
    pub unbounded: bool,
    /// What its pods reach beyond its rules, in words.
    pub reach: Option<String>,
    /// Why this person may not ask for it.
    pub refused: Option<String>,
}

/// A field of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Trigger,
    Ticket,
    Reason,
    Role,
    Scope,
    Ttl,
}

/// What is missing, beside which field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {cure}")]
pub struct FieldError {
    pub field: Field,
    pub cause: String,
    pub cure: String,
}

impl FieldError {
    fn new(field: Field, cause: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            field,
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}

impl Policy {
    /// What `user` may ask for on a cluster with or without the kit.
    pub fn offers(&self, user: &str, groups: &[String], kit_installed: bool) -> Offers {
        let roles = self.roles.values().map(|role| offer(role, user, groups, kit_installed));
        Offers {
            policy: self.origin.clone(),
            triggers: self.triggers.manual.clone().into(),
            incident: self.triggers.incident.clone(),
            ticket: self.ticket.pattern.clone(),
            ticket_example: self.ticket.example.clone(),
            minimum_reason: self.minimum_reason,
            warnings: self.warnings.clone().into(),
            roles: roles.collect(),
            kept: self.remote.kept(),
        }
    }
}

fn offer(role: &Role, user: &str, groups: &[String], kit_installed: bool) -> RoleOffer {
    let enforced = match role.service_account {
        Some(_) => Enforced::ClientOnly,
        None => Enforced::Server,
    };
    RoleOffer {
        name: role.name.clone(),
        about: role.about.clone(),
        scopes: match &role.scope {
            RoleScope::Cluster => [None].into(),
            RoleScope::Namespaces(list) => list.iter().cloned().map(Some).collect(),
        },
        max_ttl_seconds: role.max_ttl_seconds,
        ttl_choices: ttl_choices(role.max_ttl_seconds),
        self_approve: role.self_approve,
        consent: consent(role, user),
        rights: rights::describe(&role.rules).into(),
        enforced,
        unbounded: role.unbounded,
        reach: rights::reach(role),
        refused: refusal(role, user, groups, kit_installed),
    }
}

fn refusal(role: &Role, user: &str, groups: &[String], kit_installed: bool) -> Option<String> {
    if !role.requesters.contains(user, groups) {
        return Some(format!("only {} may ask for it", role.requesters.describe()));
    }
    if !kit_installed && role.service_account.is_none() {
        return Some("the kit is not installed on this cluster, and the policy names no service_account".into());
    }
    names::grant_name(&role.name, user, "0000000000-aaaaaaaaaaaaaaaa").err()
}

fn consent(role: &Role, user: &str) -> String {
    if role.self_approve {
        return "your own, at once".into();
    }
    format!("one of {}; not {user}", role.approvers.describe())
}

fn ttl_choices(max: u32) -> Arc<[u32]> {
    let mut choices: Vec<u32> = [300, 600, 900, 1800, 3600]
        .into_iter()
        .filter(|ttl| *ttl < max)
        .collect();
    // Three are shown; the longest allowed is always one of them.
    choices.push(max);
    let skip = choices.len().saturating_sub(3);
    choices.drain(..skip);
    choices.into()
}

impl Offers {
    pub fn role(&self, name: &str) -> Option<&RoleOffer> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Everything that keeps `request` from being asked; empty means it can be.
    pub fn check(&self, request: &EscalationRequest) -> Vec<FieldError> {
        let mut errors = Vec::new();
        errors.extend(self.check_trigger(&request.trigger));
        if !self.ticket.is_match(&request.ticket) || !is_plain(&request.ticket) {
            let cause = if request.ticket.is_empty() {
                "a ticket is required"
            } else {
                "this is no ticket"
            };
            errors.push(FieldError::new(
                Field::Ticket,
                cause,
                format!("write it like {}", self.ticket_example),
            ));
        }
        errors.extend(self.check_reason(&request.reason));
        match self.role(&request.role) {
            Some(role) => errors.extend(check_role(role, request)),
            None => errors.push(FieldError::new(
                Field::Role,
                "no such role in the policy",
                "choose one of the list",
            )),
        }
        errors
    }

    fn check_trigger(&self, trigger: &Trigger) -> Option<FieldError> {
        match trigger {
            Trigger::Manual(category) if self.triggers.contains(category) => None,
            Trigger::Manual(_) => Some(FieldError::new(
                Field::Trigger,
                "no such trigger in the policy",
                "choose one",
            )),
            Trigger::Incident(id) => match &self.incident {
                Some(pattern) if pattern.is_match(id) && is_plain(id) => None,
                Some(pattern) => Some(FieldError::new(
                    Field::Trigger,
                    "this is no incident id",
                    format!("it must match {pattern}"),
                )),
                None => Some(FieldError::new(
                    Field::Trigger,
                    "the policy knows no incidents",
                    "choose a manual trigger",
                )),
            },
        }
    }

    fn check_reason(&self, reason: &str) -> Option<FieldError> {
        let length = reason_length(reason);
        if length < self.minimum_reason {
            let cause = format!(
                "{length} letters or digits, at least {} are required",
                self.minimum_reason
            );
            return Some(FieldError::new(
                Field::Reason,
                cause,
                "say what is wrong and what you will do",
            ));
        }
        if !is_plain(reason) {
            let cause = "the reason has invisible characters, or more than 2000";
            return Some(FieldError::new(Field::Reason, cause, "type it as plain text"));
        }
        None
    }
}

fn check_role(role: &RoleOffer, request: &EscalationRequest) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(why) = &role.refused {
        errors.push(FieldError::new(Field::Role, why.clone(), "choose another role"));
    }
    if !role.scopes.contains(&request.namespace) {
        let names: Vec<&str> = role
            .scopes
            .iter()
            .map(|s| s.as_deref().unwrap_or("the cluster"))
            .collect();
        errors.push(FieldError::new(
            Field::Scope,
            format!("{} has no such scope", role.name),
            format!("choose {}", names.join(", ")),
        ));
    }
    if request.ttl_seconds < SHORTEST_TTL || request.ttl_seconds > role.max_ttl_seconds {
        errors.push(FieldError::new(
            Field::Ttl,
            format!("{} is not allowed", format_duration(request.ttl_seconds)),
            format!("choose {SHORTEST_TTL}s to {}", format_duration(role.max_ttl_seconds)),
        ));
    }
    errors
}

/// What the kit's policies accept as well.
fn is_plain(text: &str) -> bool {
    text.chars().count() <= LONGEST_FIELD && !reason::is_hidden(text)
}
