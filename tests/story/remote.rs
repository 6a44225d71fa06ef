//! `each_action` past its bound, by key script: each intent is at a real rsyslog before its request
//! leaves; with rsyslog dead nothing is sent, past the bound nothing is even asked for, banner and
//! refusal say so, and the same keys work again once it is back.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use self::check::{check, written};
use self::land::{Land, can_run};
use self::rsyslog::{PORT, Rsyslog, Secured};
use super::desk::{Desk, STEP};
use super::harness::{self, Namespace, Options, Rig, Shop};
use super::operator::{ask_for, find, last_line, until};
use super::streams::{first_line, records};
use super::terminal::Terminal;
use super::witness::{self, Person};
use super::{policy, script};

#[path = "../cluster/remote/check.rs"]
mod check;
#[path = "../cluster/remote/land.rs"]
#[allow(dead_code, reason = "no link is cut and no disk filled here")]
mod land;
#[path = "../cluster/remote/places.rs"]
mod places;
#[path = "../cluster/remote/rsyslog.rs"]
#[allow(dead_code, reason = "here it is always over TLS")]
mod rsyslog;

fn policy_with(siem: &str, ca: &Path, namespace: &str) -> String {
    let wants = format!(
        "remote_required = \"each_action\"\nremote_deadline = \"2s\"\n\
         max_unacknowledged = {{ records = 1000, age = \"8s\" }}\n\
         sinks = [{{ name = \"siem\", kind = \"syslog_tls\", address = \"{siem}\", ca = \"{}\", timeout = \"1s\" }}]",
        ca.display()
    );
    let built_in = policy::with("5m", namespace);
    let text = built_in.replace("remote_required = \"none\"", &wants);
    assert_ne!(text, built_in, "the built-in policy requires nothing");
    text
}

/// An rsyslogd; dropped it is killed and gone, by a failed test too.
struct Running(Child);

impl Running {
    fn start(rsyslog: &Rsyslog, land: &Land) -> Self {
        Self(rsyslog.command(land).spawn().expect("rsyslogd starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn received(land: &Land) -> String {
    std::fs::read_to_string(land.disk.join("received")).unwrap_or_default()
}

/// Asks for `replicas` of the row under the cursor, and says yes.
fn scale(kglass: &mut Terminal, replicas: &str) {
    kglass.keys("s");
    kglass.wait_until("how many", STEP, |s| last_line(s).contains("replicas"));
    kglass.keys(&format!("<c-u>{replicas}"));
    kglass.keys("<enter>");
    kglass.wait_until("the question", STEP, |s| last_line(s).contains("y yes"));
    until(kglass, "y", "scale", |s| !last_line(s).contains("y yes"));
}

fn replicas(rig: &Rig, namespace: &Namespace) -> Value {
    let path = namespace.path_in("apps/v1", "deployments/web");
    rig.http("GET", &path, Some(&rig.token("admin")), None).json["spec"]["replicas"].clone()
}

fn count(desk: &Desk, kind: &str) -> usize {
    records(desk).iter().filter(|record| record["kind"] == kind).count()
}

/// Waits until the screen says `part`, wherever its lines break.
fn said(kglass: &Terminal, part: &str) {
    let flowing = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
    kglass.wait_until(part, STEP, |s| flowing(s).contains(part));
}

#[test]
fn past_the_bound_of_each_action_writes_are_refused_and_the_banner_says_so() {
    if harness::require().is_none() || !can_run() {
        return;
    }
    let (rig, land) = (Rig::start(Options::node()), Land::new());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let rsyslog = Rsyslog::new(&land, Secured::Tls);
    let siem = format!("{}:{PORT}", land.address);
    let policy = policy_with(&siem, &land.folder.join("ca.pem"), &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy);
    desk.install_kit(&rig);
    let mark = rig.audit_mark();
    let running = Running::start(&rsyslog, &land);
    // The policy wants it there at the entry already.
    rig.wait("rsyslog listens", STEP, || std::net::TcpStream::connect(&siem).is_ok());

    let mut kglass = desk.open(&["-n", &namespace, "-c", "deploy"], (120, 40));
    kglass.wait_until("the table", STEP, |s| s.contains("web") && s.contains("live"));
    ask_for(&mut kglass, "restarter");
    kglass.wait_until("the banner", STEP, |s| {
        s.contains("GLASS BROKEN") && s.contains("siem ok")
    });

    // With it there: first its record is, then the request.
    find(&mut kglass, "web");
    scale(&mut kglass, "3");
    rig.wait("three replicas", STEP, || replicas(&rig, &namespace) == 3);
    // A question closes itself when what it shows changes: the row has to say so as well.
    kglass.wait_until("three of three", STEP, |s| {
        s.lines().any(|line| line.contains('▌') && line.contains("3/3"))
    });
    assert!(received(&land).contains("\"kind\":\"intent\""), "{}", received(&land));

    // Dead: the intent is written here and reaches nobody, so its request is not sent.
    drop(running);
    scale(&mut kglass, "4");
    said(
        &kglass,
        &format!("not sent: siem ({siem}) did not acknowledge within 2 s"),
    );
    said(&kglass, "so nothing was sent: mend the sink, then try again");
    kglass.wait_until("the banner says it", Duration::from_secs(30), |s| {
        let banner = first_line(s);
        banner.contains("siem down") && banner.contains("writes refused")
    });
    let (intents, refusals) = (count(&desk, "intent"), count(&desk, "refused"));
    scale(&mut kglass, "5");
    said(&kglass, "so writes are refused until it is there again");
    assert_eq!(count(&desk, "intent"), intents, "not even an intent");
    assert_eq!(count(&desk, "refused"), refusals + 1);
    assert_eq!(replicas(&rig, &namespace), 3);

    // Back: what it lacks is sent, and the same keys work.
    let running = Running::start(&rsyslog, &land);
    kglass.wait_until("it is there again", STEP, |s| first_line(s).contains("siem ok"));
    scale(&mut kglass, "2");
    rig.wait("two replicas", STEP, || replicas(&rig, &namespace) == 2);
    until(&mut kglass, "!!", "the end", |s| s.contains("ended,"));
    script::leave(&mut kglass);
    drop(running);

    let found = check(&written(&desk.home().join("state/kglass")), &received(&land));
    eprintln!("at rsyslog: {found:?}");
    assert_eq!(found.lost, 0, "{found:?}");
    let requests = witness::requests(&rig.audit_since(mark));
    let elevated = "system:serviceaccount:kglass-system:restarter";
    let person = Person::new("oncall", &desk.newest_session());
    witness::bear(&requests, &person, elevated, &[]);
    let patches = |sent: &&witness::Sent| sent.user == elevated && sent.verb == "patch";
    assert_eq!(requests.iter().filter(patches).count(), 2, "{requests:?}");
}
