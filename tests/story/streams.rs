//! A shell and port-forwards by key script: the remote's screen under the banner, nothing of its
//! control strings on ours, and at every end nothing left open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::Value;

use super::desk::{Desk, STEP};
use super::harness::{self, Options, Rig, Shop};
use super::operator::{ask_for, find, last_line, until};
use super::terminal::Terminal;

fn policy(namespace: &str) -> String {
    let role = |name: &str, ttl: &str| {
        format!(
            r#"
[roles.{name}]
about = "shells and port-forwards"
namespaces = ["{namespace}"]
max_ttl = "{ttl}"
requesters = {{ groups = ["oncall"] }}
self_approve = true
rules = [
  {{ groups = [""], resources = ["pods"], verbs = ["get", "delete"] }},
  {{ groups = [""], resources = ["pods/exec", "pods/portforward"], verbs = ["get", "create"] }},
]
"#
        )
    };
    let built_in = include_str!("../../assets/policy.toml");
    format!("{built_in}{}{}", role("entrant", "10m"), role("brief", "30s"))
}

pub fn first_line(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}

/// Opens a shell in the pod under the cursor.
pub fn enter(kglass: &mut Terminal) {
    kglass.keys("s");
    kglass.wait_until("a prompt", STEP, |s| s.contains("/ #") && s.contains("GLASS BROKEN"));
}

pub fn forward(kglass: &mut Terminal, local: u16) {
    let pair = format!("{local}:8080");
    kglass.keys("F");
    kglass.wait_until("the question for ports", STEP, |s| {
        last_line(s).contains("local:remote")
    });
    kglass.keys("<c-u>");
    kglass.keys(&pair);
    kglass.wait_until("the ports", STEP, |s| last_line(s).contains(&pair));
    kglass.keys("<enter>");
    kglass.wait_until("the listener", STEP, |s| s.contains(&format!("127.0.0.1:{local} →")));
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("it is bound").port()
}

pub fn fetch(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    write!(stream, "GET / HTTP/1.0\r\n\r\n").expect("a socket");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Is one of these ports listened on, by the kernel's own table?
pub fn listens(ports: &[u16]) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let port = fields[1]
            .split(':')
            .nth(1)
            .and_then(|p| u16::from_str_radix(p, 16).ok());
        fields[3] == "0A" && port.is_some_and(|port| ports.contains(&port))
    })
}

/// Connections of the program that are open, and its children.
pub fn left(kglass: &Terminal) -> (usize, String) {
    let pid = kglass.pid();
    let sockets = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("it lives, and we are root");
    let sockets = sockets
        .filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok())
        .filter(|to| to.to_string_lossy().starts_with("socket:"))
        .count();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    (sockets, children)
}

