//! Roles of a policy text: scope, length, people, rules.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::table::{Keys, Mistakes};
use super::{Role, RoleScope, Rule, ServiceAccountRef, Subjects, check, format_duration};

pub(super) fn read_roles(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> BTreeMap<String, Role> {
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
