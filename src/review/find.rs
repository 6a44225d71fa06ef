//! From what a person types to a session's folder.

use std::path::{Path, PathBuf};

/// Why no folder was found.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    #[error("{}: {cause}; no session was kept here yet, or another state directory is in use", place.display())]
    Unreadable { place: PathBuf, cause: std::io::Error },
    #[error("no session begins with `{named}` in {}; kglass sessions lists them", place.display())]
    None { named: String, place: PathBuf },
    #[error("`{named}` fits several sessions: {}; type more of it", names.join(", "))]
    Several { named: String, names: Vec<String> },
}

/// The folder of a session: by path, or by the first characters of its hash in `sessions`.
pub fn find(sessions: &Path, named: &str) -> Result<PathBuf, NotFound> {
    let path = Path::new(named);
    if named.contains('/') && path.is_dir() {
        return Ok(path.to_owned());
    }
    let names = fitting(sessions, named);
    match names.as_deref() {
        // What lies in the working directory must not stand in for a session of that name.
        Ok([]) | Err(_) if path.is_dir() => return Ok(path.to_owned()),
        _ => {}
    }
    let names = names.map_err(|cause| NotFound::Unreadable {
        place: sessions.to_owned(),
        cause,
    })?;
    match names.as_slice() {
        [] => Err(NotFound::None {
            named: named.into(),
            place: sessions.to_owned(),
        }),
        [one] => Ok(sessions.join(one)),
        // A whole name is not taken for a beginning.
        names if names.iter().any(|name| name == named) => Ok(sessions.join(named)),
        _ => Err(NotFound::Several {
            named: named.into(),
            names,
        }),
    }
}

/// Names that begin as `named` does. Hidden ones are sessions that were never begun.
fn fitting(sessions: &Path, named: &str) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(sessions)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !named.is_empty() && !name.starts_with('.') && name.starts_with(named) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_beginning_is_enough_and_an_ambiguous_one_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["abcd", "abce", "ab", "zzzz", ".new-q"] {
            std::fs::create_dir(folder.path().join(name)).expect("a session's folder");
        }
        assert_eq!(find(folder.path(), "z").expect("one"), folder.path().join("zzzz"));
        assert_eq!(find(folder.path(), "abcd").expect("one"), folder.path().join("abcd"));
        assert!(matches!(find(folder.path(), "abc"), Err(NotFound::Several { names, .. }) if names.len() == 2));
        assert_eq!(
            find(folder.path(), "ab").expect("the whole name"),
            folder.path().join("ab")
        );
        assert!(matches!(find(folder.path(), ".new"), Err(NotFound::None { .. })));
        assert!(matches!(find(folder.path(), "q"), Err(NotFound::None { .. })));
        assert!(matches!(find(folder.path(), ""), Err(NotFound::None { .. })));
    }

    #[test]
    fn a_path_is_taken_as_it_is_even_if_no_session_was_kept_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = folder.path().join("nowhere");
        let path = folder.path().to_string_lossy().into_owned();
        assert_eq!(find(&nowhere, &path).expect("the path"), folder.path());
        assert!(matches!(find(&nowhere, "abc"), Err(NotFound::Unreadable { .. })));
    }
}
