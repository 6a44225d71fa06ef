//! The folder of one session: 0700, its journal 0600, appended to and locked, symbolic links never
//! followed. A session appears under its name only when its first record is durable.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self as rfs, AtFlags, FallocateFlags, Mode, OFlags};
use rustix::io::Errno;

/// Under the state directory.
pub const SESSIONS_FOLDER: &str = "sessions";
pub const JOURNAL_FILE: &str = "journal.jsonl";
/// The screen recording beside the journal.
pub const SCREEN_FILE: &str = "screen.cast";

/// Reserved at entry, so that a disk that fills up later does not silence a running session.
const PREALLOCATED: u64 = 1024 * 1024;

/// A session's folder that has no name yet.
pub(super) struct NewFolder {
    sessions: File,
    folder: File,
    temporary: String,
    published: bool,
    pub(super) path: PathBuf,
}

impl NewFolder {
    /// Makes `sessions/.new-<name>` and the empty, locked journal in it.
    pub(super) fn create(state_dir: &Path, name: &str) -> io::Result<(Self, File)> {
        let sessions_path = state_dir.join(SESSIONS_FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&sessions_path)?;
        let sessions = open_folder(&sessions_path)?;
        refuse_foreign(&sessions, &sessions_path)?;
        let temporary = format!(".new-{name}");
        rfs::mkdirat(&sessions, temporary.as_str(), Mode::RWXU)?;
        let folder = rfs::openat(&sessions, temporary.as_str(), folder_flags(), Mode::empty())?;
        let journal = File::from(rfs::openat(
            &folder,
            JOURNAL_FILE,
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::RUSR | Mode::WUSR,
        )?);
        journal.try_lock()?;
        preallocate(&journal)?;
        let new = Self {
            sessions,
            folder: folder.into(),
            temporary,
            published: false,
            path: sessions_path.join(name),
        };
        Ok((new, journal))
    }

    /// Gives the folder its name, durably.
    pub(super) fn publish(mut self, name: &str) -> io::Result<PathBuf> {
        self.folder.sync_all()?;
        if rfs::statat(&self.sessions, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(Errno::EXIST.into());
        }
        rfs::renameat(&self.sessions, self.temporary.as_str(), &self.sessions, name)?;
        self.published = true;
        self.sessions.sync_all()?;
        Ok(self.path.clone())
    }
}

impl Drop for NewFolder {
    /// What was never published was never acted upon: it must not fill the disk at every try.
    fn drop(&mut self) {
        if !self.published {
            // The reason for the failure is told already; a remnant is hidden by its name.
            let _ = rfs::unlinkat(&self.folder, JOURNAL_FILE, AtFlags::empty());
            let _ = rfs::unlinkat(&self.sessions, self.temporary.as_str(), AtFlags::REMOVEDIR);
        }
    }
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

fn open_folder(path: &Path) -> io::Result<File> {
    Ok(File::from(rfs::open(path, folder_flags(), Mode::empty())?))
}

/// Evidence in a folder that others can write to is none.
fn refuse_foreign(folder: &File, path: &Path) -> io::Result<()> {
    let stat = rfs::fstat(folder)?;
    let mine = stat.st_uid == rustix::process::geteuid().as_raw();
    if mine && stat.st_mode & 0o022 == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("{} belongs to somebody else or others may write to it", path.display()),
    ))
}

fn preallocate(file: &File) -> io::Result<()> {
    // KEEP_SIZE: the length stays that of the records, so a cut is seen as a cut.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flags = FallocateFlags::KEEP_SIZE;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let flags = FallocateFlags::empty();
    match rfs::fallocate(file, flags, 0, PREALLOCATED) {
        // Some file systems (NFS before 4.2) cannot reserve; appends still fail closed there.
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
