//! One container: its spec, and its status where it runs.

use serde_json::Value;

use super::line::Tone;
use super::page::Page;
use super::pod::{container_state, probe};
use super::value::{list, number, pairs, shown, shown_at, text};

pub fn add(page: &mut Page, spec: &Value, status: Option<&Value>) {
    page.section(text(spec, "/name"), |page| {
        page.fact("Image", text(spec, "/image"));
        if let Some(status) = status {
            page.maybe("Image ID", text(status, "/imageID"));
            page.maybe("Container ID", text(status, "/containerID"));
        }
        let ports: Vec<String> = list(spec, "/ports").iter().map(port).collect();
        page.maybe("Ports", &ports.join(", "));
        words(page, "Command", spec, "/command");
        words(page, "Args", spec, "/args");
        if let Some(status) = status {
            running(page, status);
        }
        for (key, pointer) in [("Limits", "/resources/limits"), ("Requests", "/resources/requests")] {
            page.maybe(key, &pairs(spec, pointer, "=").join(", "));
        }
        for (key, field) in [
            ("Liveness", "livenessProbe"),
            ("Readiness", "readinessProbe"),
            ("Startup", "startupProbe"),
        ] {
            if let Some(value) = spec.get(field) {
                page.fact(key, &probe(value));
            }
        }
        let sources: Vec<String> = list(spec, "/envFrom").iter().map(env_from).collect();
        if !sources.is_empty() {
            page.list("Environment from", sources);
        }
        page.list("Environment", list(spec, "/env").iter().map(env));
        page.list("Mounts", list(spec, "/volumeMounts").iter().map(mount));
    });
}

fn running(page: &mut Page, status: &Value) {
    container_state(page, "State", &status["state"]);
    container_state(page, "Last State", &status["lastState"]);
    let ready = status["ready"] == true;
    page.toned(
        "Ready",
        if ready { "True" } else { "False" },
        if ready { Tone::Ok } else { Tone::Bad },
    );
    page.fact(
        "Restart Count",
        &number(status, "/restartCount").unwrap_or(0).to_string(),
    );
}

fn words(page: &mut Page, key: &str, spec: &Value, pointer: &str) {
    let words = list(spec, pointer);
    if !words.is_empty() {
        page.list(key, words.iter().map(|word| shown(word).replace('\n', "\\n")));
    }
}

fn port(port: &Value) -> String {
    let number = shown_at(port, "/containerPort");
    let protocol = match text(port, "/protocol") {
        "" => "TCP",
        protocol => protocol,
    };
    let name = match text(port, "/name") {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let host = shown_at(port, "/hostPort");
    let host = if host.is_empty() { host } else { format!(" host {host}") };
    format!("{number}/{protocol}{name}{host}")
}

fn env(env: &Value) -> String {
    let name = text(env, "/name");
    let Some(from) = env.get("valueFrom") else {
        return format!("{name}: {}", text(env, "/value").replace('\n', "\\n"));
    };
    let value = if let Some(field) = from.get("fieldRef") {
        format!("({})", text(field, "/fieldPath"))
    } else if let Some(resource) = from.get("resourceFieldRef") {
        format!("({})", text(resource, "/resource"))
    } else {
        ["secretKeyRef", "configMapKeyRef"]
            .iter()
            .find_map(|field| {
                let of = from.get(*field)?;
                let what = if *field == "secretKeyRef" {
                    "secret"
                } else {
                    "config map"
                };
                Some(format!(
                    "<key `{}` of {what} `{}`>{}",
                    text(of, "/key"),
                    text(of, "/name"),
                    optional(of)
                ))
            })
            .unwrap_or_default()
    };
    format!("{name}: {value}")
}

fn env_from(source: &Value) -> String {
    let prefix = text(source, "/prefix");
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        format!(" with prefix `{prefix}`")
    };
    match (source.get("secretRef"), source.get("configMapRef")) {
        (Some(of), _) => format!("secret `{}`{prefix}{}", text(of, "/name"), optional(of)),
        (_, Some(of)) => format!("config map `{}`{prefix}{}", text(of, "/name"), optional(of)),
        _ => shown(source),
    }
}

fn optional(of: &Value) -> &'static str {
    if of["optional"] == true { " optional" } else { "" }
}

fn mount(mount: &Value) -> String {
    let how = if mount["readOnly"] == true { "ro" } else { "rw" };
    let sub = match text(mount, "/subPath") {
        "" => String::new(),
        path => format!(", path=\"{path}\""),
    };
    format!(
        "{} from {} ({how}{sub})",
        text(mount, "/mountPath"),
        text(mount, "/name")
    )
}
