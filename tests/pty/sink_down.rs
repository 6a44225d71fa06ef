//! The policy wants each record elsewhere before the glass opens, and nobody is there: it stays shut,
//! says which place, why and what to do, and opens by the same key when somebody is there.

use std::io::Read;
use std::net::{SocketAddr, TcpListener};

use super::operator::{ask_for, until};
use super::terminal::STEP;
use super::{Home, policy};

/// An address at which nobody listens.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("it is bound")
}

/// Takes everything and closes in order, until the test ends.
fn listen(address: SocketAddr) {
    let listener = TcpListener::bind(address).expect("the port is still free");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                // What comes is not looked at here; when it ends, so does the connection.
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
}

/// What a box says, without its frame, its line breaks and what stands beside it.
fn flowing(screen: &str) -> String {
    let lines = screen.lines().filter_map(|line| {
        let (_, rest) = line.split_once('│')?;
        rest.rsplit_once('│').map(|(within, _)| within.trim())
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn with_the_sink_down_the_glass_stays_shut_and_says_why_and_the_same_key_opens_it_later() {
    let (home, siem) = (Home::new(), free());
    let sink = format!(
        "remote_required = \"at_entry\"\nremote_deadline = \"2s\"\n\
         sinks = [{{ name = \"siem\", kind = \"syslog_tcp\", address = \"{siem}\", timeout = \"1s\" }}]"
    );
    let text = policy::with("10m", "shop").replace("remote_required = \"none\"", &sink);
    home.write("policy.toml", &text);
    let policy = home.place("policy.toml").display().to_string();
    let args = ["demo", "-n", "shop", "-c", "pods", "--policy", policy.as_str()];
    let mut kglass = home.open(&args, (120, 40));
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));

    ask_for(&mut kglass, "restarter");
    let screen = kglass.wait_until("why not", STEP, |s| flowing(s).contains("then ask again"));
    let said = flowing(&screen);
    for part in [
        format!("the glass does not open: siem ({siem}) did not acknowledge within 2 s"),
        "onnection refused".to_owned(),
        "the policy wants the record there first: mend the sink, then ask again".to_owned(),
        "● restarter".to_owned(),
    ] {
        assert!(said.contains(&part), "{part:?} is not in:\n{screen}");
    }
    assert!(!screen.contains("GLASS BROKEN"), "{screen}");

    listen(siem);
    until(&mut kglass, "<c-s>", "the request", |s| !s.contains("ctrl-s ask"));
    let screen = kglass.wait_until("the banner", STEP, |s| {
        s.contains("GLASS BROKEN") && s.contains("siem ok")
    });
    assert!(screen.contains("restarter"), "{screen}");
    until(&mut kglass, "!!", "the end", |s| s.contains("ended,"));
}
