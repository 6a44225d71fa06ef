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

use self::land::can_run;
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
