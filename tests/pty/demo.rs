//! `kglass demo`: the whole main job with no Kubernetes at hand. By the card's own three steps, and
//! by the same key script as on a real cluster.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

use super::operator::{ask_for, command, find, last_line, until};
use super::script::{self, Server, act, browse, expire, leave, refused};
use super::terminal::{STEP, Terminal};
use super::witness::{self, Person, Sent};
use super::{Home, policy};

const MIDDLE: (u16, u16) = (120, 40);

impl Home {
    fn demo_state(&self) -> PathBuf {
        self.0.path().join("state/kglass/demo")
    }

    /// The one session that was kept in a folder.
    fn only_session(&self, folder: &str) -> PathBuf {
        let folder = self.demo_state().join(folder);
        let sessions = std::fs::read_dir(&folder).expect("sessions were kept");
        let mut sessions: Vec<PathBuf> = sessions.filter_map(|entry| Some(entry.ok()?.path())).collect();
        sessions.retain(|path| path.join("journal.jsonl").exists());
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions.remove(0)
    }

    /// What the demo's server wrote down, as a real API server does.
    fn server_log(&self) -> Vec<Sent> {
        let log = std::fs::read_to_string(self.demo_state().join("audit.log")).expect("the server's own log");
        let events: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        witness::requests(&events)
    }
}

/// The server is inside the program: what it knows is read from its log when the program has ended.
struct Inside;

impl Server for Inside {
    fn see(&self, _what: &str, _path: (&str, &str), _seen: &dyn Fn(&Value, u16) -> bool) {}
}

/// Enters a kind and puts the cursor on one of its rows.
fn go_to(kglass: &mut Terminal, kind: &str, name: &str) {
    command(kglass, kind);
    find(kglass, name);
}

fn read_log(kglass: &mut Terminal, name: &str, says: &str) {
    find(kglass, name);
    kglass.keys("l");
    kglass.wait_for(says);
    kglass.keys("<esc>");
    kglass.wait_until("the pods again", STEP, |s| s.contains('▌') && s.contains("READY"));
}

fn restart(kglass: &mut Terminal) {
    kglass.keys("r");
    kglass.wait_until("the question", STEP, |s| last_line(s).contains("restart"));
    until(kglass, "y", "restart", |s| !last_line(s).contains("y yes"));
}

#[test]
fn the_three_steps_of_the_card_lead_through_the_whole_story() {
    let home = Home::new();
    let start = Instant::now();
    let mut kglass = home.open(&["demo"], MIDDLE);
    kglass.wait_until("the sick pods", STEP, |s| {
        s.contains("CrashLoopBackOff") && s.contains("live")
    });
    println!("demo: first rows after {:.1} s", start.elapsed().as_secs_f32());

    let step = Instant::now();
    kglass.wait_for("▸ 1. Find out why");
    read_log(&mut kglass, "checkout", "cannot reach ledger");
    kglass.wait_for("It cannot reach ledger");
    read_log(&mut kglass, "ledger", "connections in use");
    kglass.wait_for("● 1. Find out why");
    println!("demo: step 1, look, {:.1} s", step.elapsed().as_secs_f32());

    let step = Instant::now();
    kglass.keys("<c-d>");
    kglass.wait_until("read-only", STEP, |s| last_line(s).contains("needs the glass"));
    ask_for(&mut kglass, "namespace-operator");
    kglass.wait_for("GLASS BROKEN");
    go_to(&mut kglass, "sts", "ledger");
    restart(&mut kglass);
    kglass.wait_for("checkout would try again");
    go_to(&mut kglass, "deploy", "checkout");
    restart(&mut kglass);
    kglass.wait_for("▸ 3. End and replay");
    go_to(&mut kglass, "pods", "checkout");
    kglass.wait_until("checkout is well again", STEP, |s| {
        let rows = s.lines().filter(|line| line.contains("checkout-"));
        let well = |line: &&str| line.contains("1/1") && line.contains("Running");
        rows.clone().filter(well).count() == 3 && !rows.clone().any(|line| line.contains("CrashLoop"))
    });
    println!(
        "demo: step 2, break the glass and mend, {:.1} s",
        step.elapsed().as_secs_f32()
    );

    let step = Instant::now();
    until(&mut kglass, "!!", "the end", |s| !s.contains("!! end"));
    kglass.wait_until("the end is confirmed", STEP, |s| {
        last_line(s).contains("2 writes; credential refused")
    });
    let screen = kglass.wait_for(":replay ");
    let session = screen
        .split(":replay ")
        .nth(1)
        .and_then(|rest| rest.get(..6))
        .expect("a session");
    command(&mut kglass, &format!("replay {session}"));
    kglass.wait_for("REPLAY");
    kglass.wait_for("That was all");
    println!("demo: step 3, end and replay, {:.1} s", step.elapsed().as_secs_f32());
    println!("demo: whole story {:.1} s", start.elapsed().as_secs_f32());
    kglass.keys("q");
    kglass.wait_until("the way back", STEP, |s| !s.contains("REPLAY"));
    leave(&mut kglass);
    let said = String::from_utf8_lossy(&kglass.raw()).into_owned();
    assert!(
        said.contains(&format!("kglass replay {session}")),
        "it says how to see it again"
    );

    let mut player = home.open(&["replay", session], MIDDLE);
    assert!(player.wait_for("REPLAY").contains("intact"));
    player.keys("q");
    assert!(player.exit().success());
}

#[test]
fn the_same_keys_as_on_a_real_cluster_with_a_role_one_approves_oneself() {
    let home = Home::new();
    let mut kglass = opened(&home);
    browse(&mut kglass);
    refused(&mut kglass);
    ask_for(&mut kglass, "restarter");
    kglass.wait_for("GLASS BROKEN");
    act(&mut kglass, &Inside);
    expire(&mut kglass);
    refused(&mut kglass);
    leave(&mut kglass);
    let session = home.only_session("sessions");
    let base = Person::new("alice", &session);
    let elevated = "system:serviceaccount:kglass-system:restarter";
    let requests = home.server_log();
    witness::bear(&requests, &base, elevated, &[]);
    witness::three_writes(&requests, &session, elevated);
    replay(&home, &session);
}

#[test]
fn the_same_keys_as_on_a_real_cluster_with_a_role_that_another_person_approves() {
    let home = Home::new();
    let mut kglass = opened(&home);
    browse(&mut kglass);
    ask_for(&mut kglass, "namespace-operator");
    kglass.wait_for("GLASS BROKEN");
    act(&mut kglass, &Inside);
    expire(&mut kglass);
    leave(&mut kglass);
    let session = home.only_session("sessions");
    let base = Person::new("alice", &session);
    let lead = Person::new("lead", &home.only_session("lead/sessions"));
    let elevated = "system:serviceaccount:kglass-system:namespace-operator--shop";
    let requests = home.server_log();
    witness::bear(&requests, &base, elevated, &[lead]);
    witness::three_writes(&requests, &session, elevated);
    replay(&home, &session);
}

/// The demo under a policy with short grants.
fn opened(home: &Home) -> Terminal {
    home.write("policy.toml", &policy::with("60s", "shop"));
    let policy = home.0.path().join("policy.toml").display().to_string();
    home.open(&["demo", "-n", "shop", "-c", "pods", "--policy", &policy], MIDDLE)
}

fn replay(home: &Home, session: &std::path::Path) {
    let hash = session.file_name().and_then(|n| n.to_str()).expect("a session's name");
    script::replay(home.open(&["replay", &hash[..6]], (200, 60)));
}
