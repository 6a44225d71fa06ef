//! kglass itself is killed while it ships, again and again: what was durable arrives all the same,
//! from later starts, and a recovered session with its last records.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use kglass::audit::sinks::{DEFAULT_MAX_MESSAGE, Outbox, SinkConfig, SinkKind};
use kglass::audit::{Cluster, Origin, PolicyId, Recovery, recover};

use super::check::{check, written};
use super::dice::Dice;
use super::land::can_run;
use super::receiver::Receiver;
use super::rsyslog::{PORT, Secured};
use super::sessions;

const STATE: &str = "KGLASS_TEST_STATE";
const ADDRESS: &str = "KGLASS_TEST_ADDRESS";
const DEATHS: u32 = 12;

fn sink(address: &str) -> SinkConfig {
    SinkConfig {
        name: "siem".into(),
        kind: SinkKind::SyslogTcp {
            address: address.into(),
            max_message: DEFAULT_MAX_MESSAGE,
        },
        required: true,
        patience: Duration::from_secs(2),
    }
}

/// The process that is killed.
#[test]
#[ignore = "the victim of another test, started by it"]
fn victim() {
    let (Ok(state), Ok(address)) = (std::env::var(STATE).map(PathBuf::from), std::env::var(ADDRESS)) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outbox = Outbox::new(state.clone(), &[sink(&address)], None);
    let shipping = outbox.clone();
    runtime.spawn(async move { shipping.run().await });
    let journal = sessions::begin(&state, &outbox);
    let mut dice = Dice::new(u64::from(std::process::id()));
    for number in 0.. {
        journal.append(sessions::record(&mut dice, number)).wait().unwrap();
    }
}

#[test]
fn a_kglass_that_is_killed_while_it_ships_loses_nothing() {
    if !can_run() {
        return;
    }
    let receiver = Receiver::rsyslog("killed", Secured::No);
    let address = format!("{}:{PORT}", receiver.land.address);
    let state = tempfile::tempdir().unwrap();
    let seed = Dice::seed();
    let mut dice = Dice::new(seed);
    for _ in 0..DEATHS {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "remote::killed::victim", "--ignored"])
            .env(STATE, state.path())
            .env(ADDRESS, &address)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(dice.between_ms(150, 900));
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
    let sent_before = check(&written(state.path()), &receiver.received());
    for folder in std::fs::read_dir(state.path().join("sessions")).unwrap() {
        let folder = folder.unwrap().path();
        if folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        {
            std::fs::remove_dir_all(&folder).unwrap();
            continue;
        }
        let origin = Origin::here(Cluster::default(), PolicyId::default());
        match recover(&folder, &origin).expect("it can be recovered") {
            Recovery::Reopened { journal, .. } => drop(journal.close().wait().expect("it is closed")),
            other => panic!("{other:?}"),
        }
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outbox = Outbox::new(state.path().to_owned(), &[sink(&address)], None);
    let left = runtime.block_on(async {
        tokio::select! {
            () = outbox.run() => Vec::new(),
            left = outbox.drained(Duration::from_secs(120)) => left,
        }
    });
    let all = written(state.path());
    let found = check(&all, &receiver.received());
    let _ = writeln!(
        std::io::stderr(),
        "kglass killed {DEATHS} times: seed {seed}; {} of {} records had been sent, then {found:?}",
        sent_before.records - sent_before.lost,
        sent_before.records,
    );
    assert_eq!(left.iter().map(|status| status.owed).sum::<u64>(), 0, "{left:?}");
    assert_eq!(found.lost, 0, "{found:?}");
    assert!(sent_before.lost > 0, "it was killed with something unsent");
    assert!(
        all.values()
            .all(|records| records.values().any(|line| line.contains("\"kind\":\"recovered\"")))
    );
}
