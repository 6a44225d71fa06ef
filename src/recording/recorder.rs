//! Writes what is drawn, on a thread of its own: the UI hands over grids and never waits. If the
//! thread cannot keep up or the disk is full, the caller is told.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustix::fs::{Mode, OFlags};

use super::{ansi, cast};
use crate::audit::{SCREEN_FILE, ScreenHead};
use crate::model::{Grid, Moment, Rect};

/// Frames that may wait; a second and a half at full speed.
const MAX_WAITING: usize = 96;
/// Sync to disk after so much recorded time, so that a power cut costs little.
const SYNC_MS: u64 = 5000;

/// Why something was not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    #[error("screen recording {}: {cause}; {}", place.display(), "it ends here; make room on the disk, or mend it, for the next session")]
    Failed { place: PathBuf, cause: String },
    #[error(
        "the screen recording cannot keep up: this frame was left out; the next one shows the screen as it is then"
    )]
    Behind,
    #[error("the screen recording is over: its session is closed")]
    Over,
}

/// Records one session's screen.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    head: ScreenHead,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(Moment, Item)>,
    frames: usize,
    finished: bool,
    error: Option<RecordingError>,
}

#[derive(Debug)]
enum Item {
    Frame(Grid),
    Marker(String),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, at: Moment, item: Item) -> Result<(), RecordingError> {
        let mut queue = self.lock();
        if let Some(error) = &queue.error {
            return Err(error.clone());
        }
        if matches!(item, Item::Frame(_)) {
            if queue.frames >= MAX_WAITING {
                return Err(RecordingError::Behind);
            }
            queue.frames += 1;
        }
        self.head.hand_over();
        queue.waiting.push_back((at, item));
        self.filled.notify_one();
        Ok(())
    }
}

impl Recorder {
    /// Begins the recording in a session's folder; `head` is what the journal's checkpoints read.
    /// Of `grid` only the size counts: what is on it has not passed the mask. Blocks for a moment:
    /// it makes the file.
    pub fn start(
        folder: &Path,
        session: &str,
        grid: &Grid,
        at: Moment,
        head: ScreenHead,
    ) -> Result<Self, RecordingError> {
        let place = folder.join(SCREEN_FILE);
        let failed = |error: io::Error| told(&error, &place);
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::open(&place, flags, Mode::RUSR | Mode::WUSR)
            .map(File::from)
            .map_err(|errno| failed(errno.into()))?;
        let mut tape = Tape {
            file,
            head: head.clone(),
            drawn: None,
            last: at,
            synced: at,
        };
        tape.write(&cast::opening(session, grid.width, grid.height, at.wall_ms))
            .map_err(failed)?;
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            filled: Condvar::new(),
            head,
        });
        let thread = std::thread::Builder::new().name("kglass-recorder".into()).spawn({
            let (shared, place) = (Arc::clone(&shared), place.clone());
            move || run(&shared, tape, &place)
        });
        let recorder = Self {
            thread: Some(thread.map_err(failed)?),
            shared,
        };
        recorder.frame(at, &Grid::blank(grid.width, grid.height), &[])?;
        Ok(recorder)
    }

    /// The screen as it was drawn at `at`, without the rectangles in `hidden`.
    pub fn frame(&self, at: Moment, grid: &Grid, hidden: &[Rect]) -> Result<(), RecordingError> {
        self.shared.push(at, Item::Frame(grid.masked(hidden)))
    }

    /// A mark on the time line: a request is about to be sent, its outcome came. Never left out.
    pub fn marker(&self, at: Moment, audit_id: &str, label: &str) -> Result<(), RecordingError> {
        self.shared.push(at, Item::Marker(format!("{audit_id} {label}")))
    }

    /// Ends the recording when everything handed over is on disk. Blocks; to be called before the
    /// journal is closed, whose last record vouches for the whole file.
    pub fn finish(mut self) -> Result<(), RecordingError> {
        self.stop();
        match self.shared.lock().error.clone() {
            None | Some(RecordingError::Over) => Ok(()),
            Some(error) => Err(error),
        }
    }

    fn stop(&mut self) {
        self.shared.lock().finished = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            self.shared.lock().error.get_or_insert(RecordingError::Over);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(shared: &Shared, mut tape: Tape, place: &Path) {
    loop {
        let mut queue = shared.lock();
        while queue.waiting.is_empty() && !queue.finished {
            queue = shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let Some((at, item)) = queue.waiting.pop_front() else {
            drop(queue);
            break end(shared, tape.file.sync_data(), place);
        };
        queue.frames -= usize::from(matches!(item, Item::Frame(_)));
        drop(queue);
        let put = tape.put(at, item);
        shared.head.done();
        if let Err(error) = put {
            return end(shared, Err(error), place);
        }
    }
}

fn end(shared: &Shared, result: io::Result<()>, place: &Path) {
    let error = match result {
        Ok(()) => RecordingError::Over,
        Err(error) => told(&error, place),
    };
    let mut queue = shared.lock();
    queue.error = Some(error);
    for _ in queue.waiting.drain(..) {
        shared.head.done();
    }
}

fn told(error: &io::Error, place: &Path) -> RecordingError {
    // The journal has said its last word on the recording.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return RecordingError::Over;
    }
    RecordingError::Failed {
        place: place.to_owned(),
        cause: error.to_string(),
    }
}

/// The file and what is on it.
struct Tape {
    file: File,
    head: ScreenHead,
    /// The screen as the file's reader sees it by now.
    drawn: Option<Grid>,
    last: Moment,
    synced: Moment,
}

impl Tape {
    fn put(&mut self, at: Moment, item: Item) -> io::Result<()> {
        match item {
            Item::Marker(label) => self.event(at, 'm', &label)?,
            Item::Frame(grid) => self.frame(at, grid)?,
        }
        if at.since(self.synced) >= SYNC_MS {
            self.file.sync_data()?;
            self.synced = at;
        }
        Ok(())
    }

    fn frame(&mut self, at: Moment, grid: Grid) -> io::Result<()> {
        match &self.drawn {
            Some(drawn) if (drawn.width, drawn.height) == (grid.width, grid.height) => {
                let changes = ansi::diff(drawn, &grid);
                if !changes.is_empty() {
                    self.event(at, 'o', &changes)?;
                }
            }
            drawn => {
                if drawn.is_some() {
                    self.event(at, 'r', &format!("{}x{}", grid.width, grid.height))?;
                }
                self.event(at, 'o', &ansi::whole(&grid))?;
            }
        }
        self.drawn = Some(grid);
        Ok(())
    }

    fn event(&mut self, at: Moment, code: char, data: &str) -> io::Result<()> {
        let line = cast::event(at.since(self.last), code, data);
        self.write(&line)?;
        self.last = self.last.max(at);
        Ok(())
    }

    /// One write per line: a crash leaves at most the last one torn.
    fn write(&mut self, line: &str) -> io::Result<()> {
        self.head.through(line.as_bytes(), |bytes| self.file.write_all(bytes))
    }
}
