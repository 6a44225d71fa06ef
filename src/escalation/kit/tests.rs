use serde_json::Value;

use super::*;

fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).expect("the kit is YAML")
}

#[test]
fn the_built_in_policy_gives_the_accepted_kit() {
    let kit = generate(&Policy::built_in(), "prod");
    insta::with_settings!({snapshot_path => "../../../snapshots/escalation", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("1-policies.yaml", kit.policies);
        insta::assert_snapshot!("2-access.yaml", kit.access);
        insta::assert_snapshot!("install.sh", kit.install);
    });
}

#[test]
fn the_same_policy_gives_the_same_bytes() {
    assert_eq!(generate(&Policy::built_in(), "a"), generate(&Policy::built_in(), "b"));
}

#[test]
fn no_placeholder_is_left() {
    let kit = generate(&Policy::built_in(), "prod");
    for text in [kit.policies, kit.access, kit.install] {
        assert!(!text.contains("{{"), "{text}");
    }
}

#[test]
fn the_first_file_gives_no_right_and_ends_with_the_policy_that_is_probed() {
    let kit = generate(&Policy::built_in(), "prod");
    let first = documents(&kit.policies);
    assert!(
        first
            .iter()
            .all(|d| !d["apiVersion"].as_str().unwrap().starts_with("rbac"))
    );
    assert_eq!(first.last().unwrap()["spec"]["policyName"], "kglass-mint");
    assert!(
        documents(&kit.access)
            .iter()
            .all(|d| d["apiVersion"] == "rbac.authorization.k8s.io/v1")
    );
}

#[test]
fn every_policy_fails_closed_without_parameters_and_is_bound_to_deny() {
    let documents = documents(&generate(&Policy::built_in(), "prod").policies);
    let of_kind = |kind: &str| {
        documents
            .iter()
            .filter(|d| d["kind"] == kind)
            .cloned()
            .collect::<Vec<_>>()
    };
    let policies = of_kind("ValidatingAdmissionPolicy");
    assert_eq!(policies.len(), 12);
    for policy in &policies {
        assert_eq!(policy["spec"]["failurePolicy"], "Fail");
        assert!(policy["spec"].get("paramKind").is_none());
        let name = &policy["metadata"]["name"];
        for rule in policy["spec"]["matchConstraints"]["resourceRules"].as_array().unwrap() {
            assert!(
                rule.get("scope").is_some() || name == "kglass-guard",
                "{name} has a rule without scope"
            );
        }
        let is_bound = |b: &Value| {
            b["spec"]["policyName"] == *name && b["spec"]["validationActions"] == serde_json::json!(["Deny"])
        };
        assert!(
            of_kind("ValidatingAdmissionPolicyBinding").iter().any(is_bound),
            "{name}"
        );
    }
}

#[test]
fn nobody_may_change_anything_in_the_kits_namespace_or_delete_jobs() {
    let kit = generate(&Policy::built_in(), "prod");
    for role in documents(&kit.access)
        .iter()
        .filter(|d| d["metadata"]["namespace"] == "kglass-system")
    {
        for rule in role["rules"].as_array().into_iter().flatten() {
            let verbs = rule["verbs"].to_string();
            assert!(
                !verbs.contains("update") && !verbs.contains("patch") && !verbs.contains('*'),
                "{rule}"
            );
            assert!(
                !rule["resources"].to_string().contains("jobs") || !verbs.contains("delete"),
                "{rule}"
            );
        }
    }
}

#[test]
fn an_audience_with_quotes_stays_a_text() {
    let text =
        format!("{}\n", crate::escalation::BUILT_IN).replace("https://kubernetes.default.svc.cluster.local", "a'b");
    let policy = Policy::parse(&text, "test").unwrap();
    let mint = documents(&generate(&policy, "x").policies)
        .into_iter()
        .find(|d| d["metadata"]["name"] == "kglass-mint")
        .unwrap();
    assert!(mint.to_string().contains(r"== ['a\\'b']"), "{mint}");
}

#[test]
fn printing_writes_three_files_one_of_them_a_program() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let files = print(&Policy::built_in(), "prod", &folder.path().join("kit")).unwrap();
    let names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["1-policies.yaml", "2-access.yaml", "install.sh"]);
    assert_eq!(files[2].metadata().unwrap().permissions().mode() & 0o777, 0o755);
}
