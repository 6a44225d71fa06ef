//! Every byte flipped, every record dropped, swapped, duplicated, cut: the right verdict with the
//! right place, each time. Counts are printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use kglass::audit::Fault;
use tempfile::TempDir;

use super::{lines, session, verdict, verify};

/// A copy of the session's folder under its own name, for one thread.
fn copy(folder: &Path) -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a folder");
    let to = place.path().join(folder.file_name().expect("a name"));
    fs::create_dir(&to).expect("made");
    for entry in fs::read_dir(folder).expect("listed") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
    (place, to)
}

/// Runs `check` for 0..count on two threads, each with its own copy of the folder.
fn on_two(folder: &Path, count: usize, check: impl Fn(&Path, usize) + Sync) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            let check = &check;
            scope.spawn(move || {
                let (_place, folder) = copy(folder);
                (half..count).step_by(2).for_each(|i| check(&folder, i));
            });
        }
    });
}

fn tell(what: &str, count: usize, since: Instant) {
    eprintln!(
        "{what}: {count} journals verified in {:.1} s",
        since.elapsed().as_secs_f32()
    );
}

/// Everything with `KGLASS_TESTS=full` (a quarter of an hour of processor time, unoptimised), else
/// a seeded sample: one of `step`.
fn sampled<T>(all: Vec<T>, step: usize, seed: usize) -> Vec<T> {
    let full = std::env::var("KGLASS_TESTS").is_ok_and(|tests| tests == "full");
    let chosen = all
        .into_iter()
        .enumerate()
        .filter(|(i, _)| full || i % step == seed % step);
    chosen.map(|(_, item)| item).collect()
}

fn seed() -> usize {
    let given = std::env::var("KGLASS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("after 1970").subsec_nanos() as usize
    });
    eprintln!("KGLASS_SEED={seed}");
    seed
}

#[test]
fn every_flipped_byte_is_found_in_its_record() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    let bytes = all.concat();
    let line_of: Vec<u64> = (1..).zip(&all).flat_map(|(n, line)| vec![n; line.len()]).collect();
    let last = all.len() as u64;
    assert!(last >= 50);
    let seed = seed();
    // One record whole, whichever, and some bytes of all.
    let whole = seed as u64 % last + 1;
    let (of_one, of_others): (Vec<usize>, Vec<usize>) = (0..bytes.len()).partition(|i| line_of[*i] == whole);
    let chosen = [of_one, sampled(of_others, 40, seed)].concat();
    on_two(&folder, chosen.len(), |folder, i| {
        let i = chosen[i];
        let mut flipped = bytes.clone();
        // Another bit for each byte, and others with another seed.
        flipped[i] ^= 1 << ((i + seed) % 8);
        let report = verify(folder, &flipped);
        let (fault, line) = verdict(&report);
        // Nothing follows the last record, so a changed signature there cannot be told from a
        // record made by another key.
        let right = fault == "edited" || (fault == "wrong-signer" && line_of[i] == last);
        assert!(
            right && line == line_of[i],
            "byte {i}, line {}: {}",
            line_of[i],
            report.text()
        );
        assert_eq!(report.exit_code(), 1);
    });
    let what = format!(
        "{last} records, {} of {} bytes flipped, one at a time",
        chosen.len(),
        bytes.len()
    );
    tell(&what, chosen.len(), start);
}

#[test]
fn every_dropped_record_is_missed() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    for k in 0..all.len() {
        let mut rest = all.clone();
        rest.remove(k);
        let report = verify(&folder, &rest.concat());
        let n = k as u64 + 1;
        if k + 1 == all.len() {
            assert_eq!(verdict(&report), ("unclosed", n - 1), "{}", report.text());
            continue;
        }
        assert!(
            matches!(report.fault(), Some(Fault::Missing { at, from, to }) if (at.line, from, to) == (n, n, n)),
            "record {n}: {}",
            report.text()
        );
    }
    tell("each record dropped", all.len(), start);
}

#[test]
fn every_dropped_run_of_records_is_missed_as_a_run() {
    let (_state, folder) = session();
    let all = lines(&folder);
    for (from, to) in [(1, 1), (1, 20), (5, 5), (10, 13), (2, all.len() - 1)] {
        let mut rest = all.clone();
        rest.drain(from - 1..to);
        let report = verify(&folder, &rest.concat());
        assert!(
            matches!(report.fault(), Some(Fault::Missing { from: a, to: b, .. }) if (a as usize, b as usize) == (from, to)),
            "{from}..{to}: {}",
            report.text()
        );
    }
}

#[test]
fn every_swap_is_found_where_it_begins() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    let pairs: Vec<(usize, usize)> = (0..all.len())
        .flat_map(|a| (a + 1..all.len()).map(move |b| (a, b)))
        .collect();
    let (beside, apart): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(a, b)| a + 1 == *b);
    let pairs = [beside, sampled(apart, 6, seed())].concat();
    on_two(&folder, pairs.len(), |folder, i| {
        let (a, b) = pairs[i];
        let mut swapped = all.clone();
        swapped.swap(a, b);
        let report = verify(folder, &swapped.concat());
        assert_eq!(
            verdict(&report),
            ("reordered", a as u64 + 1),
            "{a} and {b}: {}",
            report.text()
        );
    });
    tell("two records swapped, all neighbours among them", pairs.len(), start);
}

#[test]
fn every_duplicate_is_found_where_it_stands() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    let count = all.len();
    on_two(&folder, count * 2, |folder, i| {
        let (k, at) = if i < count { (i, i + 1) } else { (i - count, count) };
        let mut more = all.clone();
        more.insert(at, all[k].clone());
        let report = verify(folder, &more.concat());
        assert_eq!(
            verdict(&report),
            ("duplicated", at as u64 + 1),
            "{k}: {}",
            report.text()
        );
    });
    tell("each record duplicated, beside itself and at the end", count * 2, start);
}

#[test]
fn every_cut_between_records_leaves_an_unclosed_journal() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    for k in 0..all.len() {
        let report = verify(&folder, &all[..k].concat());
        let expected = if k == 0 { "truncated" } else { "unclosed" };
        assert_eq!(verdict(&report), (expected, k as u64), "{k}: {}", report.text());
        assert_eq!(report.exit_code(), 1);
    }
    let report = verify(&folder, &all.concat());
    assert_eq!(verdict(&report), ("intact", 0), "the uncut journal: {}", report.text());
    tell("cut at each record", all.len() + 1, start);
}

#[test]
fn every_cut_within_a_record_leaves_a_torn_tail() {
    let start = Instant::now();
    let (_state, folder) = session();
    let all = lines(&folder);
    let some = [0, all.len() / 2, all.len() - 1];
    let cuts: Vec<(usize, usize)> = some
        .iter()
        .flat_map(|k| (1..all[*k].len()).map(move |n| (*k, n)))
        .collect();
    let cuts = sampled(cuts, 4, seed());
    on_two(&folder, cuts.len(), |folder, i| {
        let (k, n) = cuts[i];
        let mut cut = all[..k].concat();
        let good = cut.len() as u64;
        cut.extend_from_slice(&all[k][..n]);
        let report = verify(folder, &cut);
        assert_eq!(
            verdict(&report),
            ("torn-tail", k as u64 + 1),
            "{k}, {n}: {}",
            report.text()
        );
        let place = report.fault().expect("torn").place();
        assert_eq!((place.offset, report.good_bytes), (good, good));
    });
    tell("cut within three records", cuts.len(), start);
}
