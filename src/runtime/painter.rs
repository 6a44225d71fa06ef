//! Writes to the terminal, on a thread of its own. A terminal that does not read (ctrl-s, a far end
//! asleep) stops this thread and nothing else: of frames only the latest waits, and whoever leaves
//! waits for no longer than they say.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the terminal shall show.
pub struct Frame {
    pub buffer: Buffer,
    pub cursor: Option<(u16, u16)>,
}

/// The thread's other end. The thread ends with it, when its last write has come back.
pub struct Painter(Arc<Shared>);

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

/// What is to be written, in this order. Each field holds the latest of its kind: nothing queues up
/// before a terminal that does not read.
#[derive(Default)]
struct Slot {
    take: Option<bool>,
    frame: Option<Frame>,
    copy: Option<String>,
    /// A buffer that nobody needs any more, to be drawn into again.
    spare: Option<Buffer>,
    writing: bool,
    finished: bool,
}

impl Slot {
    fn is_empty(&self) -> bool {
        self.take.is_none() && self.frame.is_none() && self.copy.is_none()
    }
}

impl Painter {
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("kglass-painter".into());
        thread.spawn(move || run(&theirs, out))?;
        Ok(Self(shared))
    }

    /// A buffer of `area` to draw into, blank.
    pub fn blank(&self, area: Rect) -> Buffer {
        match self.0.lock().spare.take() {
            Some(mut spare) => {
                spare.resize(area);
                spare.reset();
                spare
            }
            None => Buffer::empty(area),
        }
    }

    /// Never waits; a frame that was not begun yet is left out for this one.
    pub fn paint(&self, frame: Frame) {
        self.0.tell(|slot| {
            if let Some(left_out) = slot.frame.replace(frame) {
                slot.spare = Some(left_out.buffer);
            }
        });
    }

    /// Copies to the clipboard by OSC 52, which also works over SSH.
    pub fn copy(&self, text: String) {
        self.0.tell(|slot| slot.copy = Some(text));
    }

    /// The alternate screen; what is painted next is painted whole.
    pub fn enter(&self) {
        self.0.tell(|slot| slot.take = Some(true));
    }

    /// The main screen. Frames that still wait are for nobody. True if all of it was written within
    /// `patience`.
    pub fn leave(&self, patience: Duration) -> bool {
        self.0.tell(|slot| {
            slot.frame = None;
            slot.copy = None;
            slot.take = Some(false);
        });
        let waits = |slot: &mut Slot| slot.writing || !slot.is_empty();
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), patience, waits);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        self.0.tell(|slot| slot.finished = true);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // Fields are replaced whole, so a panic in between leaves the old ones.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Slot)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

fn run(shared: &Shared, mut out: impl Write) {
    let mut shown: Option<Buffer> = None;
    loop {
        let mut slot = shared.lock();
        while slot.is_empty() && !slot.finished {
            slot = shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        if slot.is_empty() {
            return;
        }
        let (take, frame, copy) = (slot.take.take(), slot.frame.take(), slot.copy.take());
        slot.writing = true;
        drop(slot);
        let before = if take.is_some() { None } else { shown.take() };
        let bytes = spell(take, before.as_ref(), frame.as_ref(), copy.as_deref());
        // A terminal that is gone is told by its input, which ends.
        let written = bytes.and_then(|bytes| out.write_all(&bytes).and_then(|()| out.flush()));
        if let Err(error) = written {
            tracing::debug!(%error, "the terminal takes nothing");
        }
        let mut slot = shared.lock();
        slot.writing = false;
        (shown, slot.spare) = match frame {
            Some(frame) => (Some(frame.buffer), before.or(slot.spare.take())),
            None => (before, slot.spare.take()),
        };
        drop(slot);
        shared.changed.notify_all();
    }
}

/// All of it in one piece, a frame as one synchronised update, so that no half frame is shown.
fn spell(
    take: Option<bool>,
    before: Option<&Buffer>,
    frame: Option<&Frame>,
    copy: Option<&str>,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(16 * 1024);
    match take {
        Some(true) => queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, Hide)?,
        Some(false) => leaving(&mut bytes)?,
        None => {}
    }
    if let Some(frame) = frame {
        queue!(bytes, BeginSynchronizedUpdate)?;
        changes(&mut bytes, before, &frame.buffer)?;
        match frame.cursor {
            Some((x, y)) => queue!(bytes, Show, MoveTo(x, y))?,
            None => queue!(bytes, Hide)?,
        }
        queue!(bytes, EndSynchronizedUpdate)?;
    }
    if let Some(text) = copy {
        queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
    }
    Ok(bytes)
}

