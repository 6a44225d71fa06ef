//! `kglass kit check`: what is installed equals what would be printed, nobody gave the kit's
//! accounts more, and the petitions work, tried dry. Changes nothing; what it may not read it
//! reports as not checked, never as good.

use std::sync::Arc;

use serde_json::Value;

use super::compare::differences;
use super::rehearse::rehearse;
use super::{generate, user_of};
use crate::cluster::Endpoint;
use crate::escalation::gate::base::Base;
use crate::escalation::policy::{KIT_NAMESPACE, Policy};
use crate::escalation::{GateError, Role};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good,
    Bad,
    NotChecked,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub what: String,
    pub verdict: Verdict,
    /// Why, and what to do about it; empty where all is well.
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KitReport {
    pub lines: Vec<Checked>,
}

impl KitReport {
    /// No line is bad. Lines that were not checked are for the reader to judge.
    pub fn is_good(&self) -> bool {
        self.lines.iter().all(|line| line.verdict != Verdict::Bad)
    }

    /// `14 good, 1 not checked`; what differs comes first, for it is what counts.
    pub fn verdict(&self) -> String {
        let count = |verdict: Verdict| self.lines.iter().filter(|line| line.verdict == verdict).count();
        let bad = count(Verdict::Bad);
        let parts = [
            (bad, if bad == 1 { "differs" } else { "differ" }),
            (count(Verdict::Good), "good"),
            (count(Verdict::NotChecked), "not checked"),
        ];
        let told = parts.iter().filter(|(n, _)| *n > 0);
        let text = told
            .map(|(n, word)| format!("{n} {word}"))
            .collect::<Vec<_>>()
            .join(", ");
        if text.is_empty() {
            "nothing was checked".into()
        } else {
            text
        }
    }

    pub(super) fn good(&mut self, what: impl Into<String>) {
        self.push(what, Verdict::Good, "");
    }

    pub(super) fn bad(&mut self, what: impl Into<String>, detail: impl Into<String>) {
        self.push(what, Verdict::Bad, detail);
    }

    pub(super) fn not_checked(&mut self, what: impl Into<String>, detail: impl Into<String>) {
        self.push(what, Verdict::NotChecked, detail);
    }

    fn push(&mut self, what: impl Into<String>, verdict: Verdict, detail: impl Into<String>) {
        self.lines.push(Checked {
            what: what.into(),
            verdict,
            detail: detail.into(),
        });
    }
}

/// Looks at the kit with the identity of `endpoint`, and with that of `approver` for the other half.
pub async fn check(
    endpoint: &Arc<dyn Endpoint>,
    policy: &Policy,
    approver: Option<&Arc<dyn Endpoint>>,
) -> Result<KitReport, GateError> {
    let mut report = KitReport::default();
    let base = Base::open(endpoint, &Arc::default()).await?;
    let printed = printed(policy, &endpoint.facts().context);
    for object in &printed {
        compare_one(&base, object, &mut report).await?;
    }
    strangers(&base, &printed, policy, &mut report).await?;
    rehearse(endpoint, approver, policy, &mut report).await?;
    Ok(report)
}

fn printed(policy: &Policy, context: &str) -> Vec<Value> {
    let kit = generate(policy, context);
    let parse = |text: &str| -> Vec<Value> {
        serde_saphyr::from_multiple(text).expect("what the kit prints is YAML, as its unit tests show")
    };
    let mut all = parse(&kit.policies);
    all.extend(parse(&kit.access));
    all
}

async fn compare_one(base: &Base, printed: &Value, report: &mut KitReport) -> Result<(), GateError> {
    let what = title(printed);
    let answer = base.read(&path(printed), &what).await?;
    match answer.status {
        200 => match differences(printed, &answer.body).as_slice() {
            [] => report.good(what),
            list => report.bad(what, format!("{}; print and install the kit again", list.join(", "))),
        },
        404 => report.bad(what, "is missing; print and install the kit again"),
        _ => report.not_checked(
            what,
            format!("the server answered {}: {}", answer.status, answer.message()),
        ),
    }
    Ok(())
}

fn title(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match text("/metadata/namespace") {
        "" | KIT_NAMESPACE => format!("{} {}", text("/kind"), text("/metadata/name")),
        namespace => format!("{} {} in {namespace}", text("/kind"), text("/metadata/name")),
    }
}

