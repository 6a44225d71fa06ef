//! All lines together: who signed them, are they complete and in order, how does the journal end.
//! Every sound record says its own number and what came before it, so order is judged by what the
//! records say and place by where they stand.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Expectation;
use super::line::{Flaw, Sound};
use super::lines::Line;
use super::report::{Fault, Finding, Place};
use crate::audit::hash::{self, Hash};
use crate::audit::key::PublicKey;
use crate::audit::screen_head::ScreenMark;

/// Faults beyond this many are counted but not told.
const MAX_FINDINGS: usize = 100;

/// What was found on the way through a journal.
#[derive(Debug, Default)]
pub struct Walk {
    pub session: Option<String>,
    pub findings: Vec<Finding>,
    pub records: u64,
    pub closed: bool,
    /// Records after the last checkpoint: nothing vouches for there having been no more.
    pub since_checkpoint: u64,
    /// Intents without outcome: what came of them is only in the server's log.
    pub unknown: Vec<u64>,
    pub head: Option<Hash>,
    /// Every word on the screen recording, in order.
    pub screens: Vec<ScreenMark>,
    /// End of the last record that is as it should be.
    pub good_bytes: u64,
    /// False if the first record is lost and with it the key.
    pub key_known: bool,
}

struct State<'a> {
    walk: Walk,
    keys: HashMap<String, PublicKey>,
    /// Key that signs from here on.
    active: Option<String>,
    /// Hash of each record, by number, wherever it stands.
    hashes: HashMap<u64, Hash>,
    /// Numbers that stand further down.
    ahead: HashMap<u64, u32>,
    seen: HashSet<u64>,
    /// Number that the next line should have.
    next: u64,
    open_intents: BTreeSet<u64>,
    recovered: Option<Place>,
    lines: &'a [Line],
}

impl Walk {
    pub fn over(lines: &[Line], expected: &Expectation) -> Self {
        let mut state = State::new(lines);
        state.find_key(expected);
        for (i, line) in lines.iter().enumerate() {
            match &line.read {
                Ok(sound) => state.sound(i, line, sound),
                Err(flaw) => state.flawed(line, flaw),
            }
        }
        state.finish(expected)
    }
}

impl<'a> State<'a> {
    fn new(lines: &'a [Line]) -> Self {
        let mut hashes = HashMap::new();
        let mut ahead = HashMap::new();
        for sound in lines.iter().filter_map(|line| line.read.as_ref().ok()) {
            hashes.entry(sound.seq).or_insert(sound.hash);
            *ahead.entry(sound.seq).or_default() += 1;
        }
        Self {
            walk: Walk::default(),
            keys: HashMap::new(),
            active: None,
            hashes,
            ahead,
            seen: HashSet::new(),
            next: 1,
            open_intents: BTreeSet::new(),
            recovered: None,
            lines,
        }
    }

    /// The session's key stands in the record numbered 1, wherever that record stands.
    fn find_key(&mut self, expected: &Expectation) {
        let mut openings = self.lines.iter().filter_map(|line| {
            let sound = line.read.as_ref().ok()?;
            let key = sound.session_key.as_ref()?;
            let named = hash::session_hash(key.bytes());
            (sound.seq == 1 && sound.session == named).then_some((line, key, named))
        });
        let Some((line, key, named)) = openings.next() else {
            self.walk.session.clone_from(&expected.session);
            let first = self
                .lines
                .iter()
                .find(|line| line.read.as_ref().is_ok_and(|s| s.seq == 1));
            if let Some(line) = first {
                let detail = "the first record does not carry the session's key";
                self.find(Fault::Edited(Place::of(line, Some(1))), detail.into());
            }
            return;
        };
        let place = Place::of(line, Some(1));
        if let Some(session) = expected.session.as_ref().filter(|session| **session != named) {
            let detail = format!("the journal is of session {named}, but it lies where {session} belongs");
            self.find(Fault::WrongSigner(place), detail);
        }
        self.keys.insert(named.clone(), key.clone());
        self.walk.key_known = true;
        self.active = Some(named.clone());
        self.walk.session = Some(named);
    }

