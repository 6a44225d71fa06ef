//! People with few rights, each by key script on a real Kubernetes: what they see and what they
//! are told. Printed, so that a reader can judge the words.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, STEP};
use super::harness::{self, Namespace, Options, Rig, Shop};
use super::operator::command;
use super::policy;
use super::terminal::Terminal;

const SIZE: (u16, u16) = (120, 40);

/// What one person sees, without the empty lines.
fn print(who: &str, screen: &str) {
    println!("---- {who}");
    for line in screen.lines().filter(|line| !line.trim().is_empty()) {
        println!("{line}");
    }
}

/// Waits for all of these words and prints the screen.
fn sees(kglass: &Terminal, who: &str, words: &[&str]) {
    let screen = kglass.wait_until(&format!("{who}: {words:?}"), STEP, |screen| {
        words.iter().all(|word| screen.contains(word))
    });
    print(who, &screen);
}

fn admin(rig: &Rig, path: &str, object: &Value) {
    let reply = rig.http("POST", path, Some(&rig.token("admin")), Some(object));
    assert_eq!(reply.status, 201, "{path}: {}", reply.message());
}

/// Lets `user` do `verbs` on `resources` of the core group and of apps, in a namespace or everywhere.
fn allow(rig: &Rig, user: &str, namespace: Option<&str>, resources: &[&str], verbs: &[&str]) {
    let group = "/apis/rbac.authorization.k8s.io/v1";
    let (path, kind) = match namespace {
        Some(namespace) => (format!("{group}/namespaces/{namespace}/role"), "Role"),
        None => (format!("{group}/clusterrole"), "ClusterRole"),
    };
    let api = "rbac.authorization.k8s.io/v1";
    let rules = json!([{"apiGroups": ["", "apps"], "resources": resources, "verbs": verbs}]);
    admin(
        rig,
        &format!("{path}s"),
        &json!({"apiVersion": api, "kind": kind, "metadata": {"name": user}, "rules": rules}),
    );
    admin(
        rig,
        &format!("{path}bindings"),
        &json!({
            "apiVersion": api, "kind": format!("{kind}Binding"), "metadata": {"name": user},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": user},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }),
    );
}

fn open(rig: &Rig, user: &str, namespace: &str, favourites: &str) -> (Desk, Terminal) {
    let desk = Desk::new(rig, &[user], &policy::with("60s", namespace));
    let settings = desk.home().join("config/kglass/settings.toml");
    std::fs::write(settings, format!("favourite_namespaces = [{favourites}]\n")).expect("settings");
    let kglass = desk.open(&["-n", namespace, "-c", "pods"], SIZE);
    (desk, kglass)
}

#[test]
fn people_with_few_rights_have_a_working_program_and_are_told_what_is_missing() {
    if harness::require().is_none() {
        return;
    }
    let users = ["onens", "nonames", "nowatch", "nologs"];
    let rig = Rig::start(Options {
        users: users.iter().map(|user| ((*user).to_owned(), Vec::new())).collect(),
        ..Options::node()
    });
    let (shop, web) = (rig.namespace("shop"), rig.namespace("web"));
    Shop::open(&rig, &shop);
    Shop::create(&rig, &web);
    let reads = ["get", "list", "watch"];
    allow(&rig, "onens", Some(&shop), &["pods", "pods/log", "deployments"], &reads);
    allow(&rig, "nonames", None, &["pods", "pods/log"], &reads);
    allow(&rig, "nowatch", None, &["pods", "namespaces"], &["get", "list"]);
    allow(&rig, "nologs", None, &["pods", "namespaces"], &reads);
    one_namespace(&rig, &shop, &web);
    no_names(&rig, &shop, &web);
    no_watch(&rig, &shop);
    no_logs(&rig, &shop);
    a_group_is_down(&rig, &shop);
}

fn one_namespace(rig: &Rig, shop: &Namespace, web: &Namespace) {
    let (_desk, mut kglass) = open(rig, "onens", shop, &format!("\"{}\"", &**web));
    sees(&kglass, "onens, pods", &["checkout-", "live"]);
    kglass.keys("0");
    let who = "onens, 0: all namespaces are refused, the favourite too";
    sees(
        &kglass,
        who,
        &[
            "you may not list pods in all namespaces",
            "checkout-",
            "all namespaces refused",
        ],
    );
    command(&mut kglass, "deploy");
    sees(
        &kglass,
        "onens, :deploy",
        &["▸ deployments", "all namespaces refused", "checkout"],
    );
    command(&mut kglass, "ns");
    sees(
        &kglass,
        "onens, :ns",
        &["KNOWN FROM", web, shop, "you may not list namespaces", "forbidden"],
    );
    command(&mut kglass, "nodes");
    sees(
        &kglass,
        "onens, :nodes",
        &["ask for the right to `list nodes` in the whole cluster"],
    );
    command(&mut kglass, &format!("ns {}", &**shop));
    sees(&kglass, "onens, :ns NAME", &["checkout-", "live"]);
}

fn no_names(rig: &Rig, shop: &Namespace, web: &Namespace) {
    let (_desk, mut kglass) = open(rig, "nonames", shop, "");
    sees(&kglass, "nonames, pods", &["checkout-", "live"]);
    kglass.keys("0");
    sees(
        &kglass,
        "nonames, 0: all of them",
        &["all namespaces", web, shop, "live"],
    );
    command(&mut kglass, "ns");
    let who = "nonames, :ns: those seen in rows are known";
    sees(&kglass, who, &["KNOWN FROM", web, shop, "seen here"]);
}

fn no_watch(rig: &Rig, shop: &Namespace) {
    let (_desk, mut kglass) = open(rig, "nowatch", shop, "");
    sees(&kglass, "nowatch, pods", &["checkout-", "refreshed", " s ago"]);
    rig.kubectl_ok("admin", &["-n", shop, "delete", "deployment", "web"]);
    // Longer than the interval of half a minute; nothing is pressed.
    let screen = kglass.wait_until("the refreshed rows", Duration::from_secs(90), |screen| {
        !screen.contains("web-") && screen.contains("checkout-")
    });
    print("nowatch, refreshed by itself", &screen);
    command(&mut kglass, "ns");
    sees(&kglass, "nowatch, :ns", &["kube-system", "refreshed"]);
}

fn no_logs(rig: &Rig, shop: &Namespace) {
    let (_desk, mut kglass) = open(rig, "nologs", shop, "");
    sees(&kglass, "nologs, pods", &["checkout-", "live"]);
    kglass.keys("l");
    sees(
        &kglass,
        "nologs, l",
        &["forbidden", "ask for the right to `get pods/log`"],
    );
    kglass.keys("<esc>");
    sees(&kglass, "nologs, back", &["checkout-", "live"]);
}

fn a_group_is_down(rig: &Rig, shop: &Namespace) {
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "down", "namespace": "kube-system"},
        "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": 1}]},
    });
    let api = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1.down.example.com"},
        "spec": {
            "group": "down.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true, "service": {"name": "down", "namespace": "kube-system", "port": 1},
        },
    });
    admin(rig, "/api/v1/namespaces/kube-system/services", &service);
    admin(rig, "/apis/apiregistration.k8s.io/v1/apiservices", &api);
    let discovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    rig.wait("the group is in discovery", STEP, || {
        let request = harness::Request::new("GET", "/apis")
            .token("viewer-token")
            .header("Accept", discovery);
        rig.send(&request)
            .is_ok_and(|reply| reply.json.to_string().contains("down.example.com"))
    });
    let (_desk, mut kglass) = open(rig, "viewer", shop, "");
    let who = "viewer, with an extension API server down";
    sees(
        &kglass,
        who,
        &["checkout-", "the kinds of down.example.com are unknown"],
    );
    command(&mut kglass, "xyzzy");
    sees(
        &kglass,
        "viewer, :xyzzy",
        &["those of down.example.com are unavailable now"],
    );
    command(&mut kglass, "deploy");
    sees(&kglass, "viewer, :deploy", &["▸ deployments", "checkout", "live"]);
}
