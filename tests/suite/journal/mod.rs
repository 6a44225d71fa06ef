//! The journal from outside: what is written, what a crash leaves, and what a hand may do to it.

mod attack;
mod damage;
mod fail_closed;
mod forge;
mod recovery;
mod vanished;

use std::fs;
use std::path::{Path, PathBuf};

use kglass::audit::{
    self, Appended, Cluster, Ended, Event, Fault, Granted, Intent, Journal, Origin, Outcome, PolicyId, Refused, Report,
    Requested, ScreenHead, Warned,
};
use kglass::model::{Gvk, ObjectRef};
use tempfile::TempDir;

pub fn origin() -> Origin {
    let cluster = Cluster {
        context: "prod-eu".into(),
        name: "prod-eu".into(),
        server: "https://10.0.0.1:6443".into(),
        ca_sha256: Some("ab".repeat(32)),
        uid: Some("0e0b6ac1-6f6f-4d4f-9a4c-0f8f9d5b1c11".into()),
    };
    let policy = PolicyId {
        version: "1".into(),
        hash: "cd".repeat(32),
    };
    Origin::here(cluster, policy)
}

pub fn requested() -> Event {
    Event::Requested(Requested {
        trigger: "incident:INC-4711".into(),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops since the 02:11 rollout \u{2192} \"rolling back\"".into(),
        role: "restarter".into(),
        ttl_seconds: 600,
        ..Requested::default()
    })
}

pub fn intent(n: u64) -> Intent {
    Intent {
        action: n,
        words: format!("scale deployments.apps/web {n} → 0"),
        identity: "elevated".into(),
        verb: "patch".into(),
        method: "PATCH".into(),
        path: "/apis/apps/v1/namespaces/shop/deployments/web/scale".into(),
        target: Some(audit::Target {
            object: ObjectRef {
                gvk: Gvk::new("apps", "v1", "Deployment"),
                resource: "deployments".into(),
                namespace: Some("shop".into()),
                name: "web".into(),
                uid: Some("5f7c7a3e".into()),
                resource_version: Some("4711".into()),
            },
            subresource: Some("scale".into()),
        }),
        ..Intent::default()
    }
}

/// One request with its outcome.
pub fn act(journal: &Journal, n: u64) -> Appended {
    let sent = journal.intend(intent(n)).wait().expect("durable").spend();
    let outcome = Outcome {
        status: 200,
        message: format!("{n} → 0"),
        took_ms: 12,
        ..Outcome::default()
    };
    journal.conclude(sent, outcome).wait().expect("durable")
}

pub fn begin(state: &Path) -> Journal {
    let journal = Journal::create(state, &origin(), &requested()).expect("a journal");
    let append = |event| journal.append(event).wait().expect("durable");
    append(Event::Granted(Granted {
        role: "restarter".into(),
        credential_id: "jti-1".into(),
        ..Granted::default()
    }));
    journal
}

pub fn end(journal: &Journal) {
    let ended = Event::Ended(Ended {
        reason: "expired".into(),
        revocation: "confirmed".into(),
        ..Ended::default()
    });
    journal.append(ended).wait().expect("durable");
    journal.close().wait().expect("durable");
}

/// A whole session of more than 50 records. The folder lives as long as the `TempDir`.
pub fn session() -> (TempDir, PathBuf) {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let screen = ScreenHead::default();
    journal.attach_screen(screen.clone());
    let cast = b"{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n";
    let path = journal.folder().join(audit::SCREEN_FILE);
    screen.through(cast, |bytes| fs::write(&path, bytes)).expect("written");
    for n in 0..22 {
        act(&journal, n);
    }
    for seconds_left in [120, 60, 10] {
        let warned = Event::Warned(Warned { seconds_left });
        journal.append(warned).wait().expect("durable");
    }
    journal
        .append(Event::Refused(Refused {
            action: 23,
            words: "delete pods/web-0".into(),
            target: None,
            why: "out of scope".into(),
        }))
        .wait()
        .expect("durable");
    end(&journal);
    let folder = journal.folder().to_owned();
    (state, folder)
}

