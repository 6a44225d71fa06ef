//! Whom a sink over TLS believes: the right name under the right CA, and nobody else; and that it can
//! prove itself where the receiver asks for it.

use std::time::Duration;

use kglass::audit::sinks::{Health, Outbox, SinkConfig, SinkKind, SinkStatus, TlsConfig};

use super::check::{check, written};
use super::land::can_run;
use super::places::papers;
use super::receiver::Receiver;
use super::rsyslog::Secured;
use super::sessions;

/// Writes one session to a sink like the receiver's, with its TLS changed; how the sink is then.
fn try_with(receiver: &Receiver, change: impl FnOnce(&mut TlsConfig)) -> (SinkStatus, usize) {
    let SinkConfig { name, kind, .. } = receiver.config();
    let SinkKind::SyslogTls {
        address,
        max_message,
        mut tls,
    } = kind
    else {
        panic!("it speaks TLS");
    };
    change(&mut tls);
    let config = SinkConfig {
        name,
        kind: SinkKind::SyslogTls {
            address,
            max_message,
            tls,
        },
        required: true,
        patience: Duration::from_secs(2),
    };
    let state = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outbox = Outbox::new(state.path().to_owned(), &[config], None);
    let journal = sessions::begin(state.path(), &outbox);
    journal.close().wait().unwrap();
    let status = runtime.block_on(async {
        let mut statuses = outbox.statuses();
        let settled = statuses.wait_for(|all| all[0].is_down() || all[0].behind == 0);
        tokio::select! {
            () = outbox.run() => panic!("it ships for ever"),
            settled = tokio::time::timeout(Duration::from_secs(30), settled) => settled.unwrap().unwrap()[0].clone(),
        }
    });
    (status, check(&written(state.path()), &receiver.received()).lost)
}

fn cause(status: &SinkStatus) -> &str {
    match &status.health {
        Health::Down { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

/// Until it listens.
fn ready(receiver: &Receiver) {
    for _ in 0..100 {
        if try_with(receiver, |_| {}).1 == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the receiver does not come up");
}

#[test]
fn a_receiver_with_another_name_or_ca_gets_nothing() {
    if !can_run() {
        return;
    }
    let receiver = Receiver::rsyslog("trust", Secured::Tls);
    ready(&receiver);
    let (named, lost) = try_with(&receiver, |tls| tls.server_name = Some("siem.example".into()));
    assert_eq!((named.behind, lost), (0, 0), "its certificate has this name too");
    let (other, lost) = try_with(&receiver, |tls| tls.server_name = Some("siem.elsewhere".into()));
    assert!(cause(&other).contains("siem.elsewhere") && lost > 0, "{other:?}");
    let strangers = tempfile::tempdir().unwrap();
    let strange = papers(strangers.path(), "10.0.0.1").ca;
    let (other, lost) = try_with(&receiver, |tls| tls.ca = Some(strange));
    assert!(
        cause(&other).contains("invalid peer certificate") && lost > 0,
        "{other:?}"
    );
    let (other, _) = try_with(&receiver, |tls| tls.ca = Some("/nowhere/ca.pem".into()));
    assert!(cause(&other).contains("/nowhere/ca.pem"), "{other:?}");
}

#[test]
fn a_receiver_that_asks_for_a_certificate_gets_one_or_nothing() {
    if !can_run() {
        return;
    }
    let receiver = Receiver::rsyslog("mutual", Secured::Mutual);
    ready(&receiver);
    let (without, lost) = try_with(&receiver, |tls| tls.client = None);
    assert!(without.is_down() && lost > 0, "{without:?}");
}
