//! Which key does what: mode → keys → action id. Every id is checked against the registry, every
//! key against the others, and all errors are told at once.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::key::{Key, KeyCode};
use super::problem::{Problem, Problems, suggest};
use crate::registry::{Action, Mode, action, actions};

const BUILT_IN: &str = include_str!("../../keymaps/default.toml");

#[derive(Clone, Debug, Default)]
pub struct Keymap {
    /// None: bound to `none`, so that no section behind it is asked.
    bindings: BTreeMap<(Mode, Key), Option<&'static Action>>,
}

/// The id that takes a key away.
const NONE: &str = "none";

/// What must stay within reach whatever the user binds: asking for the glass and ending it, going
/// back, quitting, and the command line.
const ESSENTIAL: &[&str] = &["glass.toggle", "app.quit", "app.back", "app.command"];

/// In a shell, where keys are the remote's: the way out, and what it leads to.
const WAY_OUT: &[(Mode, &str)] = &[
    (Mode::Shell, "shell.menu"),
    (Mode::ShellMenu, "shell.close"),
    (Mode::ShellMenu, "glass.toggle"),
];

impl Keymap {
    /// The shipped keymap.
    pub fn built_in() -> Self {
        let (keymap, problems) = Self::parse("keymaps/default.toml (built in)", BUILT_IN);
        debug_assert!(problems.is_empty(), "{problems:?}");
        keymap
    }

    /// What of `text` is right, and all that is wrong with it.
    pub fn parse(place: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Problems::new(place, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            problems.toml(&error);
        }
        let mut keymap = Self::default();
        for (section, value) in document.get_ref() {
            keymap.section(section, value, &mut problems);
        }
        (keymap, problems.finish())
    }

    fn section(&mut self, name: &Spanned<DeString>, value: &Spanned<DeValue>, problems: &mut Problems) {
        let Some(mode) = Mode::parse(name.get_ref()) else {
            let known: Vec<_> = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
            let cause = format!("there is no mode `{}`", name.get_ref());
            return problems.add(name.span(), cause, suggest(name.get_ref(), &known));
        };
        let DeValue::Table(bindings) = value.get_ref() else {
            let cause = format!("`{}` is not a section", name.get_ref());
            return problems.add(
                name.span(),
                cause,
                format!("write `[{}]` and a line per key", mode.as_str()),
            );
        };
        // In the order of the file, so that of two spellings of one key the later is the double.
        let mut lines: Vec<_> = bindings.iter().collect();
        lines.sort_by_key(|(key, _)| key.span().start);
        let mut taken = BTreeMap::new();
        for (key, id) in lines {
            if let Some((key_value, action)) = Self::binding(mode, key, id, problems) {
                if let Some(other) = taken.insert(key_value, key.get_ref().clone()) {
                    let cause = format!(
                        "`{}` is the same key as `{other}`, bound above in [{}]",
                        key.get_ref(),
                        mode.as_str()
                    );
                    problems.add(key.span(), cause, "keep one of the two");
                    continue;
                }
                self.bindings.insert((mode, key_value), action);
            }
        }
    }

    fn binding(
        mode: Mode,
        key: &Spanned<DeString>,
        id: &Spanned<DeValue>,
        problems: &mut Problems,
    ) -> Option<(Key, Option<&'static Action>)> {
        let parsed = key.get_ref().parse::<Key>();
        if let Err(error) = &parsed {
            problems.add(key.span(), format!("`{}` is no key", error.0), super::key::SPELLING);
        }
        let DeValue::String(name) = id.get_ref() else {
            problems.add(
                id.span(),
                format!("`{}` is bound to something that is no text", key.get_ref()),
                "name an action id in quotes",
            );
            return None;
        };
        if name == NONE {
            return Some((parsed.ok()?, None));
        }
        let Some(action) = action(name) else {
            let known: Vec<_> = actions().filter(|a| a.modes.contains(&mode)).map(|a| a.id).collect();
            problems.add(id.span(), format!("there is no action `{name}`"), suggest(name, &known));
            return None;
        };
        if !action.modes.contains(&mode) {
            let places: Vec<_> = action.modes.iter().map(|m| format!("[{}]", m.as_str())).collect();
            let cause = format!("`{name}` does nothing in [{}]", mode.as_str());
            problems.add(id.span(), cause, format!("move it to {}", places.join(" or ")));
            return None;
        }
        Some((parsed.ok()?, Some(action)))
    }

    /// `over` laid over this one, key by key.
    pub fn overlaid(mut self, over: Self) -> Self {
        self.bindings.extend(over.bindings);
        self
    }

    /// What the key does in the first of the modes that binds it.
    pub fn action(&self, modes: &[Mode], key: Key) -> Option<&'static Action> {
        modes
            .iter()
            .find_map(|&mode| self.bindings.get(&(mode, key)).copied())
            .flatten()
    }

    /// Essential actions that some screen's keys no longer reach.
    pub fn lost(&self, place: &str) -> Vec<Problem> {
        let everywhere: Vec<Mode> = Mode::ALL
            .iter()
            .copied()
            .filter(|mode| mode.chain().contains(&Mode::Global))
            .collect();
        let mut problems = Vec::new();
        for id in ESSENTIAL {
            let keys = self.keys_of(&[Mode::Global], id);
            let lost: Vec<&str> = everywhere
                .iter()
                .filter(|mode| !self.reaches(**mode, &keys, id))
                .map(|mode| mode.as_str())
                .collect();
            if lost.is_empty() {
                continue;
            }
            let sections = if lost.len() == everywhere.len() {
                String::new()
            } else {
                format!(" in [{}]", lost.join("], ["))
            };
            let cure = format!("bind `{id}` in [global] to a key that no other section takes");
            problems.push(left_out(place, id, &sections, cure));
        }
        for (mode, id) in WAY_OUT {
            let keys = self.keys_of(&[*mode], id);
            if !self.reaches(*mode, &keys, id) {
                let section = mode.as_str();
                let cure = format!("bind `{id}` in [{section}]");
                problems.push(left_out(place, id, &format!(" in [{section}]"), cure));
            }
        }
        problems
    }

    fn reaches(&self, mode: Mode, keys: &[Key], id: &str) -> bool {
        keys.iter()
            .any(|key| self.action(mode.chain(), *key).is_some_and(|action| action.id == id))
    }

    /// The keys of an action in these modes, shortest spelling first.
    pub fn keys_of(&self, modes: &[Mode], id: &str) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .bindings
            .iter()
            .filter(|((mode, _), action)| modes.contains(mode) && action.is_some_and(|action| action.id == id))
            .map(|((_, key), _)| *key)
            .collect();
        // `ctrl-5` is what a terminal makes of ctrl-], and no name that anybody would look for.
        let is_odd = |key: &Key| key.ctrl && matches!(key.code, KeyCode::Char('3'..='8'));
        keys.sort_by_key(|key| (is_odd(key), key.to_string().len()));
        keys
    }
}

fn left_out(place: &str, id: &str, sections: &str, cure: String) -> Problem {
    Problem {
        place: place.into(),
        line: 0,
        cause: format!("`{id}` has no key left{sections}, so the shipped keymap is used"),
        cure,
    }
}
