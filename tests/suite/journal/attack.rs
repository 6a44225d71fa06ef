//! What somebody with a text editor, a key of their own and the source of kglass may try on a
//! journal. Forgeries are made by a second, independent spelling of the format, which the last test
//! compares with the program's own.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use kglass::audit::{self, Fault, Report};
use serde_json::json;

use super::forge::{follow, forge, mine, name_of, parse, prev_of, public, resign};
use super::{lines, session, verdict, verify, write, write_lines};

fn judged(folder: &Path, lines: &[Vec<u8>]) -> Report {
    let report = verify(folder, &lines.concat());
    assert_eq!(report.exit_code(), u8::from(verdict(&report).0 != "intact"));
    report
}

#[track_caller]
fn expect(folder: &Path, lines: &[Vec<u8>], expected: (&str, u64)) {
    let report = judged(folder, lines);
    assert_eq!(verdict(&report), expected, "{}", report.text());
}

#[test]
fn a_record_from_another_session_has_the_wrong_signer() {
    let (_state, folder) = session();
    let (_other_state, other) = session();
    let (all, others) = (lines(&folder), lines(&other));
    for n in [2, 10, all.len() - 1, all.len()] {
        let mut mixed = all.clone();
        mixed[n - 1].clone_from(&others[n - 1]);
        expect(&folder, &mixed, ("wrong-signer", n as u64));
    }
    expect(&folder, &others, ("wrong-signer", 1));
    let mut added = all.clone();
    added.push(others[5].clone());
    expect(&folder, &added, ("wrong-signer", all.len() as u64 + 1));
}

#[test]
fn a_record_under_the_sessions_name_but_another_key_has_the_wrong_signer() {
    let (_state, folder) = session();
    let all = lines(&folder);
    for n in [2, 20, all.len()] {
        // From here on everything is hashed and signed anew; `keyId` still names the session's key.
        let mut forged = all[..n - 1].to_vec();
        for line in &all[n - 1..] {
            let mut record = parse(line);
            record["prev"] = parse(forged.last().expect("lines"))["hash"].clone();
            record["mode"] = "normal".into();
            record["ts"] = "2026-01-01T00:00:00.000Z".into();
            forged.push(forge(record, &mine()));
        }
        expect(&folder, &forged, ("wrong-signer", n as u64));
    }
}

#[test]
fn the_sessions_own_key_is_refused_once_a_recovery_has_replaced_it() {
    let (_state, folder) = session();
    let (old, new) = (mine(), SigningKey::from_bytes(&[43; 32]));
    let place = tempfile::tempdir().expect("a folder");
    let own = place.path().join(name_of(&old));
    fs::create_dir(&own).expect("made");
    let mut all = resign(&lines(&folder)[..9], &old, false);
    all.push(follow(&all[8], "recovered", json!({"recoveryKey": public(&new)}), &new));
    let by = |key: &SigningKey| {
        [
            all.clone(),
            vec![follow(&all[9], "close", json!({"screen": null}), key)],
        ]
        .concat()
    };
    expect(&own, &by(&new), ("recovered", 10));
    expect(&own, &by(&old), ("wrong-signer", 11));
}

#[test]
fn a_swapped_key_in_the_first_record_is_found_however_it_is_dressed() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let key = mine();
    let mut first = parse(&all[0]);
    first["sessionKey"] = public(&key).into();
    let with = |first: Vec<u8>| [vec![first], all[1..].to_vec()].concat();

    let mut plain = serde_json::to_vec(&first).expect("json");
    plain.push(b'\n');
    expect(&folder, &with(plain), ("edited", 1));

    first["keyId"] = name_of(&key).into();
    first["prev"] = prev_of(&key).into();
    expect(&folder, &with(forge(first.clone(), &key)), ("edited", 1));

    first["session"] = name_of(&key).into();
    expect(&folder, &with(forge(first, &key)), ("wrong-signer", 1));
}

#[test]
fn a_journal_signed_anew_does_not_fit_its_folder_nor_the_expected_session() {
    let (_state, folder) = session();
    let all = lines(&folder);
    expect(&folder, &resign(&all, &mine(), true), ("edited", 1));
    let anew = resign(&all, &mine(), false);
    expect(&folder, &anew, ("wrong-signer", 1));
    // However the folder is named, its true name counts.
    fs::create_dir(folder.join("sub")).expect("made");
    let report = audit::verify(&folder.join("sub/..")).expect("looked at");
    assert_eq!(verdict(&report), ("wrong-signer", 1));

    // Moved out of its folder it is a whole journal, of another session: whoever knows the session
    // from elsewhere sees it.
    let place = tempfile::tempdir().expect("a folder");
    write_lines(place.path(), &anew);
    let file = place.path().join(audit::JOURNAL_FILE);
    let report = audit::verify(&file).expect("looked at");
    assert_eq!(report.session, Some(name_of(&mine())));
    assert!(
        !report.key_compared && report.text().contains("compared with nothing"),
        "{}",
        report.text()
    );
    let expected = audit::Expectation {
        session: folder.file_name().map(|name| name.to_string_lossy().into_owned()),
        anchor: None,
    };
    let report = audit::verify_against(&file, &expected).expect("looked at");
    assert_eq!(verdict(&report), ("wrong-signer", 1));
}