/// URL path of a printed object.
fn path(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let root = if text("/apiVersion") == "v1" {
        "/api/v1".to_owned()
    } else {
        format!("/apis/{}", text("/apiVersion"))
    };
    let plural = match text("/kind") {
        "ValidatingAdmissionPolicy" => "validatingadmissionpolicies".to_owned(),
        kind => format!("{}s", kind.to_lowercase()),
    };
    let name = text("/metadata/name");
    match text("/metadata/namespace") {
        "" => format!("{root}/{plural}/{name}"),
        namespace => format!("{root}/namespaces/{namespace}/{plural}/{name}"),
    }
}

const BINDINGS: [&str; 2] = [
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
];

/// Bindings and accounts that the kit did not print: each gives somebody more than the policy says.
async fn strangers(base: &Base, printed: &[Value], policy: &Policy, report: &mut KitReport) -> Result<(), GateError> {
    let what = "no other rights for the kit's accounts";
    let identities: Vec<(String, &Role)> = policy.kit_identities();
    let mut found = Vec::new();
    for list in BINDINGS {
        let answer = base.read(list, what).await?;
        if !answer.is_ok() {
            report.not_checked(
                what,
                format!("the server answered {}: {}", answer.status, answer.message()),
            );
            return Ok(());
        }
        for binding in answer.body["items"].as_array().into_iter().flatten() {
            if binds_account(binding, &identities) && !printed.iter().any(|p| is_same(p, binding)) {
                let name = binding["metadata"]["name"].as_str().unwrap_or("?");
                found.push(format!("{name} binds {}", binding["roleRef"]["name"]));
            }
        }
    }
    let accounts = "no other accounts in the kit's namespace";
    let answer = base
        .read(&format!("/api/v1/namespaces/{KIT_NAMESPACE}/serviceaccounts"), accounts)
        .await?;
    let names = answer.body["items"].as_array().into_iter().flatten();
    let others: Vec<&str> = names
        .filter_map(|account| account["metadata"]["name"].as_str())
        .filter(|name| *name != "default" && !identities.iter().any(|(identity, _)| identity == name))
        .collect();
    match (answer.is_ok(), others.as_slice()) {
        (true, []) => report.good(accounts),
        (true, list) => report.bad(accounts, format!("{}; delete what an older kit left", list.join(", "))),
        (false, _) => report.not_checked(accounts, format!("the server answered {}", answer.status)),
    }
    match found.as_slice() {
        [] => report.good(what),
        list => report.bad(what, format!("{}; delete these bindings", list.join(", "))),
    }
    Ok(())
}

fn is_same(printed: &Value, installed: &Value) -> bool {
    let metadata = |object: &Value, key: &str| object["metadata"][key].as_str().map(str::to_owned);
    let kind = printed["kind"].as_str().unwrap_or_default();
    kind.ends_with("Binding")
        && metadata(printed, "name") == metadata(installed, "name")
        && metadata(printed, "namespace") == metadata(installed, "namespace")
}

fn binds_account(binding: &Value, identities: &[(String, &Role)]) -> bool {
    binding["subjects"].as_array().into_iter().flatten().any(|subject| {
        let name = subject["name"].as_str().unwrap_or_default();
        match subject["kind"].as_str() {
            Some("ServiceAccount") => subject["namespace"] == KIT_NAMESPACE,
            Some("Group") => name == format!("system:serviceaccounts:{KIT_NAMESPACE}"),
            Some("User") => identities.iter().any(|(identity, _)| user_of(identity) == name),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_counts_what_was_found() {
        let mut report = KitReport::default();
        assert_eq!(report.verdict(), "nothing was checked");
        (0..14).for_each(|n| report.good(n.to_string()));
        report.not_checked("consent", "no approver");
        assert_eq!(report.verdict(), "14 good, 1 not checked");
        report.bad("kglass-mint", "is missing");
        assert_eq!(report.verdict(), "1 differs, 14 good, 1 not checked");
        report.bad("kglass-end", "is missing");
        assert_eq!(report.verdict(), "2 differ, 14 good, 1 not checked");
    }

    #[test]
    fn every_printed_object_has_its_path() {
        let paths: Vec<String> = printed(&Policy::built_in(), "x").iter().map(path).collect();
        for expected in [
            "/api/v1/namespaces/kglass-system",
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/kglass-mint",
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/kglass-mint",
            "/api/v1/namespaces/kglass-system/serviceaccounts/restarter",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/kglass-role-restarter",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/kglass-role-namespace-operator",
        ] {
            assert!(
                paths.iter().any(|p| p == expected),
                "{expected} is not among {paths:#?}"
            );
        }
    }
}
