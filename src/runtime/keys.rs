//! Reads the terminal on a thread of its own, so that a sequence which never ends stops nobody else.
//! Hands over what came in one go together. Reads nothing while another program has the terminal,
//! and never decides what a key means.
//!
//! Not crossterm's event stream: with the edge-triggered source it leaves all but the first 1,024
//! bytes of a burst unread until the next key, and once the terminal is full no next key can come.

use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crossterm::event::{Event, poll, read};
use rustix::event::{PollFd, PollFlags};
use rustix::time::Timespec;
use tokio::sync::mpsc;

/// Longest wait for a key, between two looks whether the terminal is still there.
const LOOK: Duration = Duration::from_secs(1);
/// Whatever follows within this came with it. Not zero: then crossterm does not look at all.
const TOGETHER: Duration = Duration::from_micros(200);
/// Most events in one batch, and most batches that wait; the rest stays in the terminal.
const MOST: usize = 512;
const BATCHES: usize = 8;

/// What was read in one go.
pub struct Batch {
    pub events: Vec<Event>,
    /// More was there, or this is what was left of it: no key here was pressed alone.
    pub burst: bool,
}

/// The reader, from the loop's side. Once there is nothing to read any more the channel is closed.
pub struct Keys {
    batches: mpsc::Receiver<Batch>,
    hold: Arc<Hold>,
}

/// Whether the thread may read, and whether it does.
#[derive(Default)]
struct Hold {
    state: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    wanted: bool,
    resting: bool,
}

impl Keys {
    pub fn start() -> io::Result<Self> {
        let (send, batches) = mpsc::channel(BATCHES);
        let hold = Arc::new(Hold::default());
        let theirs = Arc::clone(&hold);
        let thread = std::thread::Builder::new().name("kglass-keys".into());
        thread.spawn(move || read_on(&theirs, &send))?;
        Ok(Self { batches, hold })
    }

    /// None: the terminal is gone.
    pub async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// Reads no more after what it reads just now.
    pub fn hold(&self) {
        self.hold.set(true);
    }

    /// Reads no more. Waits until that is so, but for no longer than a quiet look lasts.
    pub fn pause(&self) {
        self.hold.set(true);
        let state = self.hold.state.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = LOOK + LOOK / 2;
        // In the middle of a sequence it cannot rest; it does so after it.
        let _ = self
            .hold
            .changed
            .wait_timeout_while(state, patience, |held| !held.resting);
    }

    pub fn go_on(&self) {
        self.hold.set(false);
    }
}

impl Hold {
    fn set(&self, wanted: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).wanted = wanted;
        self.changed.notify_all();
    }

    fn rest_while_wanted(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.wanted {
            return;
        }
        state.resting = true;
        self.changed.notify_all();
        let rested = self.changed.wait_while(state, |held| held.wanted);
        rested.unwrap_or_else(PoisonError::into_inner).resting = false;
    }
}

fn read_on(hold: &Hold, send: &mpsc::Sender<Batch>) {
    let mut more = false;
    loop {
        hold.rest_while_wanted();
        match poll(LOOK) {
            Ok(true) => {}
            Ok(false) if is_there() => continue,
            _ => return,
        }
        let Ok(events) = read_together() else {
            return;
        };
        let follows = std::mem::replace(&mut more, events.len() >= MOST);
        let burst = follows || more;
        if send.blocking_send(Batch { events, burst }).is_err() {
            return;
        }
    }
}

fn read_together() -> io::Result<Vec<Event>> {
    let mut events = vec![read()?];
    while events.len() < MOST && poll(TOGETHER)? {
        events.push(read()?);
    }
    Ok(events)
}

/// Whether somebody still has the other end: crossterm takes an end of file for silence.
fn is_there() -> bool {
    let input = io::stdin();
    let mut fds = [PollFd::from_borrowed_fd(input.as_fd(), PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match rustix::event::poll(&mut fds, Some(&now)) {
        Ok(_) => !fds[0]
            .revents()
            .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
        Err(error) => error == rustix::io::Errno::INTR,
    }
}