#[test]
fn nothing_can_be_added_after_the_close() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let last = all.last().expect("lines");
    let next = all.len() as u64 + 1;
    let recovery = follow(last, "recovered", json!({"recoveryKey": public(&mine())}), &mine());
    let own_close = follow(&recovery, "close", json!({"screen": null}), &mine());
    let with = |more: &[&[u8]]| [all.clone(), more.iter().map(|line| line.to_vec()).collect()].concat();
    expect(&folder, &with(&[last]), ("duplicated", next));
    expect(&folder, &with(&[&recovery]), ("after-close", next));
    expect(&folder, &with(&[&recovery, &own_close]), ("after-close", next));
    expect(
        &folder,
        &with(&[&follow(last, "intent", json!({}), &mine())]),
        ("wrong-signer", next),
    );
    for junk in [&b"\n"[..], b"{}\n", b"{", b"\0\0\0", b" ", b"garbage"] {
        expect(&folder, &with(&[junk]), ("after-close", next));
    }
}

#[test]
fn a_made_up_recovery_makes_no_cut_journal_intact() {
    let (_state, folder) = session();
    let all = lines(&folder);
    for cut in [1, 20, all.len() - 1] {
        let recovery = follow(
            &all[cut - 1],
            "recovered",
            json!({"recoveryKey": public(&mine())}),
            &mine(),
        );
        let close = follow(&recovery, "close", json!({"screen": null}), &mine());
        let forged = [all[..cut].to_vec(), vec![recovery.clone(), close]].concat();
        let report = judged(&folder, &forged);
        assert_eq!(verdict(&report), ("recovered", cut as u64 + 1), "{}", report.text());

        // In the middle it takes a number that the true record has.
        let inserted = [all[..cut].to_vec(), vec![recovery], all[cut..].to_vec()].concat();
        expect(&folder, &inserted, ("edited", cut as u64 + 2));
    }
    // Nor does it follow from just any record.
    let mut loose = parse(&all[4]);
    loose["seq"] = 11.into();
    loose["kind"] = "recovered".into();
    loose["data"] = json!({"recoveryKey": public(&mine())});
    loose["keyId"] = name_of(&mine()).into();
    let loose = forge(loose, &mine());
    expect(&folder, &[all[..10].to_vec(), vec![loose]].concat(), ("edited", 11));
    // A recovery that announces another key than its own is signed by nobody.
    let lying = follow(
        &all[4],
        "recovered",
        json!({"recoveryKey": public(&SigningKey::from_bytes(&[1; 32]))}),
        &mine(),
    );
    expect(&folder, &[all[..5].to_vec(), vec![lying]].concat(), ("wrong-signer", 6));
}

#[test]
fn another_spelling_of_the_same_json_is_an_edit() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let text = String::from_utf8(all[6].clone()).expect("text");
    let spellings = [
        text.replace('\n', "\r\n"),
        text.replace(",\"", ", \""),
        text.replace('\n', " \n"),
        format!(" {text}"),
        format!("\u{feff}{text}"),
        text.replace("{\"cluster\"", "{\"kind\":\"intent\",\"cluster\""),
        text.replace("\"seq\":7", "\"seq\":7.0"),
        text.replace("\"seq\":7", "\"seq\":7e0"),
        text.replace("\"seq\":7", "\"seq\":07"),
        text.replacen("prod", "\\u0070rod", 1),
        text.replacen("https://", "https:\\/\\/", 1),
        text.replacen("\"hash\":", "\"HASH\":", 1),
        text.replace('\n', "\0\n"),
    ];
    for spelling in spellings {
        assert_ne!(spelling, text);
        let mut changed = all.clone();
        changed[6] = spelling.clone().into_bytes();
        let report = judged(&folder, &changed);
        assert_eq!(verdict(&report), ("edited", 7), "{spelling}{}", report.text());
    }
    let crlf: Vec<Vec<u8>> = all
        .iter()
        .map(|line| [&line[..line.len() - 1], b"\r\n"].concat())
        .collect();
    expect(&folder, &crlf, ("edited", 1));
}

