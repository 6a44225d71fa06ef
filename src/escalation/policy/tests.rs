use super::*;
use crate::escalation::{EscalationRequest, Trigger};

/// The built-in policy with one text replaced.
fn parse_with(from: &str, to: &str) -> Result<Policy, Vec<PolicyError>> {
    assert!(BUILT_IN.contains(from), "nothing to replace: {from}");
    Policy::parse(&BUILT_IN.replacen(from, to, 1), "policy.toml")
}

#[track_caller]
fn one_error(from: &str, to: &str) -> String {
    let errors = parse_with(from, to).expect_err("the policy is wrong");
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

fn request() -> EscalationRequest {
    EscalationRequest {
        trigger: Trigger::Manual("customer impact".into()),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops since the rollout".into(),
        role: "restarter".into(),
        namespace: None,
        ttl_seconds: 600,
    }
}

fn offers() -> Offers {
    Policy::built_in().offers("alice", &["oncall".into()], true)
}

fn fields(request: &EscalationRequest) -> Vec<Field> {
    offers().check(request).iter().map(|e| e.field).collect()
}

#[test]
fn the_built_in_policy_has_the_three_roles() {
    let policy = Policy::built_in();
    let names: Vec<_> = policy.roles.keys().map(String::as_str).collect();
    assert_eq!(names, ["namespace-operator", "node-operator", "restarter"]);
    assert_eq!(policy.roles["restarter"].max_ttl_seconds, 600);
    assert!(policy.roles["restarter"].self_approve && policy.roles["restarter"].restarts_only());
    assert!(!policy.roles["node-operator"].self_approve && policy.roles["node-operator"].cordons_only());
    assert_eq!(policy.warnings, [300, 120, 60, 10]);
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let text = "version = 1\nminimum_reason = 0\ncolour = \"red\"\n[triggers]\nmanual = [\"x\"]\n[roles.a]\nscope = \"cluster\"\nmax_ttl = \"2h\"\nrules = []\nself_aprove = true\n";
    let errors = Policy::parse(text, "p.toml").unwrap_err();
    let lines: Vec<_> = errors.iter().map(|e| e.line).collect();
    assert_eq!(lines, [2, 3, 6, 6, 8, 10], "{errors:#?}");
    assert!(
        errors[5]
            .to_string()
            .starts_with("p.toml:10: unknown key `roles.a.self_aprove`; known here: "),
        "{}",
        errors[5]
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let errors = Policy::parse("version = 1\n[roles\n", "p.toml").unwrap_err();
    assert_eq!(errors[0].line, 2, "{errors:?}");
}

const SINK: &str = "\n[[sinks]]\nname = \"siem\"\nkind = \"syslog_tls\"\naddress = \"siem.example:6514\"\n";

fn with_sinks(sinks: &str) -> Result<Policy, Vec<super::PolicyError>> {
    Policy::parse(&format!("{BUILT_IN}{sinks}"), "p.toml")
}

#[test]
fn sinks_are_read_with_what_is_required_of_them() {
    let text = BUILT_IN.replace("remote_required = \"none\"", "remote_required = \"each_action\"") + SINK;
    let remote = Policy::parse(&text, "p.toml").unwrap().remote;
    assert_eq!(remote.required, super::RemoteRequired::EachAction);
    assert_eq!(remote.kept(), "sent to siem.example");
    assert_eq!(
        remote.bound.and_then(|bound| bound.records),
        Some(200),
        "a bound by default"
    );
    assert!(remote.sinks[0].required);
    assert_eq!(Policy::built_in().remote.kept(), super::KEPT);
}

#[test]
fn what_no_sink_can_give_is_not_required() {
    let error = one_error("remote_required = \"none\"", "remote_required = \"at_entry\"");
    assert!(
        error.contains("no sink could give them; write a table [[sinks]]"),
        "{error}"
    );
    let error = one_error("remote_required = \"none\"", "remote_required = \"all\"");
    assert!(
        error.contains("write one of \"none\", \"at_entry\", \"each_action\""),
        "{error}"
    );
}

#[test]
fn each_mistake_in_a_sink_is_told_with_its_cure() {
    let url = |url: &str| format!("\n[[sinks]]\nname = \"lake\"\nkind = \"webhook\"\nurl = \"{url}\"\n");
    for (sinks, said) in [
        (SINK.replace("siem.example:6514", "siem.example"), "write host:port"),
        (
            SINK.replace("syslog_tls", "syslog"),
            "there is no kind of sink `syslog`",
        ),
        (SINK.replace("\"siem\"", "\"../siem\""), "cannot be the name of a sink"),
        (SINK.replace("name = \"siem\"\n", ""), "`sinks[0].name` is missing"),
        (SINK.to_owned() + SINK, "two sinks are called `siem`"),
        (SINK.to_owned() + "ca = \"ca.pem\"\n", "write an absolute path"),
        (SINK.to_owned() + "client_key = \"/k\"\n", "needs both halves"),
        (SINK.to_owned() + "max_message = 100\n", "write what the receiver takes"),
        (SINK.to_owned() + "token = \"x\"\n", "unknown key `sinks[0].token`"),
        (url("http://siem.example/in"), "is not https"),
        (url("https://me:secret@siem.example/in"), "write bearer_file"),
        (url("https:///in"), "is no URL"),
    ] {
        let errors = with_sinks(&sinks).unwrap_err();
        assert!(
            errors.iter().any(|error| error.to_string().contains(said)),
            "{said}: {errors:?}"
        );
    }
    for good in [
        "http://127.0.0.1:8080/in",
        "http://[::1]:8080/",
        "http://localhost/in",
        "https://siem.example/in?a=b",
    ] {
        with_sinks(&url(good)).unwrap_or_else(|errors| panic!("{good}: {errors:?}"));
    }
}

#[test]
fn names_that_the_kit_cannot_carry_are_refused() {
    assert!(one_error("[roles.restarter]", "[roles.re--starter]").contains("cannot be the name of a role"));
    assert!(one_error("[roles.restarter]", "[roles.\"re.starter\"]").contains("cannot be the name of a role"));
    assert!(one_error("namespaces = [\"default\"]", "namespaces = [\"kube-system\"]").contains("guard"));
    assert!(one_error("namespaces = [\"default\"]", "namespaces = [\"shop-*\"]").contains("no name of a namespace"));
    let long = BUILT_IN
        .replace("[roles.namespace-operator]", &format!("[roles.{}]", "r".repeat(50)))
        .replace(
            "namespaces = [\"default\"]",
            &format!("namespaces = [\"{}\"]", "n".repeat(63)),
        );
    let errors = Policy::parse(&long, "p.toml").unwrap_err();
    assert!(errors[0].cause.contains("has 115 characters"), "{errors:?}");
}

#[test]
fn a_grant_that_would_have_too_long_a_name_is_refused() {
    let user = "A.".repeat(70);
    let error = one_error(
        "requesters = { groups = [\"oncall\"] }\nself_approve",
        &format!("requesters = {{ users = [\"{user}\"] }}\nself_approve"),
    );
    assert!(error.contains("characters"), "{error}");
}

#[test]
fn somebody_must_be_able_to_ask_and_to_consent() {
    assert!(one_error("self_approve = true\n", "").contains("nobody may consent"));
    assert!(one_error("requesters = { groups = [\"oncall\"] }\nself", "self").contains("nobody may request"));
}

#[test]
fn without_the_kit_nobody_else_can_consent() {
    let error = one_error(
        "approvers = { groups",
        "service_account = \"shop/bg\"\napprovers = { groups",
    );
    assert!(error.contains("without the kit"), "{error}");
    let ok = parse_with(
        "self_approve = true",
        "self_approve = true\nservice_account = \"shop/bg\"",
    )
    .unwrap();
    assert!(ok.kit_roles().all(|role| role.name != "restarter"));
}

#[test]
fn rights_that_undo_the_kit_are_refused_unless_said_in_so_many_words() {
    for rule in [
        r#"{ groups = ["*"], resources = ["*"], verbs = ["*"] }"#,
        r#"{ groups = [""], resources = ["users"], verbs = ["impersonate"] }"#,
        r#"{ groups = [""], resources = ["pods"], verbs = ["impersonate-on:user-info:list"] }"#,
        r#"{ groups = [""], resources = ["serviceaccounts/token"], verbs = ["create"] }"#,
        r#"{ groups = ["rbac.authorization.k8s.io"], resources = ["roles"], verbs = ["patch"] }"#,
        r#"{ groups = ["admissionregistration.k8s.io"], resources = ["validatingadmissionpolicies"], verbs = ["delete"] }"#,
        r#"{ groups = ["apps"], resources = ["deployments"], verbs = ["patch"] }"#,
        r#"{ groups = [""], resources = ["pods"], verbs = ["create"] }"#,
    ] {
        let place = "self_approve = true\nrules = [\n";
        let errors = parse_with(place, &format!("{place}  {rule},\n")).expect_err(rule);
        assert!(errors.iter().any(|e| e.line > 34), "{errors:?}");
        parse_with(place, &format!("unbounded = true\n{place}  {rule},\n")).expect(rule);
    }
}

#[test]
fn our_verbs_stand_only_where_the_kit_can_pin_the_rest() {
    let errors = parse_with("\"watch\", \"restart\"]", "\"watch\", \"restart\", \"patch\"]").unwrap_err();
    assert!(errors.iter().any(|e| e.cause.contains("pins the rest")), "{errors:?}");
    assert!(
        one_error("resources = [\"nodes\"]", "resources = [\"nodes\", \"pods\"]").contains("`cordon` is for nodes")
    );
}

#[test]
fn audiences_differ_by_context() {
    let policy = parse_with(
        "[roles.restarter]",
        "[audiences]\nprod = \"https://x\"\n[roles.restarter]",
    )
    .unwrap();
    assert_eq!(policy.audience("prod"), "https://x");
    assert_eq!(policy.audience("other"), "https://kubernetes.default.svc.cluster.local");
}

#[test]
fn a_complete_request_passes_and_each_gap_names_its_field() {
    assert_eq!(fields(&request()), []);
    let with = |change: &dyn Fn(&mut EscalationRequest)| {
        let mut request = request();
        change(&mut request);
        fields(&request)
    };
    assert_eq!(
        with(&|r| r.trigger = Trigger::Manual("boredom".into())),
        [Field::Trigger]
    );
    assert_eq!(
        with(&|r| r.trigger = Trigger::Incident("4711".into())),
        [Field::Trigger]
    );
    assert_eq!(with(&|r| r.trigger = Trigger::Incident("INC-1".into())), []);
    assert_eq!(with(&|r| r.ticket = "later".into()), [Field::Ticket]);
    assert_eq!(
        with(&|r| r.reason = "        please help        ".into()),
        [Field::Reason]
    );
    assert_eq!(
        with(&|r| r.reason = "a reason with a hidden \u{202e} mark in it".into()),
        [Field::Reason]
    );
    assert_eq!(with(&|r| r.role = "root".into()), [Field::Role]);
    assert_eq!(with(&|r| r.namespace = Some("shop".into())), [Field::Scope]);
    assert_eq!(with(&|r| r.ttl_seconds = 601), [Field::Ttl]);
    assert_eq!(with(&|r| r.ttl_seconds = 0), [Field::Ttl]);
}

#[test]
fn who_may_not_ask_is_told_who_may() {
    let offers = Policy::built_in().offers("victor", &["viewers".into()], true);
    let errors = offers.check(&request());
    assert_eq!(errors[0].cause, "only group oncall may ask for it");
}

#[test]
fn without_the_kit_only_roles_with_an_account_of_their_own_can_be_asked_for() {
    let policy = parse_with(
        "self_approve = true",
        "self_approve = true\nservice_account = \"shop/bg\"",
    )
    .unwrap();
    let offers = policy.offers("alice", &["oncall".into()], false);
    assert_eq!(offers.role("restarter").unwrap().refused, None);
    assert_eq!(
        offers.role("restarter").unwrap().enforced,
        crate::escalation::Enforced::ClientOnly
    );
    assert!(
        offers
            .role("node-operator")
            .unwrap()
            .refused
            .as_ref()
            .unwrap()
            .contains("kit is not installed")
    );
}

#[test]
fn at_most_three_lengths_are_offered_and_the_longest_is_one() {
    let offers = offers();
    assert_eq!(*offers.role("node-operator").unwrap().ttl_choices, [600, 900, 1800]);
    assert_eq!(*offers.role("restarter").unwrap().ttl_choices, [300, 600]);
}

#[test]
fn whoever_makes_or_enters_pods_is_told_what_that_reaches() {
    let reach = |policy: &Policy, role: &str| {
        let offers = policy.offers("alice", &["oncall".into()], true);
        offers.role(role).unwrap().reach.clone()
    };
    let policy = Policy::built_in();
    let all = "every Secret and service account of its namespace, by its pods";
    assert_eq!(reach(&policy, "namespace-operator").as_deref(), Some(all));
    assert_eq!(
        reach(&policy, "restarter"),
        None,
        "it deletes pods and restarts, no more"
    );
    assert_eq!(reach(&policy, "node-operator"), None);
    let place = "self_approve = true\nrules = [\n";
    let exec = format!("{place}  {{ groups = [\"\"], resources = [\"pods/exec\"], verbs = [\"create\"] }},\n");
    let all = "every Secret and service account of the cluster, by exec";
    assert_eq!(
        reach(&parse_with(place, &exec).unwrap(), "restarter").as_deref(),
        Some(all)
    );
}
