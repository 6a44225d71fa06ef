//! `tests/data/invalid/<kind>-<what>.toml`, each with the expected text in `.txt` beside it. To
//! accept a new text, write it there by hand: it is read by somebody in trouble.

use std::fs;
use std::path::PathBuf;

use kglass::config::{Keymap, Problem, Settings, Theme};
use kglass::escalation::Policy;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/invalid")
}

fn problems(kind: &str, name: &str, text: &str) -> Vec<String> {
    let told = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
    match kind {
        "settings" => told(Settings::default().lay_file(name, text)),
        "keymap" => {
            let (keymap, mut problems) = Keymap::parse(name, text);
            problems.extend(Keymap::built_in().overlaid(keymap).lost(name));
            told(problems)
        }
        "theme" => told(Theme::parse(name, text, &|_| None).1),
        "policy" => match Policy::parse(text, name) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        },
        other => panic!("{name}: `{other}` is no kind of data file"),
    }
}

#[test]
fn every_invalid_file_is_told_with_all_its_mistakes_at_once() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(folder()).expect("the folder of invalid files") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        seen += 1;
        let kind = name.split('-').next().expect("a kind");
        let text = fs::read_to_string(&path).expect("a readable file");
        let told = problems(kind, &name, &text).join("\n");
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        if told.is_empty() || told != expected.trim_end() {
            wrong.push(format!("--- {name} says\n{told}\n--- expected\n{expected}"));
        }
    }
    assert!(seen > 0, "there are no invalid files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
