//! Owns the terminal: raw mode, alternate screen, bracketed paste. Whatever way the program ends
//! (quit, error, panic, signal), the terminal is given back as it was found. Never waits for it: the
//! painter writes, and giving it back has a bound.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::fs::{Mode, OFlags};

use super::grid;
use super::painter::{Frame, Painter, leaving};
use crate::model::Grid;
use crate::view::Drawn;

/// How long giving back waits for a terminal that does not read.
const PATIENCE: Duration = Duration::from_millis(500);

/// Set while the terminal is ours; the panic hook and `Drop` restore it only then, and only once.
static TAKEN: Mutex<Option<Arc<Painter>>> = Mutex::new(None);

/// The terminal while it is ours.
pub struct Screen {
    painter: Arc<Painter>,
}

impl Screen {
    /// Takes the terminal. Fails where there is none: crossterm's event stream would panic later.
    pub fn take() -> io::Result<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(io::Error::other("standard input and output must be a terminal"));
        }
        // Not `io::stdout()` itself: a write that does not come back would keep its lock for ever.
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let painter = Arc::new(Painter::start(out)?);
        let screen = Self { painter };
        screen.enter()?;
        Ok(screen)
    }

    /// Draws one frame. Returns what `render` returned and, if it is `wanted` for a recording, what
    /// the terminal shows as soon as it reads.
    pub fn draw(
        &mut self,
        wanted: bool,
        render: impl FnOnce(&mut Buffer) -> Drawn,
    ) -> io::Result<(Drawn, Option<Grid>)> {
        let (width, height) = self.size()?;
        let mut buffer = self.painter.blank(Rect::new(0, 0, width, height));
        let drawn = render(&mut buffer);
        let grid = wanted.then(|| grid::copy(&buffer));
        let cursor = drawn.cursor;
        self.painter.paint(Frame { buffer, cursor });
        Ok((drawn, grid))
    }

    pub fn size(&self) -> io::Result<(u16, u16)> {
        crossterm::terminal::size()
    }

    pub fn copy(&self, text: String) {
        self.painter.copy(text);
    }

    /// After SIGCONT: the terminal may show anything, so everything is drawn anew. False if it is
    /// another program's now (`bg`): whoever touches it then is stopped by the kernel, before any
    /// signal, deadline or end is looked at.
    pub fn retake(&mut self) -> io::Result<bool> {
        if !is_ours()? {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).take();
            return Ok(false);
        }
        self.enter()?;
        Ok(true)
    }

    fn enter(&self) -> io::Result<()> {
        enable_raw_mode()?;
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&self.painter));
        self.painter.enter();
        Ok(())
    }
}

/// Whether we are in the foreground of the terminal, or it knows no such thing.
fn is_ours() -> io::Result<bool> {
    match rustix::termios::tcgetpgrp(io::stdin()) {
        Ok(foreground) => Ok(foreground == rustix::process::getpgrp()),
        // Not our controlling terminal: then nobody is stopped by it either.
        Err(rustix::io::Errno::NOTTY) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Restores the terminal if it is ours. Errors are ignored here and only here: there is nobody
/// left to tell, and the rest of the end must not be skipped.
pub fn give_back() {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(painter) = taken {
        if !painter.leave(PATIENCE) {
            let _ = give_back_now();
        }
        let _ = disable_raw_mode();
    }
}

/// The painter is stuck, or has panicked. On a description of its own: standard output's is shared
/// with the shell, which wants it to block.
fn give_back_now() -> io::Result<()> {
    let place = rustix::termios::ttyname(io::stdout(), Vec::new())?;
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut terminal = File::from(rustix::fs::open(&*place, flags, Mode::empty())?);
    let mut bytes = Vec::new();
    leaving(&mut bytes)?;
    terminal.write_all(&bytes)
}

/// Before a panic prints anything the terminal is given back, or its text would be lost on the
/// alternate screen.
pub fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        before(panic);
    }));
}
