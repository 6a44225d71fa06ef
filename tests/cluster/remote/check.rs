//! What arrived, against what was written: all of it, each byte, in order, twice only as itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Of the journals: session → number → line.
pub type Written = BTreeMap<String, BTreeMap<u64, String>>;

pub fn written(state: &Path) -> Written {
    let mut all = Written::new();
    for folder in std::fs::read_dir(state.join("sessions")).unwrap() {
        let text = std::fs::read_to_string(folder.unwrap().path().join("journal.jsonl")).unwrap();
        for line in text.split_inclusive('\n') {
            // A session that was killed may end in a torn line.
            let Some(line) = line.strip_suffix('\n') else { continue };
            let record: Value = serde_json::from_str(line).expect("a whole line is a record");
            let session = record["session"].as_str().unwrap().to_owned();
            all.entry(session)
                .or_default()
                .insert(record["seq"].as_u64().unwrap(), line.to_owned());
        }
    }
    all
}

#[derive(Debug, Default)]
pub struct Found {
    pub records: usize,
    pub lost: usize,
    /// The same record once more.
    pub duplicates: usize,
    /// Lines that the receiver began and was killed in.
    pub torn: usize,
}

/// Panics with what is wrong; counts what is not.
pub fn check(written: &Written, received: &str) -> Found {
    let mut found = Found::default();
    let mut seen: BTreeMap<&str, BTreeMap<u64, usize>> = BTreeMap::new();
    let mut parts: BTreeMap<(String, u64), BTreeMap<usize, String>> = BTreeMap::new();
    for line in received.lines() {
        let Some((session, seq, text)) = whole(line, &mut parts) else {
            found.torn += usize::from(!is_part(line));
            continue;
        };
        let Some((session, records)) = written.get_key_value(&session) else {
            found.torn += 1;
            continue;
        };
        if records.get(&seq) != Some(&text) {
            // Cut off in the middle, it is no record: it must come again.
            let is_start = records[&seq].starts_with(text.trim_end());
            assert!(is_start, "record {seq} of {session} was changed: {text:.300}");
            found.torn += 1;
            continue;
        }
        let of_session = seen.entry(session).or_default();
        let next = of_session.keys().next_back().map_or(1, |last| last + 1);
        let times = of_session.entry(seq).or_default();
        *times += 1;
        if *times > 1 {
            found.duplicates += 1;
        } else {
            assert_eq!(seq, next, "session {session} is out of order at {line:.150}");
        }
    }
    for (session, records) in written {
        found.records += records.len();
        let has = seen.get(session.as_str()).map_or(0, BTreeMap::len);
        found.lost += records.len() - has;
    }
    found
}

fn is_part(line: &str) -> bool {
    line.contains("\" part=\"")
}

/// A received line as a record: by itself from a webhook, behind structured data from syslog, and
/// put together if it came in parts.
fn whole(line: &str, parts: &mut BTreeMap<(String, u64), BTreeMap<usize, String>>) -> Option<(String, u64, String)> {
    // What stands before the last beginning was torn when the receiver was killed.
    let Some(start) = line.rfind("[kglass@32473 session=\"") else {
        let start = line.rfind("{\"clockSkewMs").or_else(|| line.find('{'))?;
        let record: Value = serde_json::from_str(&line[start..]).ok()?;
        let session = record["session"].as_str()?.to_owned();
        return Some((session, record["seq"].as_u64()?, line[start..].to_owned()));
    };
    let (head, text) = line[start..].split_once("] ")?;
    let value = |name: &str| Some(head.split_once(&format!(" {name}=\""))?.1.split('"').next()?.to_owned());
    let (session, seq) = (value("session")?, value("seq")?.parse().ok()?);
    let Some(of) = value("parts") else {
        return Some((session, seq, text.to_owned()));
    };
    let (number, of): (usize, usize) = (value("part")?.parse().ok()?, of.parse().ok()?);
    let held = parts.entry((session.clone(), seq)).or_default();
    held.insert(number, text.to_owned());
    if number != of || held.len() != of {
        return None;
    }
    let text = held.values().map(String::as_str).collect();
    Some((session, seq, text))
}
