//! A pseudo-terminal with the binary in it: keys in, a screen out, as a person has it.
//! Waits for conditions, never for time.

#![allow(dead_code, reason = "each test binary uses its own part of the terminal")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Looking at the terminal must not make it ours.
const O_NOCTTY: i32 = rustix::fs::OFlags::NOCTTY.bits() as i32;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a step on a busy machine may take.
pub const STEP: Duration = Duration::from_secs(60);

struct Shown {
    parser: vt100::Parser,
    raw: Vec<u8>,
    read_at: Instant,
    closed: bool,
}

type Shared = Arc<(Mutex<Shown>, Condvar)>;

/// The binary in a pseudo-terminal. Killed when dropped.
pub struct Terminal {
    shared: Shared,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Terminal {
    /// Starts `program` with exactly the environment in `env` (and PATH), in a terminal of `size`.
    pub fn spawn(program: &Path, args: &[&str], env: &[(&str, &str)], size: (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let shared = Arc::new((
            Mutex::new(Shown {
                parser: parser(size),
                raw: Vec::new(),
                read_at: Instant::now(),
                closed: false,
            }),
            Condvar::new(),
        ));
        follow(reader, Arc::clone(&shared));
        Self {
            shared,
            writer,
            master: pair.master,
            child,
        }
    }

    /// Types a key script: plain text, and `<enter>`, `<esc>`, `<tab>`, `<up>`, `<c-s>` and so on.
    pub fn keys(&mut self, script: &str) {
        for bytes in script_bytes(script) {
            self.writer.write_all(&bytes).expect("the terminal takes keys");
            self.writer.flush().expect("the terminal takes keys");
        }
    }

    /// All of it in one write, as an unbracketed paste comes.
    pub fn at_once(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// Waits until the screen's text satisfies `wanted`, and returns it.
    pub fn wait_until(&self, what: &str, patience: Duration, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + patience;
        let (lock, changed) = &*self.shared;
        let mut shown = lock.lock().expect("no reader panicked");
        loop {
            let text = shown.parser.screen().contents();
            if wanted(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "waited {patience:?} for {what}; the screen is:\n{text}"
            );
            assert!(
                !shown.closed,
                "the program ended while waiting for {what}; its last screen:\n{text}"
            );
            shown = changed
                .wait_timeout(shown, left.min(Duration::from_millis(200)))
                .expect("no reader panicked")
                .0;
        }
    }

    /// When the bytes came that made the screen satisfy `wanted`; none where `patience` ends first.
    pub fn when(&self, patience: Duration, mut wanted: impl FnMut(&vt100::Screen) -> bool) -> Option<Instant> {
        let deadline = Instant::now() + patience;
        let (lock, changed) = &*self.shared;
        let mut shown = lock.lock().expect("no reader panicked");
        while !wanted(shown.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || shown.closed {
                return None;
            }
            shown = changed.wait_timeout(shown, left).expect("no reader panicked").0;
        }
        Some(shown.read_at)
    }

    /// Whether the screen comes to satisfy `wanted` within half a second.
    pub fn soon(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.when(Duration::from_millis(500), |screen| wanted(&screen.contents()))
            .is_some()
    }

    /// Waits until `text` stands on the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), PATIENCE, |screen| screen.contains(text))
    }

    pub fn text(&self) -> String {
        self.shared
            .0
            .lock()
            .expect("no reader panicked")
            .parser
            .screen()
            .contents()
    }

    /// Whether the alternate screen is in use, and the cursor hidden.
    pub fn is_full_screen(&self) -> (bool, bool) {
        let shown = self.shared.0.lock().expect("no reader panicked");
        (
            shown.parser.screen().alternate_screen(),
            shown.parser.screen().hide_cursor(),
        )
    }

    /// Waits for a mode, as `is_full_screen` tells it.
    pub fn wait_until_mode(&self, what: &str, mode: (bool, bool)) {
        let deadline = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.shared;
        let mut shown = lock.lock().expect("no reader panicked");
        while (
            shown.parser.screen().alternate_screen(),
            shown.parser.screen().hide_cursor(),
        ) != mode
        {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited {PATIENCE:?} for {what}");
            shown = changed.wait_timeout(shown, left).expect("no reader panicked").0;
        }
    }

    /// Waits until the kernel says that the process is stopped.
    pub fn wait_until_stopped(&self) {
        let deadline = Instant::now() + PATIENCE;
        let stat = format!("/proc/{}/stat", self.pid());
        while !std::fs::read_to_string(&stat)
            .expect("the process lives")
            .contains(") T ")
        {
            assert!(Instant::now() < deadline, "the process does not stop");
            std::thread::yield_now();
        }
    }

    /// Every byte that the program wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.0.lock().expect("no reader panicked").raw.clone()
    }

    pub fn resize(&mut self, size: (u16, u16)) {
        {
            let mut shown = self.shared.0.lock().expect("no reader panicked");
            shown.parser.set_size(non_zero(size.1), non_zero(size.0));
        }
        self.master
            .resize(pty_size(size))
            .expect("a pseudo-terminal can be resized");
    }

    pub fn pid(&self) -> i32 {
        self.child.process_id().expect("the program runs") as i32
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).expect("a process id is not zero");
        rustix::process::kill_process(pid, signal).expect("the program can be signalled");
    }

