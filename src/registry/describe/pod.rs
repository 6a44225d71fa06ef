//! Pods, and the part of them that every workload's template has.

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, number, pairs, selector, shown, shown_at, text, time, tone_of};
use super::{conditions, container, meta, volume};

pub fn add(page: &mut Page, pod: &Value) {
    state(page, pod);
    page.maybe("Node", &node(pod));
    let started = text(pod, "/status/startTime");
    if !started.is_empty() {
        page.spans("Start Time", time(started));
    }
    let ips: Vec<String> = list(pod, "/status/podIPs")
        .iter()
        .map(|ip| shown_at(ip, "/ip"))
        .collect();
    page.maybe("IP", &ips.join(", "));
    page.maybe("Service Account", text(pod, "/spec/serviceAccountName"));
    page.maybe("Priority", &shown_at(pod, "/spec/priority"));
    page.maybe("Priority Class", text(pod, "/spec/priorityClassName"));
    page.maybe("Runtime Class", text(pod, "/spec/runtimeClassName"));
    page.maybe("QoS Class", text(pod, "/status/qosClass"));
    if pod.pointer("/spec/hostNetwork") == Some(&Value::Bool(true)) {
        page.fact("Host Network", "true");
    }
    for (title, specs, statuses) in [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        (
            "Ephemeral Containers",
            "ephemeralContainers",
            "ephemeralContainerStatuses",
        ),
    ] {
        let statuses = list(pod, &format!("/status/{statuses}"));
        page.section(title, |page| {
            for spec in list(pod, &format!("/spec/{specs}")) {
                let status = statuses.iter().find(|status| status["name"] == spec["name"]);
                container::add(page, spec, status);
            }
        });
    }
    conditions::add(page, pod);
    placement(page, &pod["spec"]);
}

/// `Status`, with the container's word where it says more than the phase.
fn state(page: &mut Page, pod: &Value) {
    let phase = text(pod, "/status/phase");
    page.toned("Status", phase, tone_of(phase));
    let reason = text(pod, "/status/reason");
    if !reason.is_empty() {
        page.toned("Reason", reason, Tone::Bad);
    }
    page.maybe("Message", text(pod, "/status/message"));
}

fn node(pod: &Value) -> String {
    match (text(pod, "/spec/nodeName"), text(pod, "/status/hostIP")) {
        ("", _) => "<none>".into(),
        (name, "") => name.into(),
        (name, ip) => format!("{name} ({ip})"),
    }
}

/// Where it may run, and its volumes: of a pod's spec.
fn placement(page: &mut Page, spec: &Value) {
    volume::add(page, spec);
    page.list("Node-Selectors", pairs(spec, "/nodeSelector", "="));
    page.list("Tolerations", list(spec, "/tolerations").iter().map(toleration));
    let spread = list(spec, "/topologySpreadConstraints").iter().map(|constraint| {
        let when = text(constraint, "/whenUnsatisfiable");
        let skew = shown_at(constraint, "/maxSkew");
        format!(
            "{}:{when} when max skew {skew} is exceeded for selector {}",
            text(constraint, "/topologyKey"),
            selector(constraint, "/labelSelector")
        )
    });
    let spread: Vec<String> = spread.collect();
    if !spread.is_empty() {
        page.list("Topology Spread", spread);
    }
}

fn toleration(toleration: &Value) -> String {
    let key = text(toleration, "/key");
    let mut out = key.to_owned();
    let value = text(toleration, "/value");
    if !value.is_empty() {
        out = format!("{out}={value}");
    }
    let effect = text(toleration, "/effect");
    if !effect.is_empty() {
        out = format!("{out}:{effect}");
    }
    if text(toleration, "/operator") == "Exists" && value.is_empty() {
        out = format!("{out} op=Exists");
    }
    match number(toleration, "/tolerationSeconds") {
        Some(seconds) => format!("{out} for {seconds}s"),
        None => out,
    }
}

/// The template of a workload.
pub fn template(page: &mut Page, object: &Value, pointer: &str) {
    let Some(template) = object.pointer(pointer) else {
        return;
    };
    let spec = &template["spec"];
    page.section("Pod Template", |page| {
        page.list("Labels", pairs(template, "/metadata/labels", "="));
        let annotations = meta::annotations(template, "/metadata/annotations");
        if !annotations.is_empty() {
            page.list("Annotations", annotations);
        }
        page.maybe("Service Account", text(spec, "/serviceAccountName"));
        for (title, field) in [("Init Containers", "/initContainers"), ("Containers", "/containers")] {
            page.section(title, |page| {
                for spec in list(spec, field) {
                    container::add(page, spec, None);
                }
            });
        }
        placement(page, spec);
    });
}

/// A probe as kubectl prints it: `http-get http://:8080/healthz delay=0s timeout=1s period=10s …`.
pub fn probe(probe: &Value) -> String {
    let what = if let Some(http) = probe.get("httpGet") {
        let scheme = match text(http, "/scheme") {
            "" => "http".to_owned(),
            scheme => scheme.to_lowercase(),
        };
        format!(
            "http-get {scheme}://{}:{}{}",
            text(http, "/host"),
            shown_at(http, "/port"),
            text(http, "/path")
        )
    } else if let Some(tcp) = probe.get("tcpSocket") {
        format!("tcp-socket {}:{}", text(tcp, "/host"), shown_at(tcp, "/port"))
    } else if let Some(grpc) = probe.get("grpc") {
        format!("grpc <pod>:{} {}", shown_at(grpc, "/port"), text(grpc, "/service"))
    } else {
        let command: Vec<String> = list(probe, "/exec/command").iter().map(shown).collect();
        format!("exec [{}]", command.join(" "))
    };
    let number = |field: &str, unset: i64| number(probe, field).unwrap_or(unset);
    format!(
        "{what} delay={}s timeout={}s period={}s #success={} #failure={}",
        number("/initialDelaySeconds", 0),
        number("/timeoutSeconds", 1),
        number("/periodSeconds", 10),
        number("/successThreshold", 1),
        number("/failureThreshold", 3),
    )
}

/// `Running`, `Waiting` or `Terminated` with what belongs to it.
pub fn container_state(page: &mut Page, key: &str, state: &Value) {
    let word = |field: &str| text(state, field).to_owned();
    if state.get("running").is_some() {
        page.toned(key, "Running", Tone::Ok);
        page.spans("  Started", time(&word("/running/startedAt")));
    } else if state.get("waiting").is_some() {
        let reason = word("/waiting/reason");
        page.toned(key, "Waiting", Tone::Pending);
        page.toned("  Reason", &reason, tone_of(&reason));
        page.maybe("  Message", &word("/waiting/message"));
    } else if state.get("terminated").is_some() {
        let code = number(state, "/terminated/exitCode").unwrap_or(0);
        let tone = if code == 0 { Tone::Done } else { Tone::Bad };
        page.toned(key, "Terminated", tone);
        page.toned("  Reason", &word("/terminated/reason"), tone);
        page.maybe("  Message", &word("/terminated/message"));
        let signal = number(state, "/terminated/signal").filter(|signal| *signal > 0);
        let signal = signal.map_or_else(String::new, |signal| format!(" (signal {signal})"));
        page.spans("  Exit Code", vec![Span::new(&format!("{code}{signal}"), tone)]);
        page.spans("  Started", time(&word("/terminated/startedAt")));
        page.spans("  Finished", time(&word("/terminated/finishedAt")));
    }
}
