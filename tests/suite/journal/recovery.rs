//! What a later start does with a session whose process died.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kglass::audit::{self, Journal, Recovery, Shown};

use super::{act, begin, end, intent, lines, origin, verdict, write, write_lines};

/// A session that ended as a killed process ends it: the handles are gone, nothing was closed.
fn dead(state: &Path) -> PathBuf {
    let journal = begin(state);
    act(&journal, 1);
    let receipt = journal.intend(intent(2)).wait().expect("durable");
    drop(receipt.spend());
    let folder = journal.folder().to_owned();
    drop(journal);
    wait_for_lock(&folder);
    folder
}

fn wait_for_lock(folder: &Path) {
    let file = fs::File::open(folder.join(audit::JOURNAL_FILE)).expect("there");
    file.lock().expect("free in the end");
}

fn reopen(folder: &Path) -> (Journal, Box<Shown>) {
    match audit::recover(folder, &origin()).expect("looked at") {
        Recovery::Reopened { journal, was } => (journal, was),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_dead_session_goes_on_under_a_new_key_and_is_closed_as_recovered() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    let before = lines(&folder);
    let (journal, was) = reopen(&folder);
    assert_eq!(verdict(&was.report).0, "unclosed");
    assert_eq!(journal.session(), was.report.session.as_deref().expect("named"));
    // Whoever recovers may send petitions of its own: to delete the grant.
    act(&journal, 3);
    end(&journal);
    let shown = audit::show(&folder).expect("looked at");
    assert_eq!(
        verdict(&shown.report),
        ("recovered", before.len() as u64 + 1),
        "{}",
        shown.report.text()
    );
    assert_eq!(shown.report.exit_code(), 1, "nothing vouches for the tail");
    assert_eq!(lines(&folder)[..before.len()], before[..], "what was written stays");
    let recovered = shown.first("recovered").expect("announced");
    assert_eq!(recovered.data["unknownOutcomes"], serde_json::json!([6]));
    assert_ne!(recovered.record["keyId"], shown.entries[0].record["keyId"]);
    assert!(matches!(audit::recover(&folder, &origin()), Ok(Recovery::Closed)));
}

#[test]
fn a_torn_line_is_kept_apart_byte_for_byte() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    let all = lines(&folder);
    let torn = &all.last().expect("lines")[..77];
    write(&folder, &[all.concat(), torn.to_vec()].concat());
    let (journal, was) = reopen(&folder);
    assert_eq!(verdict(&was.report), ("torn-tail", all.len() as u64 + 1));
    end(&journal);
    assert_eq!(fs::read(folder.join("torn-1.bin")).expect("kept"), torn);
    let shown = audit::show(&folder).expect("looked at");
    assert_eq!(verdict(&shown.report).0, "recovered", "{}", shown.report.text());
    let told = &shown.first("recovered").expect("announced").data["torn"];
    assert_eq!(
        (told["file"].as_str(), told["bytes"].as_u64()),
        (Some("torn-1.bin"), Some(77))
    );
}

#[test]
fn a_recovery_that_dies_is_recovered_in_its_turn() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    drop(reopen(&folder));
    wait_for_lock(&folder);
    let last = lines(&folder).pop().expect("lines");
    let all = lines(&folder).concat();
    write(&folder, &[&all[..], &last[..20]].concat());
    let (journal, _) = reopen(&folder);
    end(&journal);
    let report = audit::verify(&folder).expect("looked at");
    assert_eq!(verdict(&report).0, "recovered", "{}", report.text());
    let shown = audit::show(&folder).expect("looked at");
    assert_eq!(shown.entries.iter().filter(|e| e.kind == "recovered").count(), 2);
}

#[test]
fn the_old_key_signs_nothing_after_the_recovery() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    let all = lines(&folder);
    let n = all.len();
    // As if the recovery had happened two records earlier and the old process had gone on.
    write_lines(&folder, &all[..n - 2]);
    drop(reopen(&folder));
    wait_for_lock(&folder);
    let recovered = lines(&folder).pop().expect("lines");
    write_lines(
        &folder,
        &[all[..n - 2].to_vec(), vec![recovered], all[n - 1..].to_vec()].concat(),
    );
    let report = audit::verify(&folder).expect("looked at");
    assert!(
        matches!(verdict(&report).0, "edited" | "wrong-signer"),
        "{}",
        report.text()
    );
}

#[test]
fn a_living_session_is_left_alone() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    assert!(matches!(
        audit::recover(journal.folder(), &origin()),
        Ok(Recovery::Alive)
    ));
    end(&journal);
    assert!(matches!(
        audit::recover(journal.folder(), &origin()),
        Ok(Recovery::Closed)
    ));
}

#[test]
fn what_a_hand_has_changed_is_not_written_to() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    let all = lines(&folder);
    let mut edited = all.clone();
    edited[2][200] ^= 1;
    let mut dropped = all.clone();
    dropped.remove(1);
    let blank = [all.clone(), vec![b"\n".to_vec()]].concat();
    for changed in [edited, dropped, blank, Vec::new()] {
        write_lines(&folder, &changed);
        let recovery = audit::recover(&folder, &origin()).expect("looked at");
        assert!(matches!(recovery, Recovery::LeftAlone { .. }), "{recovery:?}");
        assert_eq!(lines(&folder), changed);
    }
}

#[test]
fn the_recording_of_a_dead_session_is_vouched_for_as_it_was_found() {
    let state = tempfile::tempdir().expect("a folder");
    let folder = dead(state.path());
    let cast = folder.join(audit::SCREEN_FILE);
    fs::write(&cast, b"whatever the recorder had written").expect("written");
    let (journal, _) = reopen(&folder);
    end(&journal);
    let report = audit::verify(&folder).expect("looked at");
    assert!(report.screen.is_good(), "{}", report.text());
    fs::write(&cast, b"whatever the recorder had WRITTEN").expect("written");
    assert!(!audit::verify(&folder).expect("looked at").screen.is_good());
}

#[test]
fn the_observer_hears_of_every_durable_record_in_order() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    journal.observe({
        let heard = Arc::clone(&heard);
        move |appended| heard.lock().expect("whole").push((appended.seq, appended.kind))
    });
    act(&journal, 1);
    end(&journal);
    let heard = heard.lock().expect("whole");
    let kinds: Vec<&str> = heard.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, ["intent", "outcome", "ended", "checkpoint", "close"]);
    assert!(heard.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1), "{heard:?}");
}
