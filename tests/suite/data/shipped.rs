//! What is shipped is valid, and what it names exists.

use std::fs;
use std::path::Path;

use kglass::config::{Key, KeyCode, Keymap, SETTINGS, Settings};
use kglass::registry::{Action, Mode, actions, known_kinds};

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path());
    paths
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a file")))
        .collect()
}

fn bindings(keymap: &Keymap, mode: Mode) -> impl Iterator<Item = (Key, &'static Action)> {
    actions().flat_map(move |action| {
        keymap
            .keys_of(&[mode], action.id)
            .into_iter()
            .map(move |key| (key, action))
    })
}

#[test]
fn every_shipped_keymap_is_valid_and_locks_nobody_out() {
    for (name, text) in files("keymaps") {
        let (keymap, problems) = Keymap::parse(&name, &text);
        assert!(problems.is_empty(), "{problems:?}");
        let keymap = Keymap::built_in().overlaid(keymap);
        assert_eq!(keymap.lost(&name), []);
    }
}

#[test]
fn every_action_can_be_reached_by_a_key() {
    let keymap = Keymap::built_in();
    let unreachable: Vec<&str> = actions()
        .filter(|action| {
            let reached = |mode: &Mode| {
                let keys = keymap.keys_of(mode.chain(), action.id);
                keys.iter()
                    .any(|key| keymap.action(mode.chain(), *key).is_some_and(|a| a.id == action.id))
            };
            !Mode::ALL.iter().any(reached)
        })
        .map(|action| action.id)
        .collect();
    // Left and right in replay seek, elsewhere they pan; nothing is without a key.
    assert_eq!(unreachable, Vec::<&str>::new());
}

#[test]
fn ids_are_dotted_unique_and_documented() {
    let mut ids: Vec<&str> = actions().map(|action| action.id).collect();
    for action in actions() {
        assert!(action.id.contains('.'), "{}", action.id);
        assert!(action.doc.ends_with('.') && !action.title.is_empty(), "{}", action.id);
        assert!(!action.modes.is_empty(), "{} can be bound nowhere", action.id);
    }
    let before = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), before);
}

#[test]
fn no_write_sits_on_a_key_that_only_looks_elsewhere_or_on_a_bare_navigation_key() {
    let keymap = Keymap::built_in();
    for mode in Mode::ALL {
        for (key, action) in bindings(&keymap, *mode).filter(|(_, action)| action.is_write()) {
            assert!(
                !matches!(key.code, KeyCode::Enter | KeyCode::Char(' ')),
                "{}",
                action.id
            );
            assert!(
                keymap.action(&[Mode::Move], key).is_none(),
                "{} shadows movement",
                action.id
            );
        }
    }
}

#[test]
fn every_key_of_the_keymap_is_written_as_it_is_read() {
    let keymap = Keymap::built_in();
    for mode in Mode::ALL {
        for (key, _) in bindings(&keymap, *mode) {
            assert_eq!(key.to_string().parse::<Key>(), Ok(key), "{key}");
        }
    }
}

#[test]
fn kinds_are_found_by_each_of_their_names_and_by_no_other_kinds() {
    for kind in known_kinds() {
        for other in known_kinds().iter().filter(|other| other.plural != kind.plural) {
            assert!(!other.short_names.contains(&kind.plural), "{}", kind.plural);
            assert!(
                kind.short_names.iter().all(|name| !other.short_names.contains(name)),
                "{}",
                kind.plural
            );
        }
    }
}

#[test]
fn every_setting_can_be_given_as_text_and_says_what_it_must_be() {
    for setting in SETTINGS {
        let mut settings = Settings::default();
        assert!(setting.doc.ends_with('.'), "{}", setting.name);
        let example = match setting.name {
            "log_lines" => "500",
            "ascii" => "true",
            _ => "value",
        };
        assert_eq!(setting.put_text(&mut settings, example), Ok(()), "{}", setting.name);
        assert_ne!(settings, Settings::default(), "{} does not arrive", setting.name);
    }
}
