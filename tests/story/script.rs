//! What one person does from the first look to the replay: the same keys on every cluster, a real
//! one and the one of the demo. Only how the program is launched, and who is asked what happened on
//! the server, differ.

use serde_json::Value;

use super::operator::{command, find, last_line, until};
use super::terminal::{STEP, Terminal};

/// What the sick workload says.
pub const LOG_LINE: &str = "cannot reach ledger";

/// Who can say what is on the server. `path` lies below the shop's namespace: `apps/v1` and
/// `deployments/web`.
pub trait Server {
    fn see(&self, what: &str, path: (&str, &str), seen: &dyn Fn(&Value, u16) -> bool);
}

/// Finds the sick workload and reads why.
pub fn browse(kglass: &mut Terminal) {
    kglass.wait_for("READ-ONLY");
    kglass.wait_until("the sick pod", STEP, |s| s.contains("checkout-") && s.contains("live"));
    find(kglass, "checkout");
    kglass.keys("l");
    kglass.wait_for(LOG_LINE);
    kglass.keys("<esc>");
    kglass.wait_until("the table again", STEP, |s| s.contains('▌') && s.contains("checkout-"));
}

/// A write key in normal mode says what it needs, and nothing happens.
pub fn refused(kglass: &mut Terminal) {
    kglass.keys("<c-d>");
    kglass.wait_until("why not", STEP, |s| last_line(s).contains("needs the glass"));
}

/// Restart, scale, delete; each seen on the server.
pub fn act(kglass: &mut Terminal, server: &dyn Server) {
    let web = ("apps/v1", "deployments/web");
    command(kglass, "deploy");
    find(kglass, "web");
    kglass.keys("r");
    kglass.wait_until("the question", STEP, |s| last_line(s).contains("restart"));
    until(kglass, "y", "restart", |s| !last_line(s).contains("y yes"));
    server.see("the restart", web, &|object, _| {
        object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].is_string()
    });
    server.see("the rollout", web, &|object, _| {
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
    server.see("three replicas", web, &|object, _| object["spec"]["replicas"] == 3);

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
    server.see("the pod is gone", ("v1", &format!("pods/{pod}")), &|_, status| {
        status == 404
    });
}

/// Deletes the row under the cursor. The box closes itself whenever the pod crashes once more
/// meanwhile; a person asks again, and so does this.
fn delete(kglass: &mut Terminal) {
    let deleted = |screen: &str| last_line(screen).contains("deleted pods/") && last_line(screen).contains(" ms)");
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
            // Taken: sent, or the box had closed itself a moment before.
            if kglass.soon(|s| !s.contains("[ delete ]")) {
                let answered = |s: &str| deleted(s) || last_line(s).contains("since you asked");
                if deleted(&kglass.wait_until("an answer", STEP, answered)) {
                    return;
                }
            }
        }
        if kglass.text().contains("[ ") {
            kglass.keys("<esc>");
            kglass.wait_until("the box is closed", STEP, |s| !s.contains("[ "));
        }
    }
    panic!("the pod was not deleted; the screen:\n{}", kglass.text());
}

pub fn expire(kglass: &mut Terminal) {
    kglass.wait_until("the end", std::time::Duration::from_secs(120), |s| {
        !s.contains("GLASS BROKEN") && s.contains("READ-ONLY")
    });
    kglass.wait_until("the server's refusal", STEP, |s| {
        last_line(s).contains("ended (expired): 3 writes")
    });
}

pub fn leave(kglass: &mut Terminal) {
    command(kglass, "q");
    assert!(kglass.exit().success(), "kglass leaves with success");
    let said = kglass.text();
    for words in [" replay ", " audit verify ", " writes"] {
        assert!(said.contains(words), "what was recorded is told at the end:\n{said}");
    }
}

/// Plays a session back in `player`: verified first, with the screen and the events in step.
pub fn replay(mut player: Terminal) {
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
