//! No record, no action: a full disk and a failing fsync, and what is kept of what they refuse.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use kglass::audit::{self, AppendFault, Event, Journal, Medium, Outcome, Warned};

use super::{act, intent, origin, requested, verdict};

/// Takes `room` bytes more, then writes what fits and fails; syncs `syncs` times more.
struct Failing {
    inner: Box<dyn Medium>,
    room: Arc<AtomicUsize>,
    syncs: Arc<AtomicU64>,
    tries: Arc<AtomicU64>,
}

impl Medium for Failing {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        let room = self.room.load(Ordering::SeqCst);
        if line.len() <= room {
            self.room.fetch_sub(line.len(), Ordering::SeqCst);
            return self.inner.append(line);
        }
        self.inner.append(&line[..room])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.syncs.load(Ordering::SeqCst) == 0 {
            return Err(io::Error::other("I/O error"));
        }
        self.syncs.fetch_sub(1, Ordering::SeqCst);
        self.inner.sync()
    }
}

struct Disk {
    room: Arc<AtomicUsize>,
    syncs: Arc<AtomicU64>,
    tries: Arc<AtomicU64>,
}

fn on_failing_disk(state: &Path) -> (Journal, Disk) {
    let disk = Disk {
        room: Arc::new(AtomicUsize::new(usize::MAX / 2)),
        syncs: Arc::new(AtomicU64::new(u64::MAX / 2)),
        tries: Arc::default(),
    };
    let journal = Journal::create_on(state, &origin(), &requested(), |inner| {
        Box::new(Failing {
            inner,
            room: Arc::clone(&disk.room),
            syncs: Arc::clone(&disk.syncs),
            tries: Arc::clone(&disk.tries),
        })
    });
    (journal.expect("a journal"), disk)
}

#[test]
fn a_full_disk_gives_no_receipt_and_leaves_a_torn_tail_that_nothing_follows() {
    let state = tempfile::tempdir().expect("a folder");
    let (journal, disk) = on_failing_disk(state.path());
    act(&journal, 1);
    disk.room.store(50, Ordering::SeqCst);
    let error = journal.intend(intent(2)).wait().expect_err("full");
    assert!(matches!(error.fault, AppendFault::Write(_)), "{error}");
    let kept = error.record.as_ref().expect("the record is kept");
    assert!(kept.line.contains("scale deployments.apps/web 2"), "{}", kept.line);
    for part in ["journal.jsonl", "intent", "nothing more is sent"] {
        assert!(error.to_string().contains(part), "{error}");
    }

    // Room again: too late, for the line is torn.
    disk.room.store(1_000_000, Ordering::SeqCst);
    let tries = disk.tries.load(Ordering::SeqCst);
    let error = journal.intend(intent(3)).wait().expect_err("broken");
    assert!(matches!(error.fault, AppendFault::Broken), "{error}");
    let error = journal
        .append(Event::Warned(Warned::default()))
        .wait()
        .expect_err("broken");
    assert!(
        matches!(error.fault, AppendFault::Broken) && error.record.is_some(),
        "{error}"
    );
    journal.close().wait().expect_err("broken");
    assert_eq!(
        disk.tries.load(Ordering::SeqCst),
        tries,
        "the disk was not touched again"
    );
    let report = audit::verify(journal.folder()).expect("looked at");
    assert_eq!(verdict(&report), ("torn-tail", 4), "{}", report.text());
}

#[test]
fn a_failing_fsync_gives_no_receipt() {
    let state = tempfile::tempdir().expect("a folder");
    let (journal, disk) = on_failing_disk(state.path());
    act(&journal, 1);
    disk.syncs.store(0, Ordering::SeqCst);
    let error = journal.intend(intent(2)).wait().expect_err("not durable");
    assert!(matches!(error.fault, AppendFault::Sync(_)), "{error}");
    disk.syncs.store(100, Ordering::SeqCst);
    journal
        .intend(intent(3))
        .wait()
        .expect_err("an unsynced line cannot be trusted to be there");
}

#[test]
fn the_outcome_of_a_sent_request_is_kept_in_the_error_and_goes_on_the_chain() {
    let state = tempfile::tempdir().expect("a folder");
    let (journal, disk) = on_failing_disk(state.path());
    let sent = journal.intend(intent(1)).wait().expect("durable").spend();
    let id = sent.audit_id();
    disk.room.store(0, Ordering::SeqCst);
    let error = journal.conclude(sent, Outcome::default()).wait().expect_err("full");
    let outcome = error.record.expect("kept");
    assert!(outcome.line.contains(&id) && outcome.seq == 3, "{}", outcome.line);
    let after = journal
        .append(Event::Warned(Warned::default()))
        .wait()
        .expect_err("broken");
    let after = after.record.expect("kept");
    let prev = data_encoding::HEXLOWER.encode(&outcome.hash);
    assert!(
        after.line.contains(&format!("\"prev\":\"{prev}\"")),
        "one chain for a sink: {}",
        after.line
    );
    let report = audit::verify(journal.folder()).expect("looked at");
    assert_eq!(
        (verdict(&report), report.unknown.as_slice()),
        (("unclosed", 2), &[2][..]),
        "{}",
        report.text()
    );
}

#[test]
fn a_session_that_cannot_be_recorded_does_not_begin() {
    let state = tempfile::tempdir().expect("a folder");
    let full = |inner| {
        let medium: Box<dyn Medium> = Box::new(Failing {
            inner,
            room: Arc::default(),
            syncs: Arc::default(),
            tries: Arc::default(),
        });
        medium
    };
    let error = Journal::create_on(state.path(), &origin(), &requested(), full).expect_err("full");
    assert!(error.to_string().contains("not full"), "{error}");
    let sessions = state.path().join(audit::SESSIONS_FOLDER);
    assert_eq!(
        std::fs::read_dir(sessions).expect("listed").count(),
        0,
        "nothing is left of it"
    );
}

#[test]
fn a_record_that_is_too_long_or_not_canonical_is_refused_before_it_is_written() {
    let state = tempfile::tempdir().expect("a folder");
    let (journal, disk) = on_failing_disk(state.path());
    let tries = disk.tries.load(Ordering::SeqCst);
    let mut long = intent(1);
    long.words = "x".repeat(300_000);
    let error = journal.intend(long).wait().expect_err("too long");
    assert!(matches!(error.fault, AppendFault::TooLong(_)), "{error}");
    let mut odd = intent(1);
    odd.action = u64::MAX;
    let error = journal.intend(odd).wait().expect_err("no double holds it");
    assert!(matches!(error.fault, AppendFault::NotCanonical(_)), "{error}");
    assert_eq!(disk.tries.load(Ordering::SeqCst), tries);
    act(&journal, 1);
}
