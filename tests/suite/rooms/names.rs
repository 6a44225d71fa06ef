//! Names that only some rooms may say. What a lint misses (a client made without naming its type,
//! a crate renamed in a `use`) stands here as a path and is found.

use super::source::{File, Named, read_all};

struct Rule {
    what: &'static str,
    because: &'static str,
    named: fn(&Named) -> bool,
    /// Rooms, folders or single files that may.
    may: &'static [&'static str],
    /// Whether tests beside the code are held to it too.
    tests_too: bool,
}

const PURE: &str = "app and view are pure: what they want of the world is an Effect, and time comes with each Msg";

const RULES: &[Rule] = &[
    Rule {
        what: "kube",
        because: "only these rooms talk to a cluster; replay, review and screens cannot touch one",
        named: |n| n.starts_with("kube") || n.starts_with("kube_client") || n.starts_with("kube_core"),
        may: &["cluster", "escalation", "credential", "embedded"],
        tests_too: true,
    },
    Rule {
        what: "a re-export of a client's crate",
        because: "a name that is passed on can be said in a room where its crate may not be named",
        named: |n| {
            n.exported
                && ["kube", "tokio", "hyper", "reqwest", "tower"]
                    .iter()
                    .any(|c| n.starts_with(c))
        },
        may: &[],
        tests_too: true,
    },
    Rule {
        what: "Client",
        because: "a client can send anything; the Reader's is behind the allow-list, and the gate needs none",
        named: |n| n.has("Client") || n.has("ClientBuilder"),
        // The embedded server wraps itself in one, since only kube can make a streaming body of its own type.
        // The gate's websocket: only kube makes the handshake, over the guarded transport.
        may: &[
            "cluster",
            "embedded/endpoint.rs",
            "embedded/tests",
            "escalation/gate/stream/socket.rs",
        ],
        tests_too: true,
    },
    Rule {
        what: ".transport(",
        because: "a bare transport checks nothing; Reader and gate put their own allow-list round it",
        named: |n| n.segments.last().is_some_and(|s| s == "transport") && (n.method || n.segments.len() > 1),
        may: &["cluster", "escalation", "embedded/tests"],
        tests_too: true,
    },
    Rule {
        what: "hyper",
        because: "nobody speaks HTTP past kube's client and the layers round it, but the webhook and the server in this \
                  process",
        named: |n| n.starts_with("hyper") || n.starts_with("hyper_util") || n.starts_with("hyper_rustls"),
        // The gate's wire names the error alone: whether a connection came about decides what was sent.
        may: &[
            "audit/sinks/webhook.rs",
            "embedded/upgrade.rs",
            "escalation/gate/wire.rs",
        ],
        tests_too: false,
    },
    Rule {
        what: "reqwest",
        because: "identity providers and sinks are asked over HTTP; a cluster never is",
        named: |n| n.starts_with("reqwest"),
        may: &["audit/sinks", "credential"],
        tests_too: true,
    },
    Rule {
        what: "TLS",
        because: "who is believed is decided where connections are made",
        named: |n| n.starts_with("rustls") || n.starts_with("tokio_rustls") || n.starts_with("rustls_native_certs"),
        may: &["cluster", "audit/sinks", "embedded"],
        tests_too: false,
    },
    Rule {
        what: "a socket",
        because: "no room opens a connection by hand: it would pass every allow-list; sinks are no cluster's",
        named: |n| {
            ["TcpStream", "TcpListener", "UdpSocket", "UnixStream"]
                .iter()
                .any(|s| n.has(s))
        },
        // A port-forward's listener on loopback, and what is taken from it: neither connects anywhere.
        may: &[
            "audit/sinks/wire.rs",
            "audit/sinks/tls.rs",
            "escalation/gate/stream/forward.rs",
            "escalation/gate/stream/forwarded.rs",
        ],
        tests_too: false,
    },
    Rule {
        what: "Command",
        because: "a process can be kubectl; only credential plugins and what the operator opens are run",
        named: |n| n.has_pair("process", "Command") || n.has_pair("tokio", "process"),
        may: &["cluster", "credential", "runtime"],
        tests_too: false,
    },
    Rule {
        what: "tokio",
        because: "rooms that are plain data or pure functions run nothing",
        named: |n| n.starts_with("tokio") || n.starts_with("tokio_util"),
        may: &[
            "audit/sinks",
            "cluster",
            "escalation",
            "credential",
            "embedded",
            "runtime",
            "cli",
        ],
        tests_too: true,
    },
    Rule {
        what: "a spawn",
        because: "only runtime spawns, so that an end can wait for everything that runs",
        named: |n| {
            let spawns = ["spawn", "spawn_blocking", "spawn_local", "JoinSet", "LocalSet"];
            spawns.iter().any(|s| n.has(s)) && (n.method || n.segments.len() > 1 || n.has("JoinSet"))
        },
        // The journal's writer and the recorder's are threads of their own: an fsync must hold up nobody
        // but who waits for it. Both end with their handles. The embedded server's websockets are tasks
        // on its side of the wire: they end with the connection.
        may: &[
            "runtime",
            "audit/journal.rs",
            "recording/recorder.rs",
            "embedded/upgrade.rs",
        ],
        tests_too: false,
    },
    Rule {
        what: "the file system",
        because: PURE,
        named: |n| {
            n.has_pair("std", "fs") || n.has_pair("tokio", "fs") || n.starts_with("fs") || n.starts_with("rustix")
        },
        may: &[
            "audit",
            "recording",
            "review",
            "cluster",
            "escalation",
            "credential",
            "config",
            "runtime",
            "cli",
        ],
        tests_too: false,
    },
    Rule {
        what: "a clock",
        because: PURE,
        named: |n| {
            ["Instant", "SystemTime", "clock_gettime"].iter().any(|s| n.has(s))
                || (n.segments.len() > 1 && n.segments.last().is_some_and(|s| s == "now"))
        },
        may: &[
            "audit",
            "recording",
            "review",
            "cluster",
            "escalation",
            "credential",
            "embedded",
            "runtime",
            "cli",
        ],
        tests_too: false,
    },
    Rule {
        what: "the environment or a thread",
        because: PURE,
        named: |n| n.has_pair("std", "env") || n.has_pair("std", "thread") || n.has_pair("std", "net"),
        may: &[
            "audit",
            "recording",
            "cluster",
            "escalation",
            "credential",
            "config",
            "runtime",
            "cli",
        ],
        tests_too: false,
    },
    Rule {
        what: "crossterm",
        because: "one room owns the terminal, and restores it",
        named: |n| n.has("crossterm"),
        may: &["runtime"],
        tests_too: true,
    },
    Rule {
        what: "ratatui",
        because: "only what draws knows how; State is drawn, it does not draw",
        named: |n| n.starts_with("ratatui"),
        may: &["view", "runtime"],
        tests_too: true,
    },
];

