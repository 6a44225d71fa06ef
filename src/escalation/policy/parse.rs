//! Policy text to types. Collects every mistake; a policy with one mistake is no policy.

use std::collections::BTreeMap;

use regex::Regex;
use toml::de::{DeTable, DeValue};

use super::table::{Keys, Mistakes};
use super::{
    Policy, PolicyError, Role, RoleScope, Rule, ServiceAccountRef, Subjects, Ticket, Triggers, check, format_duration,
    hash_of,
};

const DEFAULT_AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
const DEFAULT_WARNINGS: [u32; 4] = [300, 120, 60, 10];
const DEFAULT_TICKET: &str = "^[A-Z][A-Z0-9]*-[0-9]+$";

pub(super) fn parse(text: &str, origin: &str) -> Result<Policy, Vec<PolicyError>> {
    let mut mistakes = Mistakes::new(text, origin);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let offset = error.span().map_or(0, |s| s.start);
        mistakes.at(
            offset,
            format!("this is no TOML: {}", error.message()),
            "correct the line",
        );
    }
    // What follows a broken line would be reported as missing.
    if !mistakes.list.is_empty() {
        return Err(mistakes.list);
    }
    let mut top = Keys::new("", 0, document.get_ref());
    let policy = read_policy(&mut top, &mut mistakes, text, origin);
    top.refuse_unknown(&mut mistakes);
    mistakes.list.sort_by_key(|m| m.line);
    if mistakes.list.is_empty() {
        Ok(policy)
    } else {
        Err(mistakes.list)
    }
}

fn read_policy(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>, text: &str, origin: &str) -> Policy {
    if top.number(mistakes, "version").is_some_and(|v| v != 1) {
        mistakes.at(
            top.offset_of("version"),
            "this version of a policy is unknown",
            "write version = 1",
        );
    }
    if top.string(mistakes, "remote_required").is_some_and(|r| r != "none") {
        let offset = top.offset_of("remote_required");
        let cause = "`remote_required` asks for a remote sink, and this version has none";
        mistakes.at(offset, cause, "write remote_required = \"none\"");
    }
    let policy = Policy {
        origin: origin.into(),
        hash: hash_of(text),
        ticket: read_ticket(top, mistakes),
        triggers: read_triggers(top, mistakes),
        minimum_reason: read_minimum_reason(top, mistakes),
        warnings: read_warnings(top, mistakes),
        audience: top
            .string(mistakes, "audience")
            .unwrap_or_else(|| DEFAULT_AUDIENCE.into()),
        audiences: read_audiences(top, mistakes),
        roles: read_roles(top, mistakes),
    };
    if policy.roles.is_empty() && mistakes.list.is_empty() {
        mistakes.at(0, "the policy has no role", "write a table [roles.NAME]");
    }
    policy
}

