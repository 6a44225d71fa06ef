//! The index of sessions on this machine, damaged ones among them.

use std::fs;
use std::path::Path;

use kglass::audit::{self, Outcome, SESSIONS_FOLDER};
use kglass::review::{self, SessionKind, SessionSummary};

use super::journal::{act, begin, end, intent, lines, write_lines};

fn listed(state: &Path, session: &str) -> SessionSummary {
    let all = review::sessions(&state.join(SESSIONS_FOLDER)).expect("listed");
    all.into_iter().find(|s| s.session == session).expect("in the list")
}

#[test]
fn a_machine_without_sessions_has_an_empty_list() {
    let state = tempfile::tempdir().expect("a folder");
    assert_eq!(
        review::sessions(&state.path().join(SESSIONS_FOLDER)).expect("listed"),
        []
    );
}

#[test]
fn a_session_is_listed_with_who_why_how_it_ended_and_its_verdict() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    act(&journal, 1);
    act(&journal, 2);
    let running = listed(state.path(), journal.session());
    assert!(
        running.running && running.verdict == "running" && running.ended == "running",
        "{running:?}"
    );
    end(&journal);
    let session = listed(state.path(), journal.session());
    assert_eq!(
        (session.kind, session.writes, session.ended.as_str()),
        (SessionKind::Escalation, 2, "expired")
    );
    assert_eq!(
        (session.context.as_str(), session.ticket.as_str(), session.role.as_str()),
        ("prod-eu", "INC-4711", "restarter")
    );
    assert!(
        session.intact && !session.running && session.verdict == "intact",
        "{session:?}"
    );
    assert_eq!(session.json()["verdict"], "intact");
}

#[test]
fn only_what_was_sent_counts_as_written_and_what_got_no_answer_is_told_apart() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    act(&journal, 1);
    for (n, message) in [(2, "not sent: the escalation has expired"), (3, "no answer: it hangs")] {
        let sent = journal.intend(intent(n)).wait().expect("durable").spend();
        let outcome = Outcome {
            message: message.into(),
            ..Outcome::default()
        };
        journal.conclude(sent, outcome).wait().expect("durable");
    }
    // A crash came between this one and its outcome.
    drop(journal.intend(intent(4)).wait().expect("durable"));
    let session = listed(state.path(), journal.session());
    assert_eq!((session.writes, session.unanswered), (3, 2), "{session:?}");
    assert_eq!(session.json()["unanswered"], 2);
}

#[test]
fn dead_edited_empty_and_foreign_folders_are_listed_as_what_they_are() {
    let state = tempfile::tempdir().expect("a folder");
    let name = |journal: &audit::Journal| journal.session().to_owned();
    let dead = begin(state.path());
    let (dead_name, dead_folder) = (name(&dead), dead.folder().to_owned());
    drop(dead);
    let lock = fs::File::open(dead_folder.join(audit::JOURNAL_FILE)).expect("there");
    lock.lock().expect("free in the end");
    drop(lock);
    let session = listed(state.path(), &dead_name);
    assert!(
        session.ended == "died" && session.verdict.starts_with("unclosed"),
        "{session:?}"
    );

    let edited = begin(state.path());
    end(&edited);
    let mut all = lines(edited.folder());
    all[1][300] ^= 1;
    write_lines(edited.folder(), &all);
    let session = listed(state.path(), &name(&edited));
    assert!(
        !session.intact && session.verdict.starts_with("edited at record 2"),
        "{session:?}"
    );

    let sessions = state.path().join(SESSIONS_FOLDER);
    fs::create_dir(sessions.join("empty")).expect("made");
    fs::write(sessions.join("a\u{1b}file"), "x").expect("written");
    let session = listed(state.path(), "empty");
    assert!(
        session.kind == SessionKind::Unknown && session.verdict.starts_with("unreadable"),
        "{session:?}"
    );
    let all = review::sessions(&state.path().join(SESSIONS_FOLDER)).expect("listed");
    let file = all
        .iter()
        .find(|session| session.session.ends_with("file"))
        .expect("in the list");
    assert!(
        file.verdict.starts_with("edited") && !file.session.contains('\u{1b}'),
        "{file:?}"
    );
}

#[test]
fn the_newest_session_stands_first() {
    let state = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = (0..3)
        .map(|_| {
            let journal = begin(state.path());
            end(&journal);
            journal.session().to_owned()
        })
        .collect();
    let listed = review::sessions(&state.path().join(SESSIONS_FOLDER)).expect("listed");
    let times: Vec<Option<i64>> = listed.iter().map(|session| session.started_ms).collect();
    assert!(
        times.is_sorted_by(|a, b| a >= b) && listed.len() == names.len(),
        "{times:?}"
    );
}
