//! The screen recording from outside: what is drawn comes back cell by cell at any time, what must
//! not be recorded does not, and no file makes the player stumble.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use kglass::audit::{self, Event, ScreenHead, StreamClosed, StreamOpened};
use kglass::model::{Colour, Grid, Moment, Rect, Style};
use kglass::recording::{EventKind, Recorder, Recording, RecordingError, Screen};
use proptest::prelude::*;

use super::journal::{act, begin, end};

fn at(ms: u64) -> Moment {
    Moment {
        boot_ms: 1_000_000 + ms,
        wall_ms: 1_764_000_000_000 + ms as i64,
    }
}

fn text_grid(width: u16, rows: &[&str]) -> Grid {
    let mut grid = Grid::blank(width, rows.len() as u16);
    for (y, row) in rows.iter().enumerate() {
        for (x, c) in row.chars().enumerate() {
            grid.cells[y * usize::from(width) + x].symbol = c.to_string();
        }
    }
    grid
}

fn text_of(grid: &Grid) -> String {
    grid.cells.iter().map(|cell| cell.symbol.as_str()).collect()
}

fn record(folder: &Path, frames: &[(u64, Grid)]) -> Screen {
    let recorder = Recorder::start(folder, "abc", &frames[0].1, at(frames[0].0), ScreenHead::default()).expect("begun");
    for (ms, grid) in frames {
        while recorder.frame(at(*ms), grid, &[]) == Err(RecordingError::Behind) {
            std::thread::yield_now();
        }
    }
    recorder.finish().expect("written");
    Screen::read(fs::File::open(folder.join(audit::SCREEN_FILE)).expect("there"))
}

fn style() -> impl Strategy<Value = Style> {
    let colour = prop_oneof![
        Just(Colour::Default),
        any::<u8>().prop_map(Colour::Indexed),
        any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Colour::Rgb(r, g, b)),
    ];
    (colour.clone(), colour, any::<[bool; 5]>()).prop_map(|(foreground, background, flags)| Style {
        foreground,
        background,
        // A terminal knows one intensity at a time.
        bold: flags[0] && !flags[1],
        dim: flags[1] && !flags[0],
        italic: flags[2],
        underline: flags[3],
        reversed: flags[4],
    })
}

/// Any grid that a screen can show: narrow and wide glyphs, combining marks, styles.
fn grid() -> impl Strategy<Value = Grid> {
    let glyph = prop_oneof![
        6 => "[ -~]",
        1 => Just("ä".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("▌".to_owned()),
        1 => Just("漢".to_owned()),
        1 => Just("🚀".to_owned()),
    ];
    (1..9_u16, 1..5_u16).prop_flat_map(move |(width, height)| {
        let count = usize::from(width) * usize::from(height);
        prop::collection::vec((glyph.clone(), style()), count).prop_map(move |cells| {
            let mut grid = Grid::blank(width, height);
            let mut i = 0;
            while i < count {
                let (symbol, style) = cells[i].clone();
                let wide = symbol == "漢" || symbol == "🚀";
                let fits = (i + 1) % usize::from(width) != 0;
                grid.cells[i].style = style;
                if wide && fits {
                    grid.cells[i + 1].style = style;
                    grid.cells[i + 1].symbol = String::new();
                    grid.cells[i].symbol = symbol;
                    i += 2;
                } else {
                    grid.cells[i].symbol = if wide { "x".into() } else { symbol };
                    i += 1;
                }
            }
            grid
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_drawn_comes_back_cell_by_cell_in_any_order_of_seeking(
        frames in prop::collection::vec(grid(), 1..8),
        seeks in prop::collection::vec(0..900_u64, 0..12),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let frames: Vec<(u64, Grid)> = frames.into_iter().enumerate().map(|(i, grid)| (i as u64 * 100, grid)).collect();
        let screen = record(folder.path(), &frames);
        prop_assert!(screen.damage().is_none());
        for ms in (0..frames.len() as u64 * 100).step_by(50).chain(seeks) {
            let shown = &frames.iter().rfind(|(from, _)| *from <= ms).expect("a frame").1;
            prop_assert_eq!(&*screen.grid_at(ms), shown, "at {} ms", ms);
            prop_assert_eq!(screen.size_at(ms), (shown.width, shown.height));
        }
    }

    #[test]
    fn no_bytes_make_the_player_panic(junk in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,80}", ms in any::<u64>()) {
        let header = b"{\"version\":3,\"term\":{\"cols\":20,\"rows\":5}}\n";
        let event = format!("[0.1, \"o\", {}]\n", serde_json::Value::from(text));
        // Escape sequences are likelier than in mere noise.
        let escaped: String = junk.iter().map(|b| if b % 5 == 0 { '\u{1b}' } else if b % 5 == 1 { '[' } else { char::from(b & 127) }).collect();
        let escaped = format!("[0.1, \"o\", {}]\n", serde_json::Value::from(escaped));
        let file = [&header[..], event.as_bytes(), escaped.as_bytes(), &junk].concat();
        for bytes in [&file[..], &junk] {
            let screen = Screen::read(bytes);
            let grid = screen.grid_at(ms);
            prop_assert_eq!((grid.width, grid.height), screen.size_at(ms));
            screen.grid_at(0);
        }
    }
}

#[test]
fn a_long_recording_seeks_by_key_frames_to_what_playing_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let frames: Vec<(u64, Grid)> = (0..400_u64)
        .map(|i| {
            let row = format!("{i:>6} ").repeat(12);
            (i * 16, text_grid(100, &[row.as_str(); 20]))
        })
        .collect();
    let screen = record(folder.path(), &frames);
    let size = fs::metadata(folder.path().join(audit::SCREEN_FILE))
        .expect("there")
        .len();
    assert!(size > 300_000, "long enough to have key frames: {size}");
    for i in [399, 0, 200, 201, 199, 398, 5] {
        assert_eq!(*screen.grid_at(i * 16), frames[i as usize].1, "frame {i}");
    }
    assert!(
        Arc::ptr_eq(&screen.grid_at(80), &screen.grid_at(81)),
        "the same frame is not drawn twice"
    );
    assert!(!format!("{screen:?}").contains("keyframes: 1,"), "{screen:?}");
}

#[test]
fn a_hidden_rectangle_is_not_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = text_grid(21, &["password: hunter2-xyz"]);
    let hidden = [Rect {
        x: 10,
        y: 0,
        width: 11,
        height: 1,
    }];
    let blank = Grid::blank(21, 1);
    let recorder = Recorder::start(folder.path(), "abc", &blank, at(0), ScreenHead::default()).expect("begun");
    recorder.frame(at(10), &secret, &hidden).expect("taken");
    recorder.finish().expect("written");
    let file = fs::read_to_string(folder.path().join(audit::SCREEN_FILE)).expect("text");
    assert!(file.contains("password:") && !file.contains("hunter2"), "{file}");
    let cells: Vec<char> = file.chars().filter(|c| *c == '▒').collect();
    assert_eq!(cells.len(), 11);
}

#[test]
fn the_file_is_the_operators_alone_and_an_existing_one_is_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(audit::SCREEN_FILE);
    let grid = Grid::blank(4, 2);
    let recorder = Recorder::start(folder.path(), "abc", &grid, at(0), ScreenHead::default()).expect("begun");
    recorder.finish().expect("written");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).expect("there");
    let error = Recorder::start(folder.path(), "abc", &grid, at(0), ScreenHead::default()).expect_err("taken");
    assert!(error.to_string().contains(audit::SCREEN_FILE), "{error}");
    assert_eq!(fs::read(&path).expect("there"), before);
}