pub fn records(desk: &Desk) -> Vec<Value> {
    let text = std::fs::read_to_string(desk.newest_session().join("journal.jsonl")).expect("a journal");
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

pub fn asked(kglass: &mut Terminal, role: &str) {
    ask_for(kglass, role);
    kglass.wait_for("GLASS BROKEN");
    kglass.wait_until("the pods again", STEP, |s| s.contains("web-") && s.contains("live"));
}

fn inside(kglass: &mut Terminal) {
    kglass.keys("stty size; echo term-$TERM\r");
    kglass.wait_until("the size", STEP, |s| {
        s.contains("39 120") && s.contains("term-xterm-256color")
    });
    // The clipboard, the title, a query: none of them comes to our terminal, nor back to the remote.
    kglass.keys("clear; printf '\\033]52;c;aGVsbG8=\\007\\033]0;mine\\007\\033[6n\\033[c'; echo af''ter\r");
    kglass.wait_until("what came after", STEP, |s| s.contains("after") && !s.contains("R;"));
    let raw = kglass.raw();
    let sent = |needle: &[u8]| raw.windows(needle.len()).any(|w| w == needle);
    assert!(!sent(b"\x1b]52;c;aGVsbG8=") && !sent(b"\x1b]0;mine") && !sent(b"\x1b[6n"));
    // An editor on the alternate screen, with cursor keys.
    kglass.keys("vi /tmp/note\r");
    kglass.wait_until("vi", STEP, |s| s.contains("/tmp/note") && s.contains('~'));
    kglass.keys("ione");
    kglass.wait_for("one");
    kglass.keys("<enter>two<up>X");
    // In which column is the editor's affair.
    kglass.wait_until("the cursor went up", STEP, |s| {
        let mut lines = s.lines().map(str::trim);
        lines.any(|line| line.contains('X') && line.replace('X', "") == "one")
    });
    kglass.keys("<esc>");
    kglass.wait_until("command mode", STEP, |s| s.contains("- /tmp/note"));
    kglass.keys(":wq\r");
    kglass.wait_until("the shell again", STEP, |s| s.contains("after") || s.contains("/ #"));
    kglass.keys("clear; cat /tmp/note | tr a-z A-Z\r");
    kglass.wait_until("what was written", STEP, |s| s.contains("TWO"));
    kglass.resize((100, 30));
    // The news of the size comes by a signal, and may be overtaken by keys.
    let size = "clear; stty size\r";
    until(kglass, size, "the new size", |s| s.contains("29 100"));
    // A flood: the keys still get through.
    kglass.keys("yes flo''od\r");
    kglass.wait_for("flood");
    let start = Instant::now();
    kglass.keys("<c-c>clear; echo qui''et\r");
    kglass.wait_until("the end of the flood", STEP, |s| {
        s.contains("quiet") && !s.contains("flood\n")
    });
    eprintln!("ctrl-c in a flood: quiet on the screen after {:?}", start.elapsed());
    echo_times(kglass);
}

/// From the key to its echo on our terminal, over the pod.
fn echo_times(kglass: &mut Terminal) {
    kglass.keys("clear\r");
    kglass.wait_until("an empty screen", STEP, |s| {
        s.matches("/ #").count() == 1 && !s.contains("quiet")
    });
    let mut times = Vec::new();
    let mut typed = "/ # ".to_owned();
    for c in "abcdefghijklmnopqrst".chars() {
        typed.push(c);
        let start = Instant::now();
        kglass.keys(&c.to_string());
        kglass.wait_for(&typed);
        times.push(start.elapsed());
    }
    times.sort();
    eprintln!(
        "echo of a key in a shell: median {:?}, worst {:?}",
        times[10], times[19]
    );
    kglass.keys("<c-c>");
}

#[test]
fn a_shell_under_the_banner_and_the_way_out_of_it() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shell");
    Shop::open(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy(&namespace));
    desk.install_kit(&rig);
    let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
    find(&mut kglass, "web-");
    kglass.keys("s");
    kglass.wait_until("why not", STEP, |s| last_line(s).contains("needs the glass"));
    asked(&mut kglass, "entrant");
    enter(&mut kglass);
    inside(&mut kglass);
    assert!(
        first_line(&kglass.text()).contains("GLASS BROKEN"),
        "the banner is always there"
    );
    // The exit code, and the table again.
    kglass.keys("exit 3\r");
    kglass.wait_until("the exit code", STEP, |s| {
        s.contains("exit code 3") && s.contains("NAME")
    });
    kglass.resize((120, 40));
    // Another one is left by its menu, and the escalation is ended from inside a third.
    enter(&mut kglass);
    kglass.keys("\u{1d}");
    kglass.wait_until("the menu", STEP, |s| last_line(s).contains("q close"));
    kglass.keys("q");
    kglass.wait_until("closed", STEP, |s| s.contains("ended: closed") && s.contains("NAME"));
    enter(&mut kglass);
    kglass.keys("\u{1d}");
    kglass.wait_until("the menu", STEP, |s| last_line(s).contains("q close"));
    kglass.keys("!!");
    kglass.wait_until("the end", STEP, |s| s.contains("NAME") && !s.contains("/ #"));
    kglass.wait_until("what was cut", STEP, |s| s.contains("1 shell closed"));
    let codes: Vec<_> = records(&desk)
        .iter()
        .filter(|r| r["kind"] == "outcome" && !r["data"]["stream"].is_null())
        .map(|r| r["data"]["message"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        codes,
        [
            "ended with exit code 3",
            "closed by the operator; the shell has ended",
            "cut by the end of the escalation; the shell has ended"
        ]
    );
    let screen = std::fs::read_to_string(desk.newest_session().join("screen.cast")).expect("a recording");
    assert!(screen.contains("quiet"), "what the shell showed is recorded");
    kglass.keys("q");
    assert!(kglass.exit().success());
}
