//! Rights in words, and which of them end every guarantee. The same list is asked of the server
//! after acquiring; must never be shorter here than what the guard of the kit assumes.

use super::{Role, RoleScope, Rule};

/// Why a right must not be in a role that is not `unbounded`, or None where it may.
pub fn forbidden(groups: &[String], resources: &[String], verbs: &[String]) -> Option<String> {
    let any = |list: &[String], test: &dyn Fn(&str) -> bool| list.iter().any(|x| test(x));
    let writes = any(verbs, &|v| !matches!(v, "get" | "list" | "watch"));
    if any(verbs, &|v| v == "*") || any(resources, &|r| r == "*" || r.starts_with("*/")) && writes {
        return Some("it is a wildcard, which holds rights nobody has thought of".into());
    }
    if let Some(verb) = verbs.iter().find(|v| is_power_verb(v)) {
        return Some(format!("`{verb}` makes its holder somebody else"));
    }
    if writes && any(resources, &|r| r == "serviceaccounts/token") {
        return Some("writing serviceaccounts/token mints other identities".into());
    }
    let guarded = |g: &str| matches!(g, "rbac.authorization.k8s.io" | "admissionregistration.k8s.io" | "*");
    if writes && any(groups, &guarded) {
        return Some("it writes RBAC or admission, and with them its own limits".into());
    }
    None
}

/// What a role gets through pods that it makes, changes or enters, whatever its rules say: a pod may
/// mount every Secret beside it, and whoever is inside has the token of its account.
pub fn reach(role: &Role) -> Option<String> {
    let place = match role.scope {
        RoleScope::Cluster => "the cluster",
        RoleScope::Namespaces(_) => "its namespace",
    };
    let by = match (role.rules.iter().any(makes_pods), role.rules.iter().any(enters_pods)) {
        (false, false) => return None,
        (true, _) => "its pods",
        (false, true) => "exec",
    };
    Some(format!("every Secret and service account of {place}, by {by}"))
}

fn makes_pods(rule: &Rule) -> bool {
    const TEMPLATES: [&str; 10] = [
        "*",
        "pods",
        "podtemplates",
        "replicationcontrollers",
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "jobs",
        "cronjobs",
    ];
    let writes = |v: &String| matches!(v.as_str(), "create" | "update" | "patch" | "*");
    rule.verbs.iter().any(writes) && rule.resources.iter().any(|r| TEMPLATES.contains(&r.as_str()))
}

fn enters_pods(rule: &Rule) -> bool {
    let enters = |r: &String| {
        matches!(
            r.as_str(),
            "pods/exec" | "pods/attach" | "pods/ephemeralcontainers" | "pods/*" | "*"
        )
    };
    let opens = |v: &String| matches!(v.as_str(), "get" | "create" | "update" | "patch" | "*");
    rule.resources.iter().any(enters) && rule.verbs.iter().any(opens)
}

/// Impersonation has many spellings since 1.36: `impersonate`, `impersonate:user-info`,
/// `impersonate-on:user-info:list`.
fn is_power_verb(verb: &str) -> bool {
    matches!(verb, "escalate" | "bind" | "sign" | "approve") || verb.starts_with("impersonate")
}

/// `delete pods`, `restart deployments.apps` …; reads are summed up in one line.
pub fn describe(rules: &[Rule]) -> Vec<String> {
    let mut writes = Vec::new();
    let mut reads = 0;
    for rule in rules {
        for resource in &rule.resources {
            let name = match rule.groups.first().map(String::as_str) {
                Some("") | None => resource.clone(),
                Some(group) => format!("{resource}.{group}"),
            };
            let verbs: Vec<&str> = rule.verbs.iter().map(String::as_str).filter(|v| !is_read(v)).collect();
            if verbs.is_empty() {
                reads += 1;
            } else {
                writes.push(format!("{} {name}", verbs.join(" ")));
            }
        }
    }
    if reads > 0 {
        writes.push(format!("read {reads} more kinds"));
    }
    writes
}

fn is_read(verb: &str) -> bool {
    matches!(verb, "get" | "list" | "watch")
}