    /// The terminal's settings as the kernel has them: true in raw mode.
    pub fn is_raw(&self) -> bool {
        let tty = self.master.tty_name().expect("a pseudo-terminal has a name");
        let open = std::fs::OpenOptions::new().read(true).custom_flags(O_NOCTTY).open(tty);
        let settings = rustix::termios::tcgetattr(open.expect("the terminal can be opened"));
        !settings
            .expect("a terminal has settings")
            .local_modes
            .contains(rustix::termios::LocalModes::ICANON)
    }

    /// As ctrl-s does: from here on nothing that the program writes is taken.
    pub fn stop_reading(&self) {
        self.flow(rustix::termios::Action::OOff);
    }

    /// As ctrl-q does.
    pub fn read_again(&self) {
        self.flow(rustix::termios::Action::OOn);
    }

    fn flow(&self, action: rustix::termios::Action) {
        let tty = self.master.tty_name().expect("a pseudo-terminal has a name");
        let mut options = std::fs::OpenOptions::new();
        let open = options.read(true).write(true).custom_flags(O_NOCTTY).open(tty);
        rustix::termios::tcflow(open.expect("the terminal can be opened"), action).expect("it has a flow");
    }

    /// How the program ended, if it ends within `patience`; looks at the process, not at the terminal.
    pub fn has_left(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Waits for the end of the program.
    pub fn exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.shared;
        let mut shown = lock.lock().expect("no reader panicked");
        while !shown.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "the program does not end; its screen:\n{}",
                shown.parser.screen().contents()
            );
            shown = changed
                .wait_timeout(shown, left.min(Duration::from_millis(200)))
                .expect("no reader panicked")
                .0;
        }
        drop(shown);
        self.child.wait().expect("the program ended")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(mut reader: Box<dyn Read + Send>, shared: Shared) {
    std::thread::spawn(move || {
        let mut buffer = vec![0_u8; 65536];
        loop {
            let read = reader.read(&mut buffer).unwrap_or(0);
            let read_at = Instant::now();
            // A test that failed while it looked has poisoned the lock; the screen is whole.
            let mut shown = shared.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            shown.parser.process(&buffer[..read]);
            shown.raw.extend_from_slice(&buffer[..read]);
            shown.read_at = read_at;
            shown.closed = read == 0;
            shared.1.notify_all();
            if read == 0 {
                return;
            }
        }
    });
}

fn parser(size: (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(non_zero(size.1), non_zero(size.0), 0)
}

fn non_zero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a terminal has a size")
}

fn pty_size(size: (u16, u16)) -> PtySize {
    PtySize {
        cols: size.0,
        rows: size.1,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// One write per key, so that the program reads them as typed.
fn script_bytes(script: &str) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let named = rest
            .strip_prefix('<')
            .and_then(|r| r.split_once('>'))
            .and_then(|(n, r)| Some((key(n)?, r)));
        if let Some((bytes, after)) = named {
            keys.push(bytes);
            rest = after;
        } else {
            keys.push(c.to_string().into_bytes());
            rest = &rest[c.len_utf8()..];
        }
    }
    keys
}

fn key(name: &str) -> Option<Vec<u8>> {
    if let Some(letter) = name.strip_prefix("c-").filter(|l| l.len() == 1) {
        return Some(vec![letter.as_bytes()[0] & 0x1f]);
    }
    let bytes: &[u8] = match name {
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "backtab" => b"\x1b[Z",
        "backspace" => b"\x7f",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "pagedown" => b"\x1b[6~",
        "pageup" => b"\x1b[5~",
        _ => return None,
    };
    Some(bytes.to_vec())
}