#[test]
fn the_journal_vouches_for_the_whole_recording_and_nothing_comes_after() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let head = ScreenHead::default();
    journal.attach_screen(head.clone());
    let recorder =
        Recorder::start(journal.folder(), journal.session(), &Grid::blank(10, 2), at(0), head).expect("begun");
    act(&journal, 1);
    for ms in 1..50 {
        // Still waiting in the recorder when the journal closes.
        recorder
            .frame(at(ms), &text_grid(10, &[&ms.to_string(), ""]), &[])
            .expect("taken");
    }
    recorder.marker(at(50), "id", "scale").expect("taken");
    end(&journal);
    assert!(audit::verify(journal.folder()).expect("looked at").is_intact());
    // Whatever the operator looks at afterwards is not this session's.
    let after = text_grid(10, &["after", ""]);
    while recorder.frame(at(60), &after, &[]).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(recorder.frame(at(61), &after, &[]), Err(RecordingError::Over));
    recorder.finish().expect("over is no failure");
    assert!(audit::verify(journal.folder()).expect("looked at").is_intact());
    let recording = Recording::open(journal.folder()).expect("opened");
    assert!(
        recording.summary.intact && recording.summary.damage.is_none(),
        "{:?}",
        recording.summary
    );
    assert!(text_of(&recording.grid_at(49)).starts_with("49 "));
    assert_eq!(recording.screen.markers()[0].label, "id scale");
}

#[test]
fn a_recording_has_screen_and_events_on_one_time_line() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let head = ScreenHead::default();
    journal.attach_screen(head.clone());
    let begun = audit::show(journal.folder()).expect("looked at").entries[0].wall_ms;
    let start = Moment {
        boot_ms: 5,
        wall_ms: begun - 1000,
    };
    let recorder = Recorder::start(journal.folder(), "x", &Grid::blank(10, 2), start, head).expect("begun");
    act(&journal, 1);
    end(&journal);
    drop(recorder);
    let recording = Recording::open(journal.folder()).expect("opened");
    assert_eq!(recording.summary.verdict, "intact");
    assert_eq!(
        (recording.summary.context.as_str(), recording.summary.writes),
        ("prod-eu", 1)
    );
    let kinds: Vec<EventKind> = recording.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::Mark,
            EventKind::Mark,
            EventKind::Write,
            EventKind::Mark,
            EventKind::Mark
        ]
    );
    assert_eq!(recording.events[0].at_ms, 1000);
    let write = &recording.events[2];
    assert_eq!(
        (write.status, write.ok, write.label.as_str()),
        (Some(200), true, "scale deployments.apps/web 1 → 0")
    );
    let shown = audit::show(journal.folder()).expect("looked at");
    assert_eq!(
        write.audit_id.as_deref(),
        Some(shown.first("outcome").expect("outcome").text("auditId"))
    );
    assert!(recording.duration_ms() >= 1000);
}

