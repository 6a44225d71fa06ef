//! The whole main job, twice: with a role one approves oneself, and with one that another person
//! must approve. Browse → logs → a refused write → the glass → restart, scale, delete → expiry →
//! a refused write → replay.

use serde_json::Value;

use super::desk::Desk;
use super::harness::{self, AuditMark, Namespace, Options, Rig, Shop};
use super::operator::ask_for;
use super::script::{Server, act, browse, expire, leave, refused};
use super::terminal::STEP;
use super::witness::Person;
use super::{policy, script, witness};

#[test]
fn the_whole_story_with_a_role_one_approves_oneself() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy::with("60s", &namespace));
    desk.install_kit(&rig);
    let mark = rig.audit_mark();

    let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    browse(&mut kglass);
    refused(&mut kglass);
    ask_for(&mut kglass, "restarter");
    kglass.wait_for("GLASS BROKEN");
    act(&mut kglass, &Real(&rig, &namespace));
    expire(&mut kglass);
    refused(&mut kglass);
    leave(&mut kglass);

    let identity = "system:serviceaccount:kglass-system:restarter";
    bear_witness(&rig, mark, &desk, identity, &[]);
    replay(&desk);
}

#[test]
fn the_whole_story_with_a_role_that_another_person_approves() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let policy = policy::with("60s", &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy);
    let approver = Desk::new(&rig, &["lead"], &policy);
    desk.install_kit(&rig);
    let mark = rig.audit_mark();

    let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    browse(&mut kglass);
    ask_for(&mut kglass, "namespace-operator");
    let screen = kglass.wait_for("kglass approve ");
    let request = screen
        .split("kglass approve ")
        .nth(1)
        .and_then(|rest| rest.get(..16))
        .expect("a request's name");
    let approved = approver.run(&["approve", request, "--yes"]);
    assert!(
        approved.status.success(),
        "approve: {}",
        String::from_utf8_lossy(&approved.stderr)
    );
    kglass.wait_for("GLASS BROKEN");
    act(&mut kglass, &Real(&rig, &namespace));
    expire(&mut kglass);
    leave(&mut kglass);

    let identity = format!(
        "system:serviceaccount:kglass-system:namespace-operator--{}",
        &*namespace
    );
    bear_witness(&rig, mark, &desk, &identity, &[(&approver, "lead")]);
    replay(&desk);
    let verified = approver.run(&["audit", "verify", &approver.newest_session().display().to_string()]);
    assert!(
        verified.status.success(),
        "the approver's journal: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

/// The rig, asked as its administrator.
struct Real<'r>(&'r Rig, &'r Namespace<'r>);

impl Server for Real<'_> {
    fn see(&self, what: &str, (version, path): (&str, &str), seen: &dyn Fn(&Value, u16) -> bool) {
        let Self(rig, namespace) = self;
        let path = if version == "v1" {
            namespace.path(path)
        } else {
            namespace.path_in(version, path)
        };
        rig.wait(what, STEP, || {
            let reply = rig.http("GET", &path, Some(&rig.token("admin")), None);
            seen(&reply.json, reply.status)
        });
    }
}

/// What the API server itself wrote down, against what the journals say.
fn bear_witness(rig: &Rig, mark: AuditMark, desk: &Desk, elevated: &str, approvers: &[(&Desk, &str)]) {
    let requests = witness::requests(&rig.audit_since(mark));
    let person = |name, desk: &Desk| Person::new(name, &desk.newest_session());
    let approvers: Vec<Person> = approvers.iter().map(|(desk, name)| person(name, desk)).collect();
    witness::bear(&requests, &person("oncall", desk), elevated, &approvers);
    witness::three_writes(&requests, &desk.newest_session(), elevated);
}

/// Plays the newest session back: verified first, with the screen and the events in step.
fn replay(desk: &Desk) {
    let session = desk.newest_session();
    let hash = session
        .file_name()
        .and_then(|n| n.to_str())
        .expect("a session's name")
        .to_owned();
    let verified = desk.run(&["audit", "verify", &hash]);
    assert!(
        verified.status.success(),
        "verify: {}",
        String::from_utf8_lossy(&verified.stdout)
    );
    script::replay(desk.open(&["replay", &hash[..6]], (200, 60)));
}
