//! Policy text to types. Collects every mistake; a policy with one mistake is no policy.

use std::collections::BTreeMap;

use regex::Regex;
use toml::de::DeTable;

use super::parse_remote::read_remote;
use super::parse_role::read_roles;
use super::table::{Keys, Mistakes};
use super::{Policy, PolicyError, RecordInput, Ticket, Triggers, hash_of};

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
    let policy = Policy {
        origin: origin.into(),
        hash: hash_of(text),
        ticket: read_ticket(top, mistakes),
        triggers: read_triggers(top, mistakes),
        minimum_reason: read_minimum_reason(top, mistakes),
        warnings: read_warnings(top, mistakes),
        record_input: read_record_input(top, mistakes),
        audience: top
            .string(mistakes, "audience")
            .unwrap_or_else(|| DEFAULT_AUDIENCE.into()),
        audiences: read_audiences(top, mistakes),
        roles: read_roles(top, mistakes),
        remote: read_remote(top, mistakes),
    };
    if policy.roles.is_empty() && mistakes.list.is_empty() {
        mistakes.at(0, "the policy has no role", "write a table [roles.NAME]");
    }
    policy
}

fn read_record_input(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> RecordInput {
    match top.string(mistakes, "record_input").as_deref() {
        None | Some("none") => RecordInput::None,
        Some("lines") => RecordInput::Lines,
        Some(_) => {
            let offset = top.offset_of("record_input");
            mistakes.at(offset, "`record_input` is unknown", "write \"none\" or \"lines\"");
            RecordInput::None
        }
    }
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
