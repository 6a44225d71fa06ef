//! The diagnostic log: what went on inside, for bug reports. Never secrets, never records: the
//! journal is elsewhere and has its own durability. Written off the UI task.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use tracing_subscriber::EnvFilter;

/// Keeps the writer alive; lines still queued are written when it is dropped.
pub struct Diagnostics {
    _guard: tracing_appender::non_blocking::WorkerGuard,
}

/// Opens `kglass.log` (0600) in `folder` (0700 when made). `KGLASS_LOG` sets the filter, as in
/// `kglass=debug`; the default is `kglass=info,warn`.
pub fn start(folder: &Path) -> io::Result<Diagnostics> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.join("kglass.log"))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = EnvFilter::try_from_env("KGLASS_LOG").unwrap_or_else(|_| EnvFilter::new("kglass=info,warn"));
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init();
    Ok(Diagnostics { _guard: guard })
}
