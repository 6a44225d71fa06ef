//! What a policy must not say, although it can be read. Everything here protects the kit that is
//! generated from it: names that it can carry, rights that do not undo it.

use super::table::{Keys, Mistakes};
use super::{KIT_NAMESPACE, Role, RoleScope, Rule, rights};
use crate::escalation::names;

/// An identity longer than this leaves too little room for a requester's encoded name in the name
/// of a grant (253 characters in all, 27 of them deadline and hash, two dots).
const LONGEST_IDENTITY: usize = 104;

const WORKLOADS: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];
const SYSTEM_NAMESPACES: [&str; 4] = [KIT_NAMESPACE, "kube-system", "kube-public", "kube-node-lease"];

pub(super) fn is_label(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(ok) && !text.starts_with('-') && !text.ends_with('-')
}

pub(super) fn role(role: &Role, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    name(role, keys, mistakes);
    scope(role, keys, mistakes);
    consent(role, keys, mistakes);
    grant_names(role, keys, mistakes);
    powers(role, keys, mistakes);
}

fn name(role: &Role, keys: &Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    if !is_label(&role.name) || role.name.contains("--") {
        let cause = format!("`{}` cannot be the name of a role", role.name);
        let cure = "use lower-case letters, digits and single hyphens, at most 63 of them";
        mistakes.at(keys.offset, cause, cure);
    }
}

fn scope(role: &Role, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    let RoleScope::Namespaces(list) = &role.scope else {
        return;
    };
    let offset = keys.offset_of("namespaces");
    for (index, namespace) in list.iter().enumerate() {
        if !is_label(namespace) {
            mistakes.at(
                offset,
                format!("`{namespace}` is no name of a namespace"),
                "name each one, without patterns",
            );
        } else if SYSTEM_NAMESPACES.contains(&namespace.as_str()) {
            let cause = format!("`{}` cannot have {namespace}: the guard refuses it", role.name);
            mistakes.at(offset, cause, "leave the system namespaces out");
        } else if list[..index].contains(namespace) {
            mistakes.at(offset, format!("`{namespace}` is named twice"), "name it once");
        }
    }
    for rule in &role.rules {
        if let Some(resource) = rule.resources.iter().find(|r| is_cluster_scoped(r)) {
            let cause = format!("`{resource}` are not in a namespace, and `{}` is", role.name);
            mistakes.at(
                keys.offset_of("rules"),
                cause,
                "give them to a role with scope = \"cluster\"",
            );
        }
    }
}

fn is_cluster_scoped(resource: &str) -> bool {
    matches!(
        resource,
        "nodes" | "persistentvolumes" | "storageclasses" | "customresourcedefinitions"
    )
}

fn consent(role: &Role, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    if role.requesters.is_empty() {
        let cause = format!("nobody may request `{}`", role.name);
        mistakes.at(
            keys.offset_of("requesters"),
            cause,
            "write requesters = { groups = [\"oncall\"] }",
        );
    }
    if role.approvers.is_empty() && !role.self_approve {
        let cause = format!("nobody may consent to `{}`", role.name);
        mistakes.at(
            keys.offset_of("approvers"),
            cause,
            "name approvers, or write self_approve = true",
        );
    }
    if role.service_account.is_some() && !role.self_approve {
        let cause = format!(
            "`{}` has a service_account, and without the kit nobody else can consent",
            role.name
        );
        mistakes.at(
            keys.offset_of("service_account"),
            cause,
            "write self_approve = true, or install the kit",
        );
    }
    for user in role.requesters.users.iter().chain(&role.approvers.users) {
        if user.starts_with("system:") {
            let offset = keys.offset_of("requesters");
            mistakes.at(
                offset,
                format!("`{user}` is no person"),
                "only people request and approve",
            );
        }
    }
}

fn grant_names(role: &Role, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    for identity in role.identities() {
        if identity.len() > LONGEST_IDENTITY {
            let cause = format!(
                "`{identity}` has {} characters, and a grant's name has no room for it",
                identity.len()
            );
            mistakes.at(
                keys.offset,
                cause,
                format!("shorten role or namespace to {LONGEST_IDENTITY} together"),
            );
        }
        for user in &role.requesters.users {
            let offset = keys.offset_of("requesters");
            if let Err(cause) = names::grant_name(&identity, user, "0000000000-aaaaaaaaaaaaaaaa") {
                mistakes.at(offset, cause, "shorten the role's name, or name a group instead");
            }
        }
    }
}

fn powers(role: &Role, keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) {
    if role.unbounded {
        return;
    }
    let offset = keys.offset_of("rules");
    for rule in &role.rules {
        if let Some(why) = rights::forbidden(&rule.groups, &rule.resources, &rule.verbs) {
            let cause = format!("`{}` may not have {}: {why}", role.name, rule.resources.join(", "));
            mistakes.at(
                offset,
                cause,
                "take the rule out, or write unbounded = true in so many words",
            );
        }
        if role.self_approve && patches_workloads(rule) {
            let cause = format!("`{}` is self-approved and could change what workloads run", role.name);
            mistakes.at(
                offset,
                cause,
                "use the verb restart instead of patch, update and create",
            );
        }
    }
}

fn patches_workloads(rule: &Rule) -> bool {
    let writes = rule
        .verbs
        .iter()
        .any(|v| matches!(v.as_str(), "patch" | "update" | "create"));
    let runs = |r: &String| {
        WORKLOADS.contains(&r.as_str())
            || matches!(
                r.as_str(),
                "pods" | "replicasets" | "replicationcontrollers" | "jobs" | "cronjobs"
            )
    };
    writes && rule.resources.iter().any(runs)
}

pub(super) fn rule(rule: &Rule, place: &str, offset: usize, mistakes: &mut Mistakes<'_>) {
    let place = place.trim_end_matches('.');
    for (name, list) in [
        ("groups", &rule.groups),
        ("resources", &rule.resources),
        ("verbs", &rule.verbs),
    ] {
        if list.is_empty() {
            mistakes.at(
                offset,
                format!("a rule of `{place}` has no {name}"),
                format!("write {name} = [\"...\"]"),
            );
        }
        for item in list.iter().filter(|i| !is_word(i, name == "groups")) {
            let cure = "use lower-case letters, digits, - . : and /";
            mistakes.at(
                offset,
                format!("`{item}` cannot stand among the {name} of a rule"),
                cure,
            );
        }
    }
    let has = |verb: &str| rule.verbs.iter().any(|v| v == verb);
    let core_nodes = rule.groups == [""] && rule.resources == ["nodes"];
    let workloads = rule.groups == ["apps"] && rule.resources.iter().all(|r| WORKLOADS.contains(&r.as_str()));
    if has("restart") && !workloads {
        mistakes.at(
            offset,
            "`restart` is for workloads",
            "use it with deployments, statefulsets and daemonsets of apps alone",
        );
    }
    if has("cordon") && !core_nodes {
        mistakes.at(
            offset,
            "`cordon` is for nodes",
            "use it with groups = [\"\"], resources = [\"nodes\"] alone",
        );
    }
    if (has("restart") || has("cordon")) && (has("patch") || has("update")) {
        mistakes.at(
            offset,
            "a verb that pins the rest beside `patch` or `update`",
            "keep one of them",
        );
    }
}

fn is_word(text: &str, may_be_empty: bool) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:/*".contains(c);
    (may_be_empty || !text.is_empty()) && text.len() <= 253 && text.chars().all(ok)
}