fn changes(bytes: &mut Vec<u8>, before: Option<&Buffer>, buffer: &Buffer) -> io::Result<()> {
    let blank;
    let before = if let Some(before) = before.filter(|before| before.area == buffer.area) {
        before
    } else {
        // Not ratatui's own `clear`: it asks the terminal for the cursor, and the answer would race
        // with keys.
        queue!(bytes, Clear(ClearType::All))?;
        blank = Buffer::empty(buffer.area);
        &blank
    };
    CrosstermBackend::new(bytes).draw(before.diff_iter(buffer))
}

/// What gives the screen back.
pub fn leaving(bytes: &mut impl Write) -> io::Result<()> {
    queue!(bytes, DisableBracketedPaste, LeaveAlternateScreen, Show)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A terminal that reads one piece each time it is told to.
    struct Stuck {
        begun: Sender<()>,
        go: Receiver<()>,
        seen: Sender<String>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.begun.send(());
            let _ = self.go.recv();
            let _ = self.seen.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Held {
        painter: Painter,
        begun: Receiver<()>,
        go: Sender<()>,
        seen: Receiver<String>,
    }

    fn stuck() -> Held {
        let (begun_here, begun) = channel();
        let (go, go_there) = channel();
        let (seen_here, seen) = channel();
        let out = Stuck {
            begun: begun_here,
            go: go_there,
            seen: seen_here,
        };
        let painter = Painter::start(out).expect("a thread");
        Held {
            painter,
            begun,
            go,
            seen,
        }
    }

    fn show(painter: &Painter, text: &str) {
        let mut buffer = painter.blank(Rect::new(0, 0, 20, 2));
        buffer.set_string(0, 0, text, ratatui::style::Style::new());
        painter.paint(Frame { buffer, cursor: None });
    }

    #[test]
    fn before_a_terminal_that_does_not_read_only_the_latest_frame_waits() {
        let held = stuck();
        show(&held.painter, "first");
        held.begun.recv().expect("the first is being written");
        for n in 0..1000 {
            show(&held.painter, &format!("late {n}"));
        }
        held.go.send(()).expect("it reads again");
        assert!(held.seen.recv().expect("written").contains("first"));
        held.go.send(()).expect("it reads again");
        let next = held.seen.recv().expect("written");
        assert!(next.contains("late 999"), "{next:?}");
        let waits = held.painter.0.lock();
        assert!(waits.is_empty());
    }

    #[test]
    fn leaving_a_terminal_that_does_not_read_has_a_bound() {
        let held = stuck();
        show(&held.painter, "first");
        held.begun.recv().expect("it is being written");
        assert!(!held.painter.leave(Duration::from_millis(20)));
    }

    #[test]
    fn leaving_gives_the_screen_back_and_paints_nothing_after_it() {
        let held = stuck();
        show(&held.painter, "first");
        held.begun.recv().expect("it is being written");
        show(&held.painter, "never");
        std::thread::scope(|scope| {
            let leaving = scope.spawn(|| held.painter.leave(Duration::from_secs(20)));
            // Only now may it read: sooner, the waiting frame would be begun before anybody leaves.
            while held.painter.0.lock().take != Some(false) {
                std::thread::yield_now();
            }
            held.go.send(()).expect("it reads again");
            held.go.send(()).expect("and once more");
            assert!(leaving.join().expect("it left"));
        });
        let all: String = held.seen.try_iter().collect();
        assert!(all.ends_with("\x1b[?2004l\x1b[?1049l\x1b[?25h"), "{all:?}");
        assert!(!all.contains("never"), "{all:?}");
    }

    #[test]
    fn only_what_changed_is_written() {
        let held = stuck();
        for (text, wanted) in [("ab", "ab"), ("ac", "c")] {
            show(&held.painter, text);
            held.go.send(()).expect("it reads");
            let seen = held.seen.recv().expect("written");
            assert!(seen.contains(wanted), "{seen:?}");
            assert!(wanted.len() > 1 || !seen.contains('a'), "{seen:?}");
        }
    }
}