fn read_minimum_reason(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> usize {
    let minimum = top.number(mistakes, "minimum_reason").unwrap_or(20);
    if !(1..=500).contains(&minimum) {
        mistakes.at(
            top.offset_of("minimum_reason"),
            "`minimum_reason` is out of range",
            "write 1 to 500",
        );
    }
    minimum
}

fn read_ticket(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Ticket {
    let mut ticket = Ticket {
        pattern: Regex::new(DEFAULT_TICKET).expect("the constant above is a valid pattern"),
        example: "INC-4711".into(),
    };
    let Some(mut keys) = top.table(mistakes, "ticket") else {
        return ticket;
    };
    if let Some(pattern) = keys.pattern(mistakes, "pattern") {
        ticket.pattern = pattern;
    }
    if let Some(example) = keys.string(mistakes, "example") {
        ticket.example = example;
    }
    if !ticket.pattern.is_match(&ticket.example) {
        let offset = keys.offset_of("example");
        mistakes.at(
            offset,
            "`ticket.example` does not match `ticket.pattern`",
            "give an example that does",
        );
    }
    keys.refuse_unknown(mistakes);
    ticket
}

fn read_triggers(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Triggers {
    let mut triggers = Triggers {
        manual: Vec::new(),
        incident: None,
    };
    let offset = top.offset_of("triggers");
    if let Some(mut keys) = top.table(mistakes, "triggers") {
        let has_pattern = keys.get("incident").is_some();
        triggers.manual = keys.strings(mistakes, "manual").unwrap_or_default();
        triggers.incident = keys.pattern(mistakes, "incident");
        keys.refuse_unknown(mistakes);
        if has_pattern {
            return triggers;
        }
    }
    if triggers.manual.is_empty() {
        let cure = "write `manual = [\"...\"]` or `incident = \"^...$\"` under [triggers]";
        mistakes.at(offset, "no trigger is defined, so nobody could escalate", cure);
    }
    triggers
}

fn read_warnings(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Vec<u32> {
    let Some(texts) = top.strings(mistakes, "warnings") else {
        return DEFAULT_WARNINGS.to_vec();
    };
    let offset = top.offset_of("warnings");
    let mut warnings = Vec::new();
    for text in texts {
        match super::parse_duration(&text) {
            Some(seconds) => warnings.push(seconds),
            None => mistakes.at(
                offset,
                format!("the warning \"{text}\" is no duration"),
                "write e.g. \"2m\"",
            ),
        }
    }
    warnings.sort_unstable_by(|a, b| b.cmp(a));
    warnings.dedup();
    warnings
}

fn read_audiences(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> BTreeMap<String, String> {
    let Some(keys) = top.table(mistakes, "audiences") else {
        return BTreeMap::new();
    };
    let mut audiences = BTreeMap::new();
    for (context, offset, value) in keys.entries() {
        match value.get_ref().as_str().filter(|s| !s.is_empty()) {
            Some(audience) => drop(audiences.insert(context, audience.into())),
            None => mistakes.at(
                offset,
                format!("the audience of context `{context}` is not a text"),
                "write the API server's audience in quotes",
            ),
        }
    }
    audiences
}

fn read_roles(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> BTreeMap<String, Role> {
    let Some(keys) = top.table(mistakes, "roles") else {
        return BTreeMap::new();
    };
    let mut roles = BTreeMap::new();
    for (name, offset, value) in keys.entries() {
        let DeValue::Table(table) = value.get_ref() else {
            mistakes.at(
                offset,
                format!("`roles.{name}` is not a table"),
                format!("write [roles.{name}]"),
            );
            continue;
        };
        let mut role_keys = Keys::new(&format!("roles.{name}."), offset, table);
        let role = read_role(&name, &mut role_keys, mistakes);
        check::role(&role, &mut role_keys, mistakes);
        role_keys.refuse_unknown(mistakes);
        roles.insert(name, role);
    }
    roles
}

fn read_role(name: &str, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Role {
    Role {
        name: name.into(),
        about: keys.string(mistakes, "about").unwrap_or_default(),
        scope: read_scope(keys, mistakes),
        max_ttl_seconds: read_max_ttl(keys, mistakes),
        requesters: read_subjects(keys, mistakes, "requesters"),
        approvers: read_subjects(keys, mistakes, "approvers"),
        self_approve: keys.boolean(mistakes, "self_approve"),
        unbounded: keys.boolean(mistakes, "unbounded"),
        service_account: read_service_account(keys, mistakes),
        rules: read_rules(keys, mistakes),
    }
}

fn read_max_ttl(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> u32 {
    if keys.get("max_ttl").is_none() {
        mistakes.at(
            keys.offset,
            format!("`{}max_ttl` is missing", keys.place),
            "write e.g. max_ttl = \"10m\"",
        );
        return 0;
    }
    let Some(seconds) = keys.duration(mistakes, "max_ttl") else {
        return 0;
    };
    if seconds > 3600 {
        let cause = format!("`{}max_ttl` is {}", keys.place, format_duration(seconds));
        mistakes.at(keys.offset_of("max_ttl"), cause, "an escalation lasts one hour at most");
    }
    seconds
}

fn read_scope(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> RoleScope {
    let scope = keys.string(mistakes, "scope");
    let namespaces = keys.strings(mistakes, "namespaces");
    let place = keys.place.clone();
    match (scope.as_deref(), namespaces) {
        (Some("cluster"), None) => RoleScope::Cluster,
        (None, Some(list)) if !list.is_empty() => RoleScope::Namespaces(list),
        (None, Some(_)) => {
            mistakes.at(
                keys.offset_of("namespaces"),
                format!("`{place}namespaces` is empty"),
                "name at least one",
            );
            RoleScope::Namespaces(Vec::new())
        }
        (Some(_), Some(_)) => {
            let cause = format!("`{place}scope` and `{place}namespaces` exclude each other");
            mistakes.at(keys.offset_of("scope"), cause, "keep one of them");
            RoleScope::Cluster
        }
        (scope, None) => {
            if scope.is_some() || keys.get("scope").is_none() && keys.get("namespaces").is_none() {
                let cause = format!("the scope of `{}` is not said", place.trim_end_matches('.'));
                let offset = keys.offset_of("scope");
                mistakes.at(offset, cause, "write scope = \"cluster\" or namespaces = [\"...\"]");
            }
            RoleScope::Namespaces(Vec::new())
        }
    }
}

fn read_subjects(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>, key: &'static str) -> Subjects {
    let Some(mut table) = keys.table(mistakes, key) else {
        return Subjects::default();
    };
    let subjects = Subjects {
        groups: table.strings(mistakes, "groups").unwrap_or_default(),
        users: table.strings(mistakes, "users").unwrap_or_default(),
    };
    table.refuse_unknown(mistakes);
    subjects
}

fn read_service_account(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<ServiceAccountRef> {
    let text = keys.string(mistakes, "service_account")?;
    match text.split_once('/') {
        Some((namespace, name)) if check::is_label(namespace) && check::is_label(name) => Some(ServiceAccountRef {
            namespace: namespace.into(),
            name: name.into(),
        }),
        _ => {
            let cause = format!("`{}service_account` is not NAMESPACE/NAME", keys.place);
            mistakes.at(
                keys.offset_of("service_account"),
                cause,
                "write e.g. \"shop/break-glass\"",
            );
            None
        }
    }
}

fn read_rules(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Vec<Rule> {
    let place = keys.place.clone();
    let offset = keys.offset_of("rules");
    let Some(DeValue::Array(items)) = keys.get("rules").map(toml::Spanned::get_ref) else {
        mistakes.at(
            offset,
            format!("`{place}rules` is missing or no list"),
            "write rules = [ { ... } ]",
        );
        return Vec::new();
    };
    let mut rules = Vec::new();
    for item in items {
        let DeValue::Table(table) = item.get_ref() else {
            mistakes.at(
                item.span().start,
                format!("a rule of `{place}rules` is no table"),
                "write { groups = [..], resources = [..], verbs = [..] }",
            );
            continue;
        };
        let mut rule_keys = Keys::new(&format!("{place}rules."), item.span().start, table);
        let rule = Rule {
            groups: rule_keys.strings(mistakes, "groups").unwrap_or_default(),
            resources: rule_keys.strings(mistakes, "resources").unwrap_or_default(),
            verbs: rule_keys.strings(mistakes, "verbs").unwrap_or_default(),
        };
        rule_keys.refuse_unknown(mistakes);
        check::rule(&rule, &place, item.span().start, mistakes);
        rules.push(rule);
    }
    rules
}