#[test]
fn events_are_told_in_words_and_the_end_by_the_journal() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    act(&journal, 1);
    let opened = Event::StreamOpened(StreamOpened {
        words: "port-forward to web-0:80".into(),
        local: Some("127.0.0.1:8080".into()),
        ..StreamOpened::default()
    });
    let closed = Event::StreamClosed(StreamClosed {
        words: "port-forward to web-0:80".into(),
        connections: 1,
        ..StreamClosed::default()
    });
    let shell = Event::StreamOpened(StreamOpened {
        words: "shell in web-0:web".into(),
        ..StreamOpened::default()
    });
    for event in [opened, closed, shell] {
        journal.append(event).wait().expect("durable");
    }
    end(&journal);
    let recording = Recording::open(journal.folder()).expect("opened");
    let labels: Vec<&str> = recording.events.iter().map(|event| event.label.as_str()).collect();
    assert_eq!(
        labels[1..],
        [
            "granted",
            "scale deployments.apps/web 1 → 0",
            "port-forward opened: web-0:80, listening on 127.0.0.1:8080",
            "port-forward closed: web-0:80, 1 connection",
            "shell opened: web-0:web",
            "ended (expired), the server refuses the credential",
            "journal closed: 10 records before it",
        ]
    );
    let fact = |name: &str| {
        let facts = &recording.events[2].facts;
        facts
            .iter()
            .find(|(fact, _)| fact == name)
            .map(|(_, text)| text.as_str())
    };
    assert_eq!((fact("answered"), fact("after")), (Some("200 1 → 0"), Some("12 ms")));
    assert_eq!(fact("dry run"), Some("no"), "by the name that the record has for it");
    let end = recording.summary.end.expect("an end");
    assert_eq!((end.why.as_str(), end.revocation.as_str()), ("expired", "confirmed"));
}

#[test]
fn a_session_whose_recorder_never_came_or_came_too_late_is_intact() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    let head = ScreenHead::default();
    journal.attach_screen(head.clone());
    end(&journal);
    assert!(audit::verify(journal.folder()).expect("looked at").is_intact());
    let late = Recorder::start(journal.folder(), "abc", &Grid::blank(4, 2), at(0), head);
    assert!(matches!(late, Err(RecordingError::Over)), "{late:?}");
    assert!(audit::verify(journal.folder()).expect("looked at").is_intact());
}

#[test]
fn of_the_first_grid_only_the_size_is_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = text_grid(7, &["hunter2"]);
    let recorder = Recorder::start(folder.path(), "abc", &secret, at(0), ScreenHead::default()).expect("begun");
    recorder.finish().expect("written");
    let file = fs::read_to_string(folder.path().join(audit::SCREEN_FILE)).expect("text");
    assert!(!file.contains("hunter2"), "{file}");
}

#[test]
fn a_damaged_recording_opens_up_to_the_damage_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let frames = [
        (0, text_grid(8, &["zero"])),
        (100, text_grid(8, &["one"])),
        (200, text_grid(8, &["two"])),
    ];
    record(folder.path(), &frames);
    let path = folder.path().join(audit::SCREEN_FILE);
    let bytes = fs::read(&path).expect("there");
    let screen = Screen::read(&bytes[..bytes.len() - 5]);
    let damage = screen.damage().expect("damage").to_string();
    assert!(damage.contains("line 6") && damage.contains("cut off"), "{damage}");
    assert_eq!(*screen.grid_at(10_000), frames[1].1);
    assert_eq!(screen.duration_ms(), 100);
}

#[test]
fn a_session_without_a_screen_still_shows_its_events() {
    let state = tempfile::tempdir().expect("a folder");
    let journal = begin(state.path());
    end(&journal);
    let recording = Recording::open(journal.folder()).expect("opened");
    assert_eq!((recording.size_at(0), recording.grid_at(9).cells.len()), ((0, 0), 0));
    assert_eq!(recording.summary.verdict, "intact");
    fs::write(journal.folder().join(audit::SCREEN_FILE), b"not a cast\n").expect("written");
    let recording = Recording::open(journal.folder()).expect("opened");
    assert!(!recording.summary.intact && recording.summary.damage.is_some_and(|d| d.contains("line 1")));
}

#[test]
fn a_recording_made_to_be_slow_is_cut_off() {
    let header = "{\"version\":3,\"term\":{\"cols\":500,\"rows\":400}}\n";
    let event = format!("[0.001, \"o\", \"{}\"]\n", "\\u001b[2J\\u001b[65535b".repeat(2000));
    let start = std::time::Instant::now();
    let screen = Screen::read(format!("{header}{}", event.repeat(400)).as_bytes());
    assert!(screen.damage().expect("damage").to_string().contains("too long"));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