fn violations(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for rule in RULES {
        if rule.may.iter().any(|place| file.is_in(place)) {
            continue;
        }
        for name in file
            .names
            .iter()
            .filter(|n| (rule.tests_too || !n.in_test) && (rule.named)(n))
        {
            let (path, line, text) = (&file.path, name.line, name.text());
            let may = if rule.may.is_empty() {
                "nobody may".into()
            } else {
                format!("only {} may", rule.may.join(", "))
            };
            found.push(format!(
                "src/{path}:{line}: `{text}` names {}; {may}: {}",
                rule.what, rule.because
            ));
        }
    }
    found
}

#[test]
fn nobody_says_a_name_that_is_not_theirs_to_say() {
    let found: Vec<String> = read_all().iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(path: &str, source: &str) -> bool {
        !violations(&File::read(path, source)).is_empty()
    }

    #[test]
    fn each_name_is_caught_in_a_room_that_may_not_say_it() {
        for (path, source) in [
            ("app/act.rs", "use kube as k;"),
            ("app/act.rs", "fn f() { ::kube::Config::infer(); }"),
            ("audit/journal.rs", "use kube::Api;"),
            ("runtime/executor.rs", "use kube::{Config, Client};"),
            ("cluster/mod.rs", "pub use kube::Client as Door;"),
            ("cluster/mod.rs", "pub(crate) use tokio::spawn as go;"),
            ("runtime/executor.rs", "let c = Client::try_from(config);"),
            ("credential/exec.rs", "use kube::client::ClientBuilder;"),
            (
                "runtime/executor.rs",
                "let t = endpoint.transport(Identity::Base).await;",
            ),
            (
                "runtime/executor.rs",
                "let t = Endpoint::transport(&endpoint, Identity::Base).await;",
            ),
            ("cluster/reader.rs", "use hyper_util::client::legacy::Client;"),
            ("cluster/reader.rs", "use reqwest::get;"),
            ("audit/journal.rs", "use tokio::net::TcpStream;"),
            ("audit/writer/mod.rs", "use hyper::body::Incoming;"),
            ("audit/sinks/outbox.rs", "let s = std::net::TcpStream::connect(a);"),
            ("review/mod.rs", "use tokio_rustls::TlsConnector;"),
            ("cluster/reader.rs", "let s = tokio::net::TcpStream::connect(a);"),
            ("escalation/gate.rs", "use std::process::Command;"),
            (
                "escalation/gate.rs",
                "use std::process; fn f() { process::Command::new(\"kubectl\") }",
            ),
            ("escalation/gate.rs", "use tokio::process::{Command, Child};"),
            ("app/state.rs", "use tokio::sync::mpsc;"),
            ("cluster/watch.rs", "fn f() { tokio::spawn(async {}); }"),
            ("cluster/watch.rs", "use tokio::{spawn, task::JoinSet};"),
            ("escalation/gate.rs", "handle.spawn(async {});"),
            ("app/state.rs", "let t = std::fs::read(p);"),
            ("view/style.rs", "use std::{fs, fmt};"),
            ("view/banner.rs", "let n = std::time::Instant::now();"),
            ("view/banner.rs", "use std::time::{Duration, SystemTime};"),
            ("app/glass.rs", "let t = jiff::Timestamp::now();"),
            ("app/glass.rs", "let v = std::env::var(name);"),
            ("app/glass.rs", "use crossterm::event::KeyCode;"),
            ("view/table.rs", "use ratatui::crossterm::style::Color;"),
            ("app/state.rs", "use ratatui::layout::Rect;"),
        ] {
            assert!(caught(path, source), "{path}: {source}");
        }
    }

    #[test]
    fn where_a_name_may_be_said_it_passes() {
        for (path, source) in [
            (
                "cluster/reader.rs",
                "use kube::Client; let t = endpoint.transport(Identity::Base).await;",
            ),
            ("cluster/connect/exec.rs", "use tokio::process::Command;"),
            (
                "runtime/mod.rs",
                "tokio::spawn(f()); let t = std::time::Instant::now();",
            ),
            ("audit/sinks/syslog.rs", "use tokio::sync::mpsc;"),
            ("audit/sinks/webhook.rs", "use hyper::client::conn::http1;"),
            ("audit/sinks/wire.rs", "let s = tokio::net::TcpStream::connect(a);"),
            (
                "audit/record.rs",
                "let p = std::process::id(); enum Command { Close } let c = Command::Close;",
            ),
            (
                "app/state.rs",
                "fn transport(x: u8) {} // kube::Client\n let now = msg.at; let s = \"tokio::spawn\";",
            ),
            (
                "cluster/watch.rs",
                "#[cfg(test)] mod tests { fn f() { tokio::spawn(async {}); } }",
            ),
        ] {
            let found = violations(&File::read(path, source));
            assert!(found.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn tests_beside_pure_code_are_pure_too() {
        assert!(caught(
            "app/state.rs",
            "#[cfg(test)] mod tests { #[tokio::test] async fn f() {} }"
        ));
    }
}
