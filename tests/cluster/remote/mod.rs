//! The remote log against real receivers: rsyslog over TCP and over TLS, and a webhook that syncs,
//! each a process in a network and on a disk of its own. They are killed, stopped, cut off and
//! filled up while sessions run; afterwards nothing is lost, nothing is twice but by the same hash,
//! and each session is in its order.
//!
//! `KGLASS_SEED` repeats a storm; the seed of each is printed.

mod check;
mod dice;
mod killed;
mod land;
mod places;
mod receiver;
mod rsyslog;
mod sessions;
mod storm;
mod trust;
mod webhook;

use std::io::Write as _;

use self::receiver::Receiver;
use self::rsyslog::Secured;
use self::storm::storm;

/// Records of a storm: a sample, or as many as the promise is about.
fn records() -> usize {
    match std::env::var("KGLASS_TESTS").as_deref() {
        Ok("full") => 20_000,
        _ => 2_000,
    }
}

/// Whether the receivers can run here. Under CI they must.
fn can_run() -> bool {
    let tools = ["rsyslogd", "ip", "openssl", "mount"];
    let missing = tools.into_iter().find(|tool| !land::is_there(tool));
    let why = match missing {
        _ if !rustix::process::geteuid().is_root() => "root is needed for a network and a disk of their own".to_owned(),
        Some(tool) => format!("{tool} is missing"),
        None if !std::path::Path::new("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so").exists()
            && !std::path::Path::new("/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so").exists() =>
        {
            "rsyslog-gnutls is missing".to_owned()
        }
        None => return true,
    };
    let told = format!("real log receivers did not run: {why}; `tests/run` installs what is missing");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{told}");
    let _ = writeln!(std::io::stderr(), "{told}");
    false
}

#[test]
fn rsyslog_over_tcp_loses_nothing_in_a_storm() {
    if can_run() {
        storm(Receiver::rsyslog("tcp", Secured::No), records());
    }
}

#[test]
fn rsyslog_over_tls_loses_nothing_in_a_storm() {
    if can_run() {
        storm(Receiver::rsyslog("tls", Secured::Tls), records());
    }
}

#[test]
fn a_webhook_loses_nothing_in_a_storm() {
    if can_run() {
        storm(Receiver::webhook("web"), records());
    }
}