    fn flawed(&mut self, line: &Line, flaw: &Flaw) {
        let place = Place::of(line, Some(self.next));
        let fault = match flaw {
            _ if self.walk.closed => Fault::AfterClose(place),
            Flaw::Torn => Fault::TornTail(place),
            _ => Fault::Edited(place),
        };
        self.find(fault, flaw.to_string());
        // It stands for the record that should be here.
        self.next += 1;
    }

    fn sound(&mut self, i: usize, line: &Line, sound: &Sound) {
        let place = Place::of(line, Some(sound.seq));
        if let Some(left) = self.ahead.get_mut(&sound.seq) {
            *left -= 1;
        }
        let good = self.is_signed(i, place, sound) && self.is_in_place(place, sound) && self.is_allowed(place, sound);
        if sound.seq >= self.next {
            self.next = sound.seq + 1;
        }
        self.seen.insert(sound.seq);
        if good {
            self.take(line, sound);
        }
    }

    /// Is the record signed by a key of this session?
    fn is_signed(&mut self, i: usize, place: Place, sound: &Sound) -> bool {
        if let (None, "recovered", Some(key)) = (self.keys.get(&sound.key_id), sound.kind.as_str(), &sound.recovery_key)
            && hash::session_hash(key.bytes()) == sound.key_id
        {
            self.keys.insert(sound.key_id.clone(), key.clone());
        }
        let Some(key) = self.keys.get(&sound.key_id) else {
            if self.walk.key_known {
                let detail = format!("key {} does not belong to this session", sound.key_id);
                self.find(Fault::WrongSigner(place), detail);
            }
            // Without the first record nobody's signature can be checked; that it is missing is
            // told by its number.
            return !self.walk.key_known;
        };
        if key.has_signed(&sound.hash, &sound.sig) {
            return true;
        }
        if self.is_confirmed(i, sound) {
            let detail = "its signature was changed; the record after it confirms its text";
            self.find(Fault::Edited(place), detail.into());
        } else {
            self.find(
                Fault::WrongSigner(place),
                "its signature is not of the session's key".into(),
            );
        }
        false
    }

    /// Does the next record, itself signed by a key of the session, say that this one came before?
    /// Then only the signature was changed; otherwise somebody else has made the whole record.
    fn is_confirmed(&self, i: usize, sound: &Sound) -> bool {
        let next = self.lines.get(i + 1).and_then(|line| line.read.as_ref().ok());
        next.is_some_and(|next| {
            let key = self.keys.get(&next.key_id);
            next.prev == sound.hash && key.is_some_and(|key| key.has_signed(&next.hash, &next.sig))
        })
    }

    fn is_in_place(&mut self, place: Place, sound: &Sound) -> bool {
        if self.seen.contains(&sound.seq) {
            let same = self.hashes.get(&sound.seq) == Some(&sound.hash);
            if same {
                self.find(
                    Fault::Duplicated(place),
                    format!("record {} stands here again", sound.seq),
                );
            } else {
                let detail = format!("a second, different record has the number {}", sound.seq);
                self.find(Fault::Edited(place), detail);
            }
            return false;
        }
        self.told_gap(place, sound.seq) && self.is_chained(place, sound)
    }

    /// Tells what lacks before this record: lost altogether, or further down.
    fn told_gap(&mut self, place: Place, seq: u64) -> bool {
        if seq <= self.next {
            return true;
        }
        let first_lost = (self.next..seq).find(|n| !self.is_ahead(*n));
        let Some(from) = first_lost else {
            let detail = format!("record {seq} stands where record {} belongs", self.next);
            self.find(Fault::Reordered(place), detail);
            return false;
        };
        // Not by counting up: a made-up record may claim any number.
        let ahead = self
            .ahead
            .iter()
            .filter(|(n, left)| **left > 0 && (from..seq).contains(n));
        let to = ahead.map(|(n, _)| *n).min().unwrap_or(seq) - 1;
        let detail = format!("before record {seq}");
        self.find(Fault::Missing { at: place, from, to }, detail);
        true
    }

