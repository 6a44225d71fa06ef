//! Ingresses: which host and path leads where.

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, shown, shown_at, text};

pub fn add(page: &mut Page, object: &Value) {
    page.maybe("Ingress Class", text(object, "/spec/ingressClassName"));
    let addresses = list(object, "/status/loadBalancer/ingress").iter().map(|at| {
        let (ip, name) = (text(at, "/ip"), text(at, "/hostname"));
        if ip.is_empty() { name.to_owned() } else { ip.to_owned() }
    });
    page.fact("Address", &addresses.collect::<Vec<_>>().join(", "));
    let default = object.pointer("/spec/defaultBackend").map(backend);
    page.fact("Default backend", default.as_deref().unwrap_or("<default>"));
    page.section("TLS", |page| {
        for tls in list(object, "/spec/tls") {
            let hosts: Vec<String> = list(tls, "/hosts").iter().map(shown).collect();
            page.fact(text(tls, "/secretName"), &hosts.join(", "));
        }
    });
    let mut rows = Vec::new();
    let word = |text: &str| Span::new(text, Tone::Text);
    for rule in list(object, "/spec/rules") {
        let mut host = match text(rule, "/host") {
            "" => "*",
            host => host,
        };
        for path in list(rule, "/http/paths") {
            let at = match text(path, "/path") {
                "" => "/",
                at => at,
            };
            rows.push(vec![word(host), word(at), word(&backend(&path["backend"]))]);
            host = "";
        }
    }
    page.section("Rules", |page| page.table(&["HOST", "PATH", "BACKEND"], rows));
}

fn backend(backend: &Value) -> String {
    if let Some(service) = backend.get("service") {
        let port = match text(service, "/port/name") {
            "" => shown_at(service, "/port/number"),
            name => name.to_owned(),
        };
        return format!("{}:{port}", text(service, "/name"));
    }
    format!(
        "{}/{}",
        text(backend, "/resource/kind"),
        text(backend, "/resource/name")
    )
}