/// The lines of a journal, each with its newline.
pub fn lines(folder: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(folder.join(audit::JOURNAL_FILE)).expect("a journal");
    bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

pub fn write_lines(folder: &Path, lines: &[Vec<u8>]) {
    write(folder, &lines.concat());
}

pub fn write(folder: &Path, bytes: &[u8]) {
    fs::write(folder.join(audit::JOURNAL_FILE), bytes).expect("written");
}

/// Puts `bytes` in the journal's place and verifies it.
pub fn verify(folder: &Path, bytes: &[u8]) -> Report {
    write(folder, bytes);
    audit::verify(folder).expect("looked at")
}

/// Name of the fault and its line; `intact` at line 0.
pub fn verdict(report: &Report) -> (&'static str, u64) {
    match report.fault() {
        Some(fault) => (fault.name(), fault.place().line),
        None if report.is_intact() => ("intact", 0),
        None => ("screen", 0),
    }
}

#[test]
fn a_whole_session_is_intact_and_says_what_it_is() {
    let (_state, folder) = session();
    let report = audit::verify(&folder).expect("looked at");
    assert_eq!(verdict(&report), ("intact", 0), "{}", report.text());
    assert_eq!(report.exit_code(), 0);
    assert!(report.records >= 50, "{}", report.records);
    assert_eq!(report.session.as_deref(), folder.file_name().and_then(|n| n.to_str()));
    let shown = audit::show(&folder).expect("looked at");
    let close = shown.entries.last().expect("records");
    assert_eq!(
        (close.kind.as_str(), close.number("records")),
        ("close", report.records - 1)
    );
    let counts: u64 = close.data["counts"]
        .as_object()
        .expect("counts")
        .values()
        .filter_map(serde_json::Value::as_u64)
        .sum();
    assert_eq!(counts, report.records - 1);
    assert!(
        shown.text().contains("scale deployments.apps/web 3 → 0"),
        "{}",
        shown.text()
    );
    assert_eq!(shown.json()["report"]["verdict"], "intact");
}

#[test]
fn every_record_carries_the_envelope_and_modes_change_with_a_checkpoint() {
    let (_state, folder) = session();
    let shown = audit::show(&folder).expect("looked at");
    for entry in &shown.entries {
        for field in [
            "schema",
            "prev",
            "hash",
            "sig",
            "keyId",
            "session",
            "ts",
            "monoNs",
            "tool",
            "host",
            "localUser",
            "cluster",
            "policy",
        ] {
            assert!(!entry.record[field].is_null(), "{field} in {}", entry.record);
        }
        assert_eq!(entry.record["sessionKey"].is_string(), entry.seq == 1);
    }
    let kinds: Vec<(&str, &str)> = shown
        .entries
        .iter()
        .map(|e| (e.kind.as_str(), e.record["mode"].as_str().expect("mode")))
        .collect();
    assert_eq!(
        kinds[..3],
        [
            ("requested", "requested"),
            ("granted", "break-glass"),
            ("checkpoint", "break-glass")
        ]
    );
    let last: Vec<&str> = kinds[kinds.len() - 3..].iter().map(|(kind, _)| *kind).collect();
    assert_eq!(last, ["ended", "checkpoint", "close"]);
    assert_eq!(kinds.last().map(|(_, mode)| *mode), Some("normal"));
}

#[test]
fn the_audit_id_of_an_outcome_is_that_of_its_intents_receipt_and_hash() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let receipt = journal.intend(intent(1)).wait().expect("durable");
    let (seq, id) = (receipt.seq(), receipt.audit_id());
    let outcome = Outcome::default();
    journal.conclude(receipt.spend(), outcome).wait().expect("durable");
    let twin = journal.intend(intent(1)).wait().expect("durable");
    assert_ne!(twin.audit_id(), id, "the same request again has another id");
    let shown = audit::show(journal.folder()).expect("looked at");
    let outcome = shown.first("outcome").expect("outcome");
    assert_eq!((outcome.number("intent"), outcome.text("auditId")), (seq, id.as_str()));
    let intent = &shown.entries[seq as usize - 1].record;
    assert_eq!(outcome.data["intentHash"], intent["hash"]);
    assert_eq!(shown.report.unknown, [twin.seq()], "an intent without outcome is told");
}