    fn is_ahead(&self, seq: u64) -> bool {
        self.ahead.get(&seq).is_some_and(|left| *left > 0)
    }

    fn is_chained(&mut self, place: Place, sound: &Sound) -> bool {
        let before = match sound.seq {
            1 => self.keys.get(&sound.key_id).map(|key| hash::genesis(key.bytes())),
            seq => self.hashes.get(&(seq - 1)).copied(),
        };
        if before.is_none_or(|hash| hash == sound.prev) {
            return true;
        }
        let detail = "it does not follow from the record before it";
        self.find(Fault::Edited(place), detail.into());
        false
    }

    /// May this record come after what came before?
    fn is_allowed(&mut self, place: Place, sound: &Sound) -> bool {
        if self.walk.closed {
            let detail = format!("`{}` was added after the journal was closed", sound.kind);
            self.find(Fault::AfterClose(place), detail);
            return false;
        }
        if sound.kind == "recovered" && self.active.as_ref() != Some(&sound.key_id) {
            self.active = Some(sound.key_id.clone());
            self.recovered.get_or_insert(place);
        }
        if self.active.as_ref().is_some_and(|active| *active != sound.key_id) {
            let detail = format!("key {} signs after it was replaced", sound.key_id);
            self.find(Fault::WrongSigner(place), detail);
            return false;
        }
        if self
            .walk
            .session
            .as_ref()
            .is_some_and(|session| *session != sound.session)
        {
            let detail = format!("it says that it is of session {}", sound.session);
            self.find(Fault::Edited(place), detail);
            return false;
        }
        true
    }

    fn take(&mut self, line: &Line, sound: &Sound) {
        let walk = &mut self.walk;
        walk.records += 1;
        walk.head = Some(sound.hash);
        walk.since_checkpoint += 1;
        match sound.kind.as_str() {
            "checkpoint" | "close" => {
                walk.since_checkpoint = 0;
                walk.closed = sound.kind == "close";
                walk.screens.extend(sound.screen.clone());
            }
            "intent" => {
                self.open_intents.insert(sound.seq);
            }
            "outcome" => {
                sound.intent.map(|intent| self.open_intents.remove(&intent));
            }
            _ => {}
        }
        if walk.findings.is_empty() {
            walk.good_bytes = line.end();
        }
    }

    fn finish(mut self, expected: &Expectation) -> Walk {
        let end = self.lines.last().map_or(Place::START, |line| Place {
            line: line.number,
            seq: Some(self.next - 1),
            offset: line.end(),
        });
        if self.lines.is_empty() {
            self.find(Fault::Truncated { at: end, anchored: 1 }, "the file is empty".into());
        }
        self.compare_anchor(end, expected);
        if !self.walk.closed && !self.lines.is_empty() {
            let tail = self.walk.since_checkpoint;
            let detail = "nothing here shows whether there were more records".into();
            self.find(Fault::Unclosed { at: end, tail }, detail);
        }
        if let Some(place) = self.recovered {
            let detail = "found dead at a later start and closed with a new key".into();
            self.find(Fault::Recovered(place), detail);
        }
        self.walk.unknown = self.open_intents.into_iter().collect();
        self.walk
    }

    fn compare_anchor(&mut self, end: Place, expected: &Expectation) {
        let Some((seq, hash)) = expected.anchor else {
            return;
        };
        match self.hashes.get(&seq) {
            Some(found) if *found != hash => {
                let detail = format!("record {seq} is not the one that was seen elsewhere");
                self.find(Fault::Edited(Place { seq: Some(seq), ..end }), detail);
            }
            None if self.next <= seq => {
                let detail = format!("record {seq} was seen elsewhere");
                self.find(Fault::Truncated { at: end, anchored: seq }, detail);
            }
            _ => {}
        }
    }

    fn find(&mut self, fault: Fault, detail: String) {
        if self.walk.findings.len() < MAX_FINDINGS {
            self.walk.findings.push(Finding { fault, detail });
        }
    }
}
