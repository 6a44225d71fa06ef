//! The whole main job, twice: with a role one approves oneself, and with one that another person
//! must approve. Browse → logs → a refused write → the glass → restart, scale, delete → expiry →
//! a refused write → replay.

use serde_json::Value;

use super::desk::{Desk, STEP};
use super::harness::{self, AuditMark, Namespace, Options, Rig, Shop};
use super::operator::{ask_for, command, find, last_line, until};
use super::terminal::Terminal;
use super::{policy, witness};

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
    act(&mut kglass, &rig, &namespace);
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
    act(&mut kglass, &rig, &namespace);
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

/// Finds the sick workload and reads why.
fn browse(kglass: &mut Terminal) {
    kglass.wait_for("READ-ONLY");
    kglass.wait_until("the sick pod", STEP, |s| s.contains("checkout-") && s.contains("live"));
    find(kglass, "checkout");
    kglass.keys("l");
    kglass.wait_for(Shop::LOG_LINE);
    kglass.keys("<esc>");
    kglass.wait_until("the table again", STEP, |s| s.contains('▌') && s.contains("checkout-"));
}

/// A write key in normal mode says what it needs, and nothing happens.
fn refused(kglass: &mut Terminal) {
    kglass.keys("<c-d>");
    kglass.wait_until("why not", STEP, |s| last_line(s).contains("needs the glass"));
}

/// Restart, scale, delete; each seen on the server.
fn act(kglass: &mut Terminal, rig: &Rig, namespace: &Namespace<'_>) {
    let web = namespace.path_in("apps/v1", "deployments/web");
    let see = |what: &str, path: &str, seen: &dyn Fn(&Value, u16) -> bool| {
        rig.wait(what, STEP, || {
            let reply = rig.http("GET", path, Some(&rig.token("admin")), None);
            seen(&reply.json, reply.status)
        });
    };
    command(kglass, "deploy");
    find(kglass, "web");
    kglass.keys("r");
    kglass.wait_until("the question", STEP, |s| last_line(s).contains("restart"));
    until(kglass, "y", "restart", |s| !last_line(s).contains("y yes"));
    see("the restart", &web, &|object, _| {
        object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].is_string()
    });
    see("the rollout", &web, &|object, _| {
        let status = &object["status"];
        status["observedGeneration"] == object["metadata"]["generation"]
            && status["replicas"] == 2
            && status["updatedReplicas"] == 2
            && status["availableReplicas"] == 2
    });

    kglass.keys("s");
    kglass.wait_until("how many", STEP, |s| last_line(s).contains("replicas"));
    kglass.keys("<c-u>3");
    kglass.keys("<enter>");
    kglass.wait_until("the question", STEP, |s| last_line(s).contains("y yes"));
    until(kglass, "y", "scale", |s| !last_line(s).contains("y yes"));
    see("three replicas", &web, &|object, _| object["spec"]["replicas"] == 3);

    command(kglass, "pods");
    find(kglass, "checkout");
    let screen = kglass.text();
    let row = screen.lines().find(|line| line.contains('▌')).expect("a cursor");
    let pod = row
        .trim_start_matches(['▌', ' '])
        .split_whitespace()
        .next()
        .expect("a name")
        .to_owned();
    delete(kglass);
    see(
        "the pod is gone",
        &namespace.path(&format!("pods/{pod}")),
        &|_, status| status == 404,
    );
}

/// Deletes the row under the cursor. The box closes itself whenever the pod crashes once more
/// meanwhile; a person asks again, and so does this.
fn delete(kglass: &mut Terminal) {
    let deleted = |screen: &str| last_line(screen).contains("delete") && last_line(screen).contains("done");
    for _ in 0..10 {
        kglass.keys("<c-d>");
        let chosen = kglass.soon(|s| s.contains("[ cancel ]")) && {
            kglass.keys("<tab>");
            kglass.soon(|s| s.contains("[ delete ]")) || {
                kglass.keys("<tab>");
                kglass.soon(|s| s.contains("[ delete ]"))
            }
        };
        if chosen {
            kglass.keys("<enter>");
        }
        if kglass.soon(deleted) {
            return;
        }
        if kglass.text().contains("[ ") {
            kglass.keys("<esc>");
            kglass.wait_until("the box is closed", STEP, |s| !s.contains("[ "));
        }
    }
    panic!("the pod was not deleted; the screen:\n{}", kglass.text());
}

fn expire(kglass: &mut Terminal) {
    kglass.wait_until("the end", std::time::Duration::from_secs(120), |s| {
        !s.contains("GLASS BROKEN") && s.contains("READ-ONLY")
    });
    kglass.wait_until("the server's refusal", STEP, |s| {
        last_line(s).contains("ended (expired): 3 writes")
    });
}

fn leave(kglass: &mut Terminal) {
    command(kglass, "q");
    assert!(kglass.exit().success(), "kglass leaves with success");
}

/// What the API server itself wrote down, against what the journals say.
fn bear_witness(rig: &Rig, mark: AuditMark, desk: &Desk, elevated: &str, approvers: &[(&Desk, &str)]) {
    let requests = witness::requests(&rig.audit_since(mark));
    eprintln!("counts per identity, verb and resource:\n{}", witness::table(&requests));
    let intents = witness::intents(&desk.newest_session());
    for sent in requests.iter().filter(|r| !r.is_read() && !r.is_self_review()) {
        let name = sent.user.as_str();
        if name == "oncall" {
            assert!(witness::is_petition(sent), "the base identity sent {sent:?}");
            assert!(
                intents.contains(&sent.audit_id),
                "a petition without an intent: {sent:?}"
            );
        } else if name == elevated {
            assert!(intents.contains(&sent.audit_id), "a write without an intent: {sent:?}");
        } else if let Some((approver, _)) = approvers.iter().find(|(_, user)| *user == name) {
            assert!(witness::is_petition(sent), "the approver sent {sent:?}");
            let theirs = witness::intents(&approver.newest_session());
            assert!(
                theirs.contains(&sent.audit_id),
                "an approver's petition without an intent: {sent:?}"
            );
        } else {
            let is_set_up = name == "admin" || name.starts_with("system:");
            let is_another_role = name.starts_with("system:serviceaccount:kglass-system:");
            assert!(is_set_up && !is_another_role, "somebody else wrote: {sent:?}");
        }
    }
    let writes = requests
        .iter()
        .filter(|r| r.user == elevated && !r.is_read() && !r.is_self_review())
        .count();
    assert_eq!(writes, 3, "restart, scale, delete");
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
    let mut player = desk.open(&["replay", &hash[..6]], (200, 60));
    let screen = player.wait_for("REPLAY");
    assert!(
        screen.contains("intact"),
        "what verification found stands above:\n{screen}"
    );
    // To the last event: the end. From there back to the writes.
    until(&mut player, "n", "the end of the session", |s| {
        s.contains("GLASS BROKEN")
    });
    for event in ["restart", "scale", "delete"] {
        player.wait_until(event, STEP, |s| s.contains(event));
    }
    player.keys("q");
    assert!(player.exit().success(), "the player leaves with success");
}