#[test]
fn made_up_lines_are_told_and_never_hang_or_eat_the_memory() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let start = Instant::now();
    let with = |junk: &[u8]| {
        let mut changed = all.clone();
        changed.insert(5, junk.to_vec());
        changed
    };
    let deep = [vec![b'['; 100_000], vec![b'\n']].concat();
    let huge = [vec![b'x'; 50_000_000], vec![b'\n']].concat();
    let zeros = [vec![0; 5000], vec![b'\n']].concat();
    for junk in [
        &deep[..],
        &huge,
        &zeros,
        b"\n",
        b"null\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"{\"seq\":1}\n",
    ] {
        expect(&folder, &with(junk), ("edited", 6));
    }
    let mut far = parse(&all[9]);
    far["seq"] = 9_007_199_254_740_991_u64.into();
    // Without the first record no signature can be checked, so that anybody can claim a number.
    let report = judged(&folder, &[forge(far.clone(), &mine())]);
    assert_eq!(verdict(&report), ("missing", 1), "{}", report.text());
    far["seq"] = 0.into();
    far["kind"] = "close".into();
    expect(&folder, &[forge(far, &mine())], ("edited", 1));
    expect(&folder, &[vec![b'\n'; 1_100_000]], ("edited", 1));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn zeros_after_a_torn_record_are_what_a_power_cut_leaves() {
    let (_state, folder) = session();
    let all = lines(&folder);
    for tail in [&all[9][..100], b""] {
        let torn = [all[..9].concat(), tail.to_vec(), vec![0; 512]].concat();
        let report = verify(&folder, &torn);
        assert_eq!(verdict(&report), ("torn-tail", 10), "{}", report.text());
    }
}

#[test]
fn what_is_no_journal_file_is_refused_at_once() {
    use std::os::unix::fs::symlink;
    let (_state, folder) = session();
    let place = tempfile::tempdir().expect("a folder");
    let path = |name: &str| place.path().join(name);
    symlink(folder.join(audit::JOURNAL_FILE), path("link")).expect("linked");
    fs::create_dir_all(path("folder").join(audit::JOURNAL_FILE)).expect("made");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path("pipe"),
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .expect("a pipe");
    for name in ["link", "folder", "pipe", "nothing"] {
        let error = audit::verify(&path(name)).expect_err(name).to_string();
        assert!(error.contains(name) && error.contains("journal.jsonl"), "{error}");
    }
    assert!(audit::verify(Path::new("/dev/null")).is_err());
    write(place.path(), b"");
    assert_eq!(
        verdict(&audit::verify(place.path()).expect("looked at")),
        ("truncated", 0)
    );
}

#[test]
fn a_recording_that_is_not_the_sessions_is_told() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let cast = folder.join(audit::SCREEN_FILE);
    let good = fs::read(&cast).expect("a recording");
    let changed = [b"#", &good[1..]].concat();
    let longer = [&good[..], b"# more\n"].concat();
    for bytes in [&changed[..], &longer, &good[..10], b""] {
        fs::write(&cast, bytes).expect("written");
        let report = judged(&folder, &all);
        assert_eq!(verdict(&report), ("screen", 0), "{}", report.text());
        assert!(report.verdict().starts_with("screen recording"), "{}", report.verdict());
    }
    fs::remove_file(&cast).expect("removed");
    assert_eq!(verdict(&judged(&folder, &all)), ("screen", 0));
    fs::create_dir(&cast).expect("made");
    assert_eq!(verdict(&judged(&folder, &all)), ("screen", 0));
    fs::remove_dir(&cast).expect("removed");
    fs::write(&cast, &good).expect("written");
    expect(&folder, &all, ("intact", 0));
}

#[test]
fn a_last_line_of_the_recording_that_a_full_disk_tore_is_called_torn_and_nothing_else_is() {
    let (_state, folder) = session();
    let all = lines(&folder);
    let cast = folder.join(audit::SCREEN_FILE);
    let good = fs::read(&cast).expect("a recording");
    for (beyond, word) in [
        (&b"[0.016, \"o\", \"\\u001b[3;1H"[..], "torn"),
        (b"[0.016, \"o\", \"x\"]\n", "changed"),
        (b"anything", "changed"),
    ] {
        fs::write(&cast, [&good[..], beyond].concat()).expect("written");
        let report = judged(&folder, &all);
        assert_eq!(verdict(&report), ("screen", 0), "it is not intact: {}", report.text());
        let words = format!("screen recording {word}");
        assert!(report.verdict().starts_with(&words), "{}", report.verdict());
    }
}

#[test]
fn hostile_words_in_a_journal_do_not_reach_the_terminal() {
    let (_state, folder) = session();
    let mut evil = parse(&lines(&folder)[0]);
    evil["kind"] = "\u{1b}[2J".into();
    evil["ts"] = "\u{1b}]0;owned\u{7}".into();
    evil["session"] = "\u{9b}2J".into();
    write(&folder, &forge(evil, &mine()));
    let shown = audit::show(&folder).expect("looked at");
    let text = shown.text();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn the_second_spelling_of_the_format_agrees_with_the_first() {
    let (_state, folder) = session();
    for line in lines(&folder) {
        let record = parse(&line);
        // Another key signs, so all but the signature must come out the same.
        let mut again = parse(&forge(record.clone(), &mine()));
        again["sig"] = record["sig"].clone();
        assert_eq!(again, record);
    }
    let whole = resign(&lines(&folder), &mine(), false);
    let place = tempfile::tempdir().expect("a folder");
    let own = place.path().join(name_of(&mine()));
    fs::create_dir(&own).expect("made");
    fs::copy(folder.join(audit::SCREEN_FILE), own.join(audit::SCREEN_FILE)).expect("copied");
    let report = judged(&own, &whole);
    assert!(
        report.is_intact() && !matches!(report.fault(), Some(Fault::Edited(_))),
        "{}",
        report.text()
    );
}
