//! kill -9 in the middle: the server ends the grant by itself at its deadline, the next start says
//! so and closes the session. And while it lives, the token is nowhere but in its memory.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::desk::{Desk, STEP};
use super::harness::{self, Namespace, Options, Rig, Shop};
use super::operator::{ask_for, command, find, last_line, until};
use super::policy;
use super::terminal::Terminal;

const SECRETS: &str = "/api/v1/namespaces/kglass-system/secrets";

fn grants(rig: &Rig) -> Vec<Value> {
    let list = rig.http("GET", SECRETS, Some(&rig.token("admin")), None).json;
    list["items"].as_array().cloned().unwrap_or_default()
}

/// Another token of the same grant, so that its end can be watched without lifting the program's.
fn second_token(rig: &Rig) -> String {
    let grant = grants(rig).pop().expect("a grant");
    let bound = json!({"apiVersion": "v1", "kind": "Secret", "name": grant["metadata"]["name"], "uid": grant["metadata"]["uid"]});
    let spec = json!({
        "expirationSeconds": 600, "boundObjectRef": bound,
        "audiences": ["https://kubernetes.default.svc.cluster.local"],
    });
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
    let path = "/api/v1/namespaces/kglass-system/serviceaccounts/restarter/token";
    let reply = rig.http("POST", path, Some(&rig.token("oncall")), Some(&request));
    assert_eq!(reply.status, 201, "{}", reply.message());
    reply.json["status"]["token"].as_str().expect("a token").to_owned()
}

fn is_accepted(rig: &Rig, token: &str) -> bool {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    rig.http("POST", path, Some(token), Some(&review)).status != 401
}

fn escalated(rig: &Rig, desk: &Desk, namespace: &Namespace<'_>) -> Terminal {
    let mut kglass = desk.open(&["-n", namespace, "-c", "pods"], (120, 40));
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
    find(&mut kglass, "web");
    ask_for(&mut kglass, "restarter");
    kglass.wait_for("GLASS BROKEN");
    rig.wait("the grant", STEP, || !grants(rig).is_empty());
    kglass
}

#[test]
fn the_server_ends_what_a_killed_kglass_left_and_the_next_start_closes_the_session() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy::with("30s", &namespace));
    desk.install_kit(&rig);
    let mut kglass = escalated(&rig, &desk, &namespace);
    let began = Instant::now();
    let token = second_token(&rig);
    assert!(is_accepted(&rig, &token), "the token of a live grant is accepted");
    kglass.signal(rustix::process::Signal::KILL);
    kglass.exit();
    rig.wait("the server's refusal", Duration::from_secs(60), || {
        !is_accepted(&rig, &token)
    });
    eprintln!(
        "killed; a grant of 30 s: refused {:.1} s after it began",
        began.elapsed().as_secs_f64()
    );
    assert!(grants(&rig).is_empty(), "the grant is gone by itself");

    let died = desk.run(&["sessions"]);
    assert!(
        String::from_utf8_lossy(&died.stdout).contains("died"),
        "{}",
        String::from_utf8_lossy(&died.stdout)
    );
    let mut next = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    next.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
    command(&mut next, "messages");
    next.wait_for("recovered");
    next.keys(":q");
    next.wait_for(":q");
    next.keys("<enter>");
    next.exit();
    let closed = desk.run(&["audit", "verify", &desk.newest_session().display().to_string()]);
    assert_eq!(
        closed.status.code(),
        Some(1),
        "a recovered journal has an unanchored tail"
    );
    let said = String::from_utf8_lossy(&closed.stdout).into_owned();
    assert!(said.contains("recovered"), "{said}");
}

#[test]
fn the_token_is_in_no_file_argument_environment_log_journal_or_recording() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy::with("5m", &namespace));
    desk.install_kit(&rig);
    let mut kglass = escalated(&rig, &desk, &namespace);
    kglass.keys("<c-d>");
    kglass.wait_for("[ cancel ]");
    let found = tokens_in_memory(kglass.pid());
    let live = found.iter().find(|token| is_accepted(&rig, token));
    let token = live
        .expect("the live token is in the memory of the process that uses it")
        .clone();
    let process = PathBuf::from(format!("/proc/{}", kglass.pid()));
    for place in ["cmdline", "environ"] {
        let bytes = std::fs::read(process.join(place)).expect("the process lives");
        assert!(!holds(&bytes, &token), "the token is in /proc/PID/{place}");
    }
    assert_nowhere(desk.home(), &token);
    kglass.keys("<esc>");
    // Or escape and the next key, read together, are another key.
    kglass.wait_until("the box is closed", STEP, |s| !s.contains("[ cancel ]"));
    until(&mut kglass, "!", "the end", |s| {
        s.contains("waiting until the server refuses")
    });
    kglass.wait_until("the server's refusal", STEP, |s| {
        last_line(s).contains("ended (by hand)")
    });
    assert_nowhere(desk.home(), &token);
    let body = token.rsplit_once('.').expect("a token has parts").0;
    let left = tokens_in_memory(kglass.pid());
    assert!(
        !left.iter().any(|other| other.starts_with(body)),
        "a copy of the token is left in memory"
    );
    assert!(!holds(&kglass.raw(), &token), "the token was written to the terminal");
    assert!(!is_accepted(&rig, &token), "the token is dead after the end");
}

/// What looks like a JSON web token in the writable memory of a process.
fn tokens_in_memory(pid: i32) -> Vec<String> {
    let is_root = rustix::process::geteuid().is_root();
    assert!(
        is_root,
        "this sweep needs root: kglass lets nobody else read its memory"
    );
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("it lives");
    let memory = std::fs::File::open(format!("/proc/{pid}/mem")).expect("it lives");
    let mut found = Vec::new();
    for map in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = map
            .split(' ')
            .next()
            .and_then(|range| range.split_once('-'))
            .expect("a range");
        let start = u64::from_str_radix(start, 16).expect("an address");
        let end = u64::from_str_radix(end, 16).expect("an address");
        let mut bytes = vec![0; (end - start) as usize];
        if let Ok(read) = memory.read_at(&mut bytes, start) {
            jwts(&bytes[..read], &mut found);
        }
    }
    found
}

/// Three parts of base64 with dots between, as long as a ServiceAccount's token is. What follows
/// the token in memory may look like more of it, so both usual lengths of a signature are offered:
/// ES256 has 86 letters, RS256 342.
fn jwts(bytes: &[u8], found: &mut Vec<String>) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    for at in (0..bytes.len().saturating_sub(5)).filter(|at| bytes[*at..].starts_with(b"eyJhb")) {
        let letters = bytes[at..].iter().take_while(|byte| is_part(byte)).copied().collect();
        let Ok(text) = String::from_utf8(letters) else { continue };
        let Some((body, signature)) = text.rsplit_once('.') else {
            continue;
        };
        if body.matches('.').count() != 1 {
            continue;
        }
        let cut = |length| signature.get(..length).map(|signature| format!("{body}.{signature}"));
        found.extend([86, 342].into_iter().filter_map(cut));
    }
}

fn holds(bytes: &[u8], token: &str) -> bool {
    bytes.windows(token.len()).any(|window| window == token.as_bytes())
}

/// Every file below a folder, searched by value; also without the signature.
fn assert_nowhere(folder: &Path, token: &str) {
    let body = token.rsplit_once('.').expect("a token has parts").0;
    for entry in std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry"))
    {
        let path = entry.path();
        if path.is_dir() {
            assert_nowhere(&path, token);
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            assert!(!holds(&bytes, body), "the token is in {}", path.display());
        }
    }
}
