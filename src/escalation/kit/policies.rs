//! Namespace, admission policies with their bindings, accounts: templates of `assets/kit` filled
//! from the policy. The policies hold from the request alone or a live access check; a template
//! must never use parameters, which come from a cache.

use std::fmt::Write as _;

use super::user_of;
use crate::escalation::names::ENCODED;
use crate::escalation::policy::{COUNTED, HIDDEN, KIT_NAMESPACE, Policy, Role};

/// In the order in which they are installed; the probe of install.sh asks the last.
const POLICIES: [(&str, &str); 11] = [
    ("kglass-house", include_str!("../../../assets/kit/house.yaml")),
    ("kglass-guard", include_str!("../../../assets/kit/guard.yaml")),
    ("kglass-workload", include_str!("../../../assets/kit/workload.yaml")),
    ("kglass-restart", include_str!("../../../assets/kit/restart.yaml")),
    ("kglass-cordon", include_str!("../../../assets/kit/cordon.yaml")),
    ("kglass-request", include_str!("../../../assets/kit/request.yaml")),
    ("kglass-deadline", include_str!("../../../assets/kit/deadline.yaml")),
    (
        "kglass-deadline-fixed",
        include_str!("../../../assets/kit/deadline-fixed.yaml"),
    ),
    (
        "kglass-deadline-end",
        include_str!("../../../assets/kit/deadline-end.yaml"),
    ),
    ("kglass-grant", include_str!("../../../assets/kit/grant.yaml")),
    ("kglass-end", include_str!("../../../assets/kit/end.yaml")),
];
const MINT: (&str, &str) = ("kglass-mint", include_str!("../../../assets/kit/mint.yaml"));
const NAMESPACE: &str = include_str!("../../../assets/kit/namespace.yaml");
const INSTALL: &str = include_str!("../../../assets/kit/install.sh");

pub(super) fn render(policy: &Policy, context: &str) -> String {
    let values = values(policy, context);
    let mut text = head(policy);
    text.push_str(&fill(NAMESPACE, &values));
    for (name, template) in POLICIES {
        push_policy(&mut text, name, &fill(template, &values));
    }
    for (identity, _) in policy.kit_identities() {
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {identity}\n  namespace: {KIT_NAMESPACE}\n  \
             labels:\n    kglass.dev/kit: \"1\"\nautomountServiceAccountToken: false\n"
        );
    }
    push_policy(&mut text, MINT.0, &fill(MINT.1, &values));
    text
}

pub(super) fn install(policy: &Policy) -> String {
    fill(INSTALL, &values(policy, ""))
}

pub(super) fn head(policy: &Policy) -> String {
    format!(
        "# Printed by kglass kit print; change the policy and print again.\n# policy sha256 {}\n",
        policy.hash
    )
}

fn push_policy(text: &mut String, name: &str, policy: &str) {
    let _ = write!(
        text,
        "---\n{policy}---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n\
         metadata:\n  name: {name}\n  labels:\n    kglass.dev/kit: \"1\"\nspec:\n  policyName: {name}\n  \
         validationActions: [Deny]\n"
    );
}

/// Placeholder and what stands for it. Everything that comes from the policy file was checked to
/// be lower-case words, but the audience, which is escaped here.
fn values(policy: &Policy, context: &str) -> Vec<(String, String)> {
    let identities = policy.kit_identities();
    let of = |test: &dyn Fn(&Role) -> bool| {
        let names = identities
            .iter()
            .filter(|(_, role)| test(role))
            .map(|(name, _)| format!("'{name}'"));
        format!("[{}]", names.collect::<Vec<_>>().join(", "))
    };
    let caps = identities
        .iter()
        .map(|(name, role)| format!("'{name}': {}", role.max_ttl_seconds));
    let longest = identities
        .iter()
        .map(|(_, role)| role.max_ttl_seconds)
        .max()
        .unwrap_or_default();
    let pairs = [
        ("ns", KIT_NAMESPACE.to_owned()),
        ("caps", format!("{{{}}}", caps.collect::<Vec<_>>().join(", "))),
        ("longest", longest.to_string()),
        ("minimum-reason", policy.minimum_reason.to_string()),
        ("counted", COUNTED.to_owned()),
        ("hidden", HIDDEN.to_owned()),
        ("audience", escape(policy.audience(context))),
        ("prefix-length", user_of("").len().to_string()),
        ("drainers", of(&|role| role.cordons_only() && role.evicts())),
        ("unbounded", of(&|role| role.unbounded)),
        ("restarters", of(&Role::restarts_only)),
        ("cordoners", of(&Role::cordons_only)),
        ("who:variables.requester", encode_in_cel("variables.requester")),
        (
            "who:request.userInfo.username",
            encode_in_cel("request.userInfo.username"),
        ),
        (
            "probe-account",
            identities.first().map(|(name, _)| name.clone()).unwrap_or_default(),
        ),
    ];
    pairs
        .into_iter()
        .map(|(key, value)| (format!("{{{{{key}}}}}"), value))
        .collect()
}

fn fill(template: &str, values: &[(String, String)]) -> String {
    values
        .iter()
        .fold(template.to_owned(), |text, (key, value)| text.replace(key, value))
}

/// The same as `names::encode_user`, in CEL.
fn encode_in_cel(name: &str) -> String {
    let plain = ENCODED.iter().map(|(c, code)| (c.to_string(), (*code).to_owned()));
    let capitals = ('A'..='Z').map(|c| (c.to_string(), format!("-0{}", c.to_ascii_lowercase())));
    plain
        .chain(capitals)
        .fold(format!("'u' + {name}"), |mut cel, (c, code)| {
            let _ = write!(cel, ".replace('{c}', '{code}')");
            cel
        })
}

/// A text inside single quotes of CEL inside double quotes of YAML.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\\\\\")
        .replace('\'', "\\\\'")
        .replace('"', "\\\"")
}
