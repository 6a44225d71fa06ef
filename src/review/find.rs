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
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    let unreadable = |cause| NotFound::Unreadable {
        place: sessions.to_owned(),
        cause,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(sessions).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if !named.is_empty() && name.starts_with(named) {
            names.push(name);
        }
    }
    names.sort();
    match names.as_slice() {
        [] => Err(NotFound::None {
            named: named.into(),
            place: sessions.to_owned(),
        }),
        [one] => Ok(sessions.join(one)),
        _ => Err(NotFound::Several {
            named: named.into(),
            names,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_beginning_is_enough_and_an_ambiguous_one_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["abcd", "abce", "zzzz"] {
            std::fs::create_dir(folder.path().join(name)).expect("a session's folder");
        }
        assert_eq!(find(folder.path(), "z").expect("one"), folder.path().join("zzzz"));
        assert_eq!(find(folder.path(), "abcd").expect("one"), folder.path().join("abcd"));
        assert!(matches!(find(folder.path(), "abc"), Err(NotFound::Several { names, .. }) if names.len() == 2));
        assert!(matches!(find(folder.path(), "q"), Err(NotFound::None { .. })));
        assert!(matches!(find(folder.path(), ""), Err(NotFound::None { .. })));
    }
}