#[test]
fn concurrent_intents_get_one_order_and_each_its_own_receipt() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let journal = journal.clone();
            scope.spawn(move || (0..10).for_each(|n| drop(act(&journal, thread * 100 + n))));
        }
    });
    end(&journal);
    let report = audit::verify(journal.folder()).expect("looked at");
    assert!(report.is_intact() && report.unknown.is_empty(), "{}", report.text());
    let shown = audit::show(journal.folder()).expect("looked at");
    // On a very slow machine ten seconds may pass first.
    let why = |entry: &&audit::Entry| matches!(entry.text("why"), "count" | "time");
    let checkpoints = shown.entries.iter().filter(why).count();
    assert!(
        checkpoints >= 2,
        "160 records of work, a checkpoint every 64: {checkpoints}"
    );
}

#[test]
fn after_the_close_nothing_is_taken_and_the_lock_is_free() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let path = journal.folder().join(audit::JOURNAL_FILE);
    let other = fs::File::open(&path).expect("readable");
    assert!(other.try_lock().is_err(), "a living session holds its lock");
    end(&journal);
    other.try_lock().expect("free");
    let error = journal.intend(intent(1)).wait().expect_err("closed");
    assert!(error.to_string().contains("closed"), "{error}");
    assert!(audit::verify(journal.folder()).expect("looked at").is_intact());
}

#[test]
fn folder_and_files_are_the_operators_alone_and_no_link_is_followed() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(journal.folder()), 0o700);
    assert_eq!(mode(&journal.folder().join(audit::JOURNAL_FILE)), 0o600);
    assert_eq!(mode(&state.path().join(audit::SESSIONS_FOLDER)), 0o700);
    let metadata = fs::metadata(journal.folder().join(audit::JOURNAL_FILE)).expect("there");
    assert!(metadata.blocks() * 512 >= 1024 * 1024, "1 MiB is reserved");
    assert!(metadata.len() < 64 * 1024, "and the length is that of the records");

    let elsewhere = tempfile::tempdir().expect("a folder");
    let linked = tempfile::tempdir().expect("a folder");
    symlink(elsewhere.path(), linked.path().join(audit::SESSIONS_FOLDER)).expect("linked");
    let error = Journal::create(linked.path(), &origin(), &requested()).expect_err("a link");
    assert!(error.to_string().contains("state directory"), "{error}");

    let open = tempfile::tempdir().expect("a folder");
    let sessions = open.path().join(audit::SESSIONS_FOLDER);
    fs::create_dir(&sessions).expect("made");
    fs::set_permissions(&sessions, fs::Permissions::from_mode(0o777)).expect("set");
    let error = Journal::create(open.path(), &origin(), &requested()).expect_err("open to all");
    assert!(error.to_string().contains("others may write"), "{error}");
}

#[test]
fn an_anchor_from_elsewhere_shows_truncation_and_a_rewritten_past() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let shown = audit::show(&folder).expect("looked at");
    let anchored = &shown.entries[39];
    let hash = anchored.record["hash"].as_str().expect("hash");
    let hash = data_encoding::HEXLOWER
        .decode(hash.as_bytes())
        .expect("hex")
        .try_into()
        .expect("32 bytes");
    let expected = |hash| audit::Expectation {
        session: None,
        anchor: Some((40, hash)),
    };
    write_lines(&folder, &all[..30]);
    let report = audit::verify_against(&folder, &expected(hash)).expect("looked at");
    assert!(
        matches!(report.fault(), Some(Fault::Truncated { anchored: 40, .. })),
        "{}",
        report.text()
    );
    write_lines(&folder, &all);
    assert!(
        audit::verify_against(&folder, &expected(hash))
            .expect("looked at")
            .is_intact()
    );
    let report = audit::verify_against(&folder, &expected([7; 32])).expect("looked at");
    assert!(
        matches!(report.fault(), Some(Fault::Edited(at)) if at.seq == Some(40)),
        "{}",
        report.text()
    );
}
