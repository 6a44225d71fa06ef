//! Reads all of it at start. Nothing here ends the program: what is broken is told and its default
//! holds; only a broken policy has no default, since another policy than the one written would be
//! none at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::paths::{Env, Paths};
use super::{Keymap, Problem, Settings, Theme};
use crate::escalation::{BUILT_IN, Policy};

/// Everything the user chose.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub settings: Settings,
    pub keymap: Arc<Keymap>,
    pub theme: Theme,
    /// All that was wrong, for the message log.
    pub problems: Vec<Problem>,
}

/// A file larger than this is no settings file.
const LARGEST: u64 = 1 << 20;

pub fn load(paths: &Paths, env: Env, flags: &[(&str, String)]) -> Loaded {
    let mut settings = Settings {
        ascii: wants_ascii(env),
        ..Settings::default()
    };
    let mut problems = Vec::new();
    let path = paths.settings();
    match read(&path) {
        Ok(Some(text)) => problems.extend(settings.lay_file(&path.display().to_string(), &text)),
        Ok(None) if paths.named_settings.is_some() => {
            problems.push(missing(&path, "the settings file that was named does not exist"));
        }
        Ok(None) => {}
        Err(problem) => problems.push(problem),
    }
    problems.extend(settings.lay_environment(env));
    problems.extend(settings.lay_flags(flags));
    let keymap = keymap(paths, &settings.keymap, &mut problems);
    let mut theme = theme(paths, &settings.theme, &mut problems);
    theme.ascii |= settings.ascii;
    Loaded {
        settings,
        keymap: Arc::new(keymap),
        theme,
        problems,
    }
}

/// Where the terminal or the locale has no other letters, or draws some of ours two cells wide. A
/// locale that is not set says nothing: most containers have none, in terminals that have them all.
fn wants_ascii(env: Env) -> bool {
    if env("TERM").as_deref() == Some("linux") {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env(name).filter(|value| !value.is_empty()));
    let Some(locale) = locale.map(|locale| locale.to_ascii_lowercase()) else {
        return false;
    };
    let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
    let is_ambiguous = ["ja", "ko", "zh"].iter().any(|language| locale.starts_with(language));
    !is_utf8 || is_ambiguous
}

/// The policy the settings name, the one beside them, or the one built in. A broken one is an
/// error: the glass must not open under rules nobody wrote.
pub fn load_policy(paths: &Paths, settings: &Settings) -> Result<Policy, Vec<Problem>> {
    let named = settings.policy.as_ref().map(PathBuf::from);
    let path = named.clone().unwrap_or_else(|| paths.policy());
    match read(&path) {
        Ok(Some(text)) => Policy::parse(&text, &path.display().to_string()).map_err(|errors| {
            let problem = |error: crate::escalation::PolicyError| Problem {
                place: error.file,
                line: error.line,
                cause: error.cause,
                cure: error.cure,
            };
            errors.into_iter().map(problem).collect()
        }),
        Ok(None) if named.is_none() => Ok(Policy::built_in()),
        Ok(None) => Err(vec![no_policy(&path)]),
        Err(problem) => Err(vec![problem]),
    }
}

/// The text of the policy in force, as written. An empty file has none: `kglass policy show` into
/// that very file finds it emptied by the shell before it starts, and must fill it.
pub fn policy_text(paths: &Paths, settings: &Settings) -> Result<String, Problem> {
    let named = settings.policy.as_ref().map(PathBuf::from);
    match (read(named.as_deref().unwrap_or(&paths.policy()))?, named) {
        (Some(text), _) if !text.is_empty() => Ok(text),
        // The built-in one instead would look as if it were the one that was named.
        (None, Some(path)) => Err(no_policy(&path)),
        _ => Ok(BUILT_IN.into()),
    }
}

/// The user's file over the shipped keymap; a name that is neither is told.
fn keymap(paths: &Paths, name: &str, problems: &mut Vec<Problem>) -> Keymap {
    let built_in = Keymap::built_in();
    let path = paths.keymap(name);
    match read(&path) {
        Ok(Some(text)) => {
            let (over, found) = Keymap::parse(&path.display().to_string(), &text);
            problems.extend(found);
            let keymap = built_in.clone().overlaid(over);
            let lost = keymap.lost(&path.display().to_string());
            if lost.is_empty() {
                return keymap;
            }
            // Nobody may lock themselves out of quitting or of ending the escalation.
            problems.extend(lost);
        }
        Ok(None) if name != "default" => {
            problems.push(missing(&path, &format!("there is no keymap `{name}`")));
        }
        Ok(None) => {}
        Err(problem) => problems.push(problem),
    }
    built_in
}

fn theme(paths: &Paths, name: &str, problems: &mut Vec<Problem>) -> Theme {
    let path = paths.theme(name);
    let find = |base: &str| read(&paths.theme(base)).ok().flatten();
    match read(&path) {
        Ok(Some(text)) => {
            let (theme, found) = Theme::parse(&path.display().to_string(), &text, &find);
            problems.extend(found);
            return theme;
        }
        Ok(None) => {
            if let Some(theme) = Theme::built_in(name) {
                return theme;
            }
            let known: Vec<&str> = Theme::built_in_names().collect();
            let mut problem = missing(&path, &format!("there is no theme `{name}`"));
            problem.cure = format!("shipped are {}; others go into {}", known.join(", "), parent(&path));
            problems.push(problem);
        }
        Err(problem) => problems.push(problem),
    }
    Theme::default()
}

/// None where there is no such file, which is no mistake by itself.
fn read(path: &Path) -> Result<Option<String>, Problem> {
    let problem = |cause: String, cure: &str| Problem {
        place: path.display().to_string(),
        line: 0,
        cause,
        cure: cure.into(),
    };
    match fs::metadata(path) {
        Ok(facts) if facts.len() > LARGEST => {
            return Err(problem(
                format!("it has {} bytes, which no such file needs", facts.len()),
                "look what it is",
            ));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(problem("it is not UTF-8 text".into(), "save it as UTF-8"))
        }
        Err(error) => Err(problem(
            format!("it cannot be read: {error}"),
            "mend its permissions, or remove it",
        )),
    }
}

fn no_policy(path: &Path) -> Problem {
    missing(path, "the policy that was named does not exist")
}

fn missing(path: &Path, cause: &str) -> Problem {
    Problem {
        place: path.display().to_string(),
        line: 0,
        cause: cause.into(),
        cure: format!("write it into {}, or choose another", parent(path)),
    }
}

fn parent(path: &Path) -> String {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => "the current folder".into(),
        folder => folder.unwrap_or(path).display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_where_the_terminal_or_the_locale_has_nothing_else() {
        let wants = |variables: &[(&str, &str)]| {
            let variables = variables.to_vec();
            wants_ascii(&move |name| {
                let found = variables.iter().find(|(of, _)| *of == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(wants(&[("LANG", "C")]) && wants(&[("LANG", "POSIX")]) && wants(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(
            wants(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]),
            "the strongest decides"
        );
        assert!(wants(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")]));
        assert!(
            wants(&[("LANG", "ja_JP.UTF-8")]),
            "some of our signs are two cells wide there"
        );
        assert!(!wants(&[("LANG", "en_US.UTF-8")]) && !wants(&[("LANG", "C.utf8")]));
        assert!(!wants(&[]) && !wants(&[("LANG", "")]), "nothing is said");
    }
}
