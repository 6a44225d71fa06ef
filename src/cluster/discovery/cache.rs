//! Documents of discovery on the disk, one file per server and root, so that a start with a hundred
//! kinds costs an answer without a body (304). What is in a file is never trusted: one that cannot
//! be read, is too large or belongs to somebody else is as good as none, and the diagnostics say so.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data_encoding::HEXLOWER;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cluster::endpoint::EndpointFacts;

/// Raised when files are written in another way: older ones are then ignored.
const FORMAT: u32 = 1;
/// A server with 1,900 kinds tells half a megabyte.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Two files a server; the oldest go.
const MOST_FILES: usize = 64;

/// The cache of one server.
#[derive(Clone, Debug)]
pub struct DiscoveryCache {
    folder: PathBuf,
    /// Of the server's address and its CA, so that another server at the same address is another.
    server: String,
}

#[derive(Debug, PartialEq)]
pub struct Cached {
    pub etag: String,
    pub document: Value,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    path: String,
    etag: String,
    document: Value,
}

impl DiscoveryCache {
    /// None for a server in this process: it has no address that would mean anything tomorrow.
    pub fn of(folder: &Path, facts: &EndpointFacts) -> Option<Self> {
        if facts.embedded || facts.server.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        for part in [facts.server.as_str(), facts.ca_sha256.as_deref().unwrap_or_default()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Some(Self {
            folder: folder.join("discovery"),
            server: HEXLOWER.encode(&hash.finalize()[..12]),
        })
    }

    fn file(&self, path: &str) -> PathBuf {
        self.folder
            .join(format!("{}{}.json", self.server, path.replace('/', "-")))
    }

    /// The document of this root as it was told last.
    pub fn load(&self, path: &str) -> Option<Cached> {
        let file = self.file(path);
        match read(&file) {
            Ok(stored) if stored.format == FORMAT && stored.path == path && !stored.etag.is_empty() => Some(Cached {
                etag: stored.etag,
                document: stored.document,
            }),
            Ok(_) => {
                tracing::warn!(file = %file.display(), "cached discovery ignored: it is of another format");
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "cached discovery ignored");
                None
            }
        }
    }

    /// Keeps the document; if that fails the next start asks for it again.
    pub fn store(&self, path: &str, etag: &str, document: &Value) {
        let stored = Stored {
            format: FORMAT,
            path: path.to_owned(),
            etag: etag.to_owned(),
            document: document.clone(),
        };
        if let Err(error) = self.write(path, &stored) {
            tracing::warn!(folder = %self.folder.display(), %error, "discovery is not cached");
        }
    }

    fn write(&self, path: &str, stored: &Stored) -> io::Result<()> {
        let text = serde_json::to_vec(stored).map_err(io::Error::other)?;
        if text.len() as u64 > LARGEST {
            return Err(io::Error::other("it is too large"));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let file = self.file(path);
        // By rename: two programs may write the same file at once, and a reader must see all of it.
        let draft = file.with_extension(format!("{}.new", std::process::id()));
        let _ = fs::remove_file(&draft);
        let mut to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        let written = to.write_all(&text).and_then(|()| fs::rename(&draft, &file));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written?;
        self.forget_oldest()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(Result::ok)
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        for (_, old) in files.iter().rev().skip(MOST_FILES) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<Stored> {
    let nofollow = i32::try_from(OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(nofollow).open(path)?;
    let about = file.metadata()?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to somebody else"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(io::Error::other("others may read or write it"));
    }
    let text = read_bounded(file)?;
    serde_json::from_slice(&text).map_err(|error| io::Error::other(format!("line {} cannot be read", error.line())))
}

fn read_bounded(file: File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it is too large"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::*;

    fn cache(folder: &Path) -> DiscoveryCache {
        let facts = EndpointFacts {
            server: "https://192.0.2.1:6443".into(),
            ..EndpointFacts::default()
        };
        DiscoveryCache::of(folder, &facts).unwrap()
    }

    #[test]
    fn a_document_comes_back_as_it_was_and_only_for_its_server_and_root() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        assert_eq!(cache.load("/apis"), None);
        cache.store("/apis", "\"tag\"", &json!({"a": 1}));
        let stored = Cached {
            etag: "\"tag\"".into(),
            document: json!({"a": 1}),
        };
        assert_eq!(cache.load("/apis"), Some(stored));
        assert_eq!(cache.load("/api"), None);
        let other = EndpointFacts {
            server: "https://192.0.2.1:6443".into(),
            ca_sha256: Some("another".into()),
            ..EndpointFacts::default()
        };
        assert_eq!(DiscoveryCache::of(folder.path(), &other).unwrap().load("/apis"), None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&cache.file("/apis")), mode(&cache.folder)), (0o600, 0o700));
        assert!(
            DiscoveryCache::of(
                folder.path(),
                &EndpointFacts {
                    embedded: true,
                    ..other
                }
            )
            .is_none()
        );
    }

    #[test]
    fn a_file_that_is_damaged_open_to_others_or_a_link_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        cache.store("/apis", "\"tag\"", &json!({"a": 1}));
        let file = cache.file("/apis");
        let good = fs::read(&file).unwrap();
        for bad in [&good[..good.len() / 2], b"", b"{}", b"\xff\xfe"] {
            fs::write(&file, bad).unwrap();
            assert_eq!(cache.load("/apis"), None, "{bad:?}");
        }
        let text = String::from_utf8(good.clone()).unwrap();
        fs::write(&file, text.replace("\"format\":1", "\"format\":0")).unwrap();
        assert_eq!(cache.load("/apis"), None);
        fs::write(&file, &good).unwrap();
        assert!(cache.load("/apis").is_some());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(cache.load("/apis"), None);
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&file, &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
        assert_eq!(cache.load("/apis"), None);
    }

    #[test]
    fn the_folder_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..MOST_FILES + 9 {
            let facts = EndpointFacts {
                server: format!("https://192.0.2.{n}:6443"),
                ..EndpointFacts::default()
            };
            DiscoveryCache::of(folder.path(), &facts)
                .unwrap()
                .store("/apis", "t", &json!({}));
        }
        assert_eq!(
            fs::read_dir(folder.path().join("discovery")).unwrap().count(),
            MOST_FILES
        );
    }
}
