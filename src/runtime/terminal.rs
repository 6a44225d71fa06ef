//! Owns the terminal: raw mode, alternate screen, bracketed paste. Whatever way the program ends
//! (quit, error, panic, signal), the terminal is given back as it was found.

use std::io::{self, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;

use super::grid;
use crate::model::Grid;
use crate::view::Drawn;

/// True while the terminal is ours; the panic hook and `Drop` restore it only then, and only once.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal. Fails where there is none: crossterm's event stream would panic later.
    pub fn take() -> io::Result<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(io::Error::other("standard input and output must be a terminal"));
        }
        enter()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self { terminal })
    }

    /// Draws one frame as one synchronised update, so that no half frame is shown. Returns what
    /// `render` returned and, if it is `wanted` for a recording, what the terminal shows now.
    pub fn draw(
        &mut self,
        wanted: bool,
        render: impl FnOnce(&mut Buffer) -> Drawn,
    ) -> io::Result<(Drawn, Option<Grid>)> {
        let mut drawn = None;
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        let frame = self.terminal.draw(|frame| {
            let answer = render(frame.buffer_mut());
            if let Some((x, y)) = answer.cursor {
                frame.set_cursor_position((x, y));
            }
            drawn = Some(answer);
        })?;
        let grid = wanted.then(|| grid::copy(frame.buffer));
        execute!(io::stdout(), EndSynchronizedUpdate)?;
        let drawn = drawn.ok_or_else(|| io::Error::other("the frame was not drawn"))?;
        Ok((drawn, grid))
    }

    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// After SIGCONT: the terminal may show anything, so everything is drawn anew.
    pub fn retake(&mut self) -> io::Result<()> {
        enter()?;
        // Not `clear`: it asks the terminal for the cursor, and the answer would race with keys.
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Copies to the clipboard by OSC 52, which also works over SSH.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(
        io::stdout(),
        crossterm::clipboard::CopyToClipboard::to_clipboard_from(text)
    )
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// Restores the terminal if it is ours. Errors are ignored here and only here: there is nobody
/// left to tell, and the rest of the end must not be skipped.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
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
