//! The writer on a medium in memory, with a clock that the test moves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::audit::event::{Requested, Warned};
use crate::audit::record::{Cluster, PolicyId};

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>, Arc<AtomicBool>);

impl Medium for Memory {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.0.lock().expect("whole").extend_from_slice(line);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) {
            return Err(io::Error::other("it was deleted"));
        }
        Ok(())
    }
}

fn writer() -> (Writer, Memory) {
    let memory = Memory::default();
    let key = SessionKey::generate().expect("random");
    let start = Start {
        session: hash::session_hash(&key.public()),
        next_seq: 1,
        head: hash::genesis(&key.public()),
        mode: Mode::Normal,
        length: 0,
        counts: BTreeMap::new(),
    };
    let origin = Origin::here(Cluster::default(), PolicyId::default());
    let mut writer = Writer::new("journal".into(), Box::new(memory.clone()), key, &origin, start);
    writer
        .open(&Event::Requested(Requested::default()), Some("aaaabbbbccccdddd"))
        .expect("durable");
    (writer, memory)
}

fn written(memory: &Memory) -> Vec<Value> {
    let bytes = memory.0.lock().expect("whole").clone();
    let lines = bytes.split_inclusive(|b| *b == b'\n');
    lines.map(|line| serde_json::from_slice(line).expect("json")).collect()
}

fn checkpoints(memory: &Memory) -> Vec<String> {
    let all = written(memory);
    let these = all.iter().filter(|record| record["kind"] == "checkpoint");
    these
        .map(|record| record["data"]["why"].as_str().unwrap_or_default().to_owned())
        .collect()
}

const TEN_S: u64 = CHECKPOINT_EVERY.as_nanos() as u64;

/// What alarms said, in order.
fn alarms(writer: &mut Writer) -> Arc<Mutex<Vec<String>>> {
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let told = Arc::clone(&heard);
    writer.on_alarm(Box::new(move |error| {
        told.lock().expect("whole").push(error.to_string());
    }));
    heard
}

#[test]
fn a_checkpoint_that_fails_is_told_although_nobody_waits_for_it() {
    let (mut writer, memory) = writer();
    let heard = alarms(&mut writer);
    memory.1.store(true, Ordering::SeqCst);
    writer.tick(writer.checkpointed_ns + TEN_S);
    let heard = heard.lock().expect("whole");
    assert_eq!(heard.len(), 1);
    assert!(
        heard[0].contains("`checkpoint`") && heard[0].contains("it was deleted"),
        "{heard:?}"
    );
}

#[test]
fn a_journal_that_is_lost_while_nothing_happens_is_noticed_too() {
    let (mut writer, memory) = writer();
    let heard = alarms(&mut writer);
    writer.tick(writer.checkpointed_ns + TEN_S);
    memory.1.store(true, Ordering::SeqCst);
    writer.tick(writer.checkpointed_ns + TEN_S - 1);
    assert_eq!(heard.lock().expect("whole").len(), 0);
    writer.tick(writer.checkpointed_ns + TEN_S);
    writer.tick(writer.checkpointed_ns + 2 * TEN_S);
    assert_eq!(heard.lock().expect("whole").len(), 1, "once");
    assert!(writer.intend(&Intent::default()).is_err());
}

#[test]
fn who_listens_late_hears_of_a_checkpoint_that_failed_before() {
    let (mut writer, memory) = writer();
    memory.1.store(true, Ordering::SeqCst);
    writer.tick(writer.checkpointed_ns + TEN_S);
    assert_eq!(alarms(&mut writer).lock().expect("whole").len(), 1);
}

#[test]
fn ten_seconds_after_a_record_comes_a_checkpoint_and_none_when_nothing_happened() {
    let (mut writer, memory) = writer();
    let begun = writer.checkpointed_ns;
    writer.tick(begun + TEN_S - 1);
    assert_eq!(checkpoints(&memory).len(), 0);
    writer.tick(begun + TEN_S);
    assert_eq!(checkpoints(&memory), ["time"]);
    let later = writer.checkpointed_ns + TEN_S;
    writer.tick(later);
    assert_eq!(checkpoints(&memory).len(), 1, "nothing new to vouch for");
    writer.append(&Event::Warned(Warned::default())).expect("durable");
    writer.tick(later + TEN_S - 1);
    assert_eq!(checkpoints(&memory).len(), 1);
    writer.tick(later + TEN_S);
    assert_eq!(checkpoints(&memory).len(), 2);
}

#[test]
fn a_screen_that_went_on_is_vouched_for_after_ten_seconds() {
    let (mut writer, memory) = writer();
    let screen = ScreenHead::default();
    writer.screen = Some(screen.clone());
    writer.tick(writer.checkpointed_ns + TEN_S);
    screen.through(b"more", |_| Ok(())).expect("counted");
    writer.tick(writer.checkpointed_ns + TEN_S);
    let all = written(&memory);
    let last = &all.last().expect("records")["data"];
    assert_eq!((&last["why"], &last["screen"]["length"]), (&"time".into(), &4.into()));
}

#[test]
fn a_checkpoint_comes_after_64_records_and_names_number_and_head() {
    let (mut writer, memory) = writer();
    for _ in 0..63 {
        writer.append(&Event::Warned(Warned::default())).expect("durable");
    }
    assert_eq!(checkpoints(&memory), ["count"]);
    let all = written(&memory);
    let (before, last) = (&all[63], &all[64]);
    assert_eq!(last["data"]["records"], 64);
    assert_eq!(last["data"]["head"], before["hash"]);
}

#[test]
fn a_close_that_is_the_64th_record_is_the_last_one() {
    let (mut writer, memory) = writer();
    for _ in 0..62 {
        writer.append(&Event::Warned(Warned::default())).expect("durable");
    }
    writer.close().expect("durable");
    let all = written(&memory);
    assert_eq!((all.len(), &all[63]["kind"]), (64, &"close".into()));
}

#[test]
fn the_first_record_alone_carries_the_key_and_what_it_extends() {
    let (mut writer, memory) = writer();
    writer.append(&Event::Warned(Warned::default())).expect("durable");
    let all = written(&memory);
    assert_eq!(all[0]["extends"], "aaaabbbbccccdddd");
    assert!(all[0]["sessionKey"].is_string());
    assert!(all[1]["extends"].is_null() && all[1]["sessionKey"].is_null());
}

#[test]
fn a_journal_that_is_nearly_full_takes_no_intent_but_still_what_is_under_way() {
    let (mut writer, _memory) = writer();
    let sent = writer.intend(&Intent::default()).expect("durable").spend();
    writer.length = MAX_JOURNAL - RESERVED + 1;
    let error = writer.intend(&Intent::default()).expect_err("full");
    assert!(matches!(error.fault, AppendFault::Full), "{error}");
    let giving_back = Intent {
        petition: Some("end".into()),
        ..Intent::default()
    };
    let given_back = writer.intend(&giving_back).expect("a grant can be given back").spend();
    writer.conclude(&given_back, &Outcome::default()).expect("durable");
    writer.conclude(&sent, &Outcome::default()).expect("durable");
    writer.close().expect("durable");
}
