//! Sessions that write: real journals, with records of every length and with hostile text.

use std::path::Path;
use std::time::{Duration, Instant};

use kglass::audit::sinks::Outbox;
use kglass::audit::{Cluster, Event, Journal, Origin, PolicyId, Refused, Requested};

use super::dice::Dice;

/// Begins a session.
pub fn begin(state: &Path, outbox: &Outbox) -> Journal {
    let origin = Origin::here(Cluster::default(), PolicyId::default());
    let first = Event::Requested(Requested {
        reason: "a storm is tried".into(),
        ..Requested::default()
    });
    let journal = Journal::create(state, &origin, &first).expect("a session begins");
    outbox.take_up(&journal);
    journal
}

/// Writes `count` records and seals; about `rate` a second, all in all.
pub fn write(journal: &Journal, count: usize, rate: f64, seed: u64) {
    let mut dice = Dice::new(seed);
    let begun = Instant::now();
    for number in 0..count {
        let due = Duration::from_secs_f64(number as f64 / rate);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let appended = journal.append(record(&mut dice, number as u64)).wait();
        appended.expect("the disk of the journal is well");
    }
    journal.close().wait().expect("it is sealed");
}

pub fn record(dice: &mut Dice, number: u64) -> Event {
    // One in forty is longer than a message.
    let words = match dice.below(40) {
        0 => "wörter ] \" \\ 𝄞 \u{7f} \t".repeat(600),
        1..4 => String::new(),
        length => "scale deploy/web ".repeat(length as usize),
    };
    Event::Refused(Refused {
        action: number,
        words,
        target: None,
        why: "a storm".into(),
    })
}
