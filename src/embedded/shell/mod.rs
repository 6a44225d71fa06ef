//! A small shell in a container: enough to look around, to leave with a status, and to hold a
//! terminal. No program is run and nothing outside this process is touched.
//!
//! It is a state machine: bytes and time go in, bytes and an exit come out. Who waits is `exec`.

mod builtin;
mod line;
mod situation;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

use super::clock::rfc3339;
use builtin::Done;
use line::{Heard, Keyboard};
pub(super) use situation::Situation;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Exit(i32),
    /// The program that was to be run is not in the container.
    NotFound(String),
}

enum Mode {
    /// Reads commands.
    Reading,
    /// `cat` without a file: what comes in goes out.
    Copying,
    /// Repaints until it is told to stop.
    Top {
        then: After,
    },
    Sleeping {
        until_ms: i64,
        then: After,
    },
    Over,
}

/// Where a program that took the terminal returns to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Prompt,
    Exit,
}

pub(super) struct Shell {
    around: Situation,
    tty: bool,
    keyboard: Keyboard,
    mode: Mode,
    folder: String,
    last: i32,
    size: (u16, u16),
    now_ms: i64,
    ended_input: bool,
}

impl Shell {
    pub fn new(around: Situation, tty: bool) -> Self {
        Self {
            around,
            tty,
            keyboard: Keyboard::default(),
            mode: Mode::Reading,
            folder: "/".to_owned(),
            last: 0,
            size: (80, 24),
            now_ms: 0,
            ended_input: false,
        }
    }

    /// Runs what was asked for: a shell, a script for one, or one program.
    pub fn start(&mut self, command: &[String], now_ms: i64) -> Vec<Out> {
        self.now_ms = now_ms;
        let (program, arguments) = command.split_first().expect("exec refuses an empty command");
        if is_shell(program) {
            return match arguments.iter().position(|a| a.contains('c') && a.starts_with('-')) {
                Some(at) => self.script(arguments.get(at + 1).map_or("", String::as_str)),
                None => self.prompt(),
            };
        }
        if !builtin::exists(program) {
            self.mode = Mode::Over;
            return vec![Out::NotFound(program.clone())];
        }
        let done = builtin::run(self, command);
        self.after(done, After::Exit)
    }

    pub fn input(&mut self, bytes: &[u8]) -> Vec<Out> {
        let mut outs = Vec::new();
        match &self.mode {
            Mode::Over => {}
            Mode::Copying => outs.extend(self.copied(bytes)),
            Mode::Top { then } | Mode::Sleeping { then, .. } => {
                let then = *then;
                let stops = bytes
                    .iter()
                    .any(|b| *b == 3 || (*b == b'q' && matches!(self.mode, Mode::Top { .. })));
                if stops {
                    outs.extend(self.back(then, if bytes.contains(&3) { 130 } else { 0 }));
                }
            }
            Mode::Reading => {
                for heard in self.keyboard.take(bytes, self.tty) {
                    outs.extend(self.heard(heard));
                }
            }
        }
        outs
    }

    pub fn end_of_input(&mut self) -> Vec<Out> {
        self.ended_input = true;
        match self.mode {
            Mode::Reading => {
                let rest = self.keyboard.rest();
                let mut outs = self.line(&rest);
                if matches!(self.mode, Mode::Reading) {
                    outs.extend(self.exit(self.last));
                }
                outs
            }
            Mode::Copying => self.exit(0),
            _ => Vec::new(),
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) -> Vec<Out> {
        self.size = (width, height);
        if matches!(self.mode, Mode::Top { .. }) {
            return vec![self.top()];
        }
        Vec::new()
    }

    pub fn wakes_in(&self) -> Option<Duration> {
        match self.mode {
            Mode::Top { .. } => Some(Duration::from_secs(1)),
            Mode::Sleeping { until_ms, .. } => Some(Duration::from_millis((until_ms - self.now_ms).max(1) as u64)),
            _ => None,
        }
    }

    pub fn wake(&mut self, now_ms: i64) -> Vec<Out> {
        self.now_ms = now_ms;
        match self.mode {
            Mode::Top { .. } => vec![self.top()],
            Mode::Sleeping { until_ms, then } if until_ms <= now_ms => self.back(then, 0),
            _ => Vec::new(),
        }
    }

    fn heard(&mut self, heard: Heard) -> Vec<Out> {
        match heard {
            Heard::Echo(bytes) => vec![Out::Stdout(bytes)],
            Heard::Line(line) => self.line(&line),
            Heard::Interrupt => {
                let mut outs = vec![Out::Stdout(b"^C\r\n".to_vec())];
                self.last = 130;
                outs.extend(self.prompt());
                outs
            }
            Heard::End => {
                self.ended_input = true;
                self.exit(self.last)
            }
        }
    }

    fn line(&mut self, line: &str) -> Vec<Out> {
        let mut outs = Vec::new();
        for step in words::steps(line, &self.around.environment, self.last) {
            if !step.runs_after(self.last) {
                continue;
            }
            let done = builtin::run(self, &step.words);
            let silent = step.silent;
            let shown = self.after(done, After::Prompt);
            outs.extend(
                shown
                    .into_iter()
                    .filter(|out| !silent || matches!(out, Out::Exit(_) | Out::NotFound(_))),
            );
            if !matches!(self.mode, Mode::Reading) {
                return outs;
            }
        }
        outs.extend(self.prompt());
        outs
    }

    /// `sh -c`: ends with the last command, unless that took the place of the shell.
    fn script(&mut self, script: &str) -> Vec<Out> {
        let mut outs = Vec::new();
        for step in words::steps(script, &self.around.environment, self.last) {
            if !step.runs_after(self.last) {
                continue;
            }
            let replaces = step.words.first().is_some_and(|w| w == "exec");
            if replaces && step.words.get(1).is_some_and(|w| is_shell(w)) {
                outs.extend(self.prompt());
                return outs;
            }
            let done = builtin::run(self, &step.words);
            let silent = step.silent;
            let shown = self.after(done, After::Exit);
            // Each program of a script but the last is only awaited.
            outs.extend(shown.into_iter().filter(|out| match out {
                Out::Exit(_) => false,
                Out::Stdout(_) | Out::Stderr(_) => !silent,
                Out::NotFound(_) => true,
            }));
            match self.mode {
                Mode::Over if step.words.first().is_some_and(|w| w == "exit") => break,
                Mode::Over => self.mode = Mode::Reading,
                Mode::Reading => {}
                _ => return outs,
            }
        }
        outs.extend(self.exit(self.last));
        outs
    }

    fn after(&mut self, done: Done, then: After) -> Vec<Out> {
        match done {
            Done::Said { code, stdout, stderr } => {
                self.last = code;
                let mut outs = Vec::new();
                if !stdout.is_empty() {
                    outs.push(self.said(&stdout));
                }
                if !stderr.is_empty() {
                    // A terminal has one stream.
                    outs.push(if self.tty {
                        self.said(&stderr)
                    } else {
                        Out::Stderr(stderr.into_bytes())
                    });
                }
                if then == After::Exit {
                    outs.extend(self.exit(code));
                }
                outs
            }
            Done::Exit(code) => {
                self.last = code;
                self.exit(code)
            }
            Done::Copy if self.ended_input => {
                self.last = 0;
                if then == After::Exit { self.exit(0) } else { Vec::new() }
            }
            Done::Copy => {
                self.mode = Mode::Copying;
                Vec::new()
            }
            Done::Top => {
                self.mode = Mode::Top { then };
                vec![self.top()]
            }
            Done::Sleep(ms) => {
                self.mode = Mode::Sleeping {
                    until_ms: self.now_ms + ms,
                    then,
                };
                Vec::new()
            }
        }
    }

    fn copied(&mut self, bytes: &[u8]) -> Vec<Out> {
        if bytes.iter().any(|b| matches!(b, 3 | 4)) && self.tty {
            return self.back(After::Prompt, 0);
        }
        vec![Out::Stdout(bytes.to_vec())]
    }

    fn back(&mut self, then: After, code: i32) -> Vec<Out> {
        self.last = code;
        self.mode = Mode::Reading;
        match then {
            After::Exit => self.exit(code),
            After::Prompt => {
                let mut outs = vec![self.said("\n")];
                outs.extend(self.prompt());
                outs
            }
        }
    }

    fn prompt(&self) -> Vec<Out> {
        if self.tty {
            vec![Out::Stdout(format!("{} # ", self.folder).into_bytes())]
        } else {
            Vec::new()
        }
    }

    fn exit(&mut self, code: i32) -> Vec<Out> {
        self.mode = Mode::Over;
        vec![Out::Exit(code)]
    }

    /// A terminal's lines end with a carriage return too.
    fn said(&self, text: &str) -> Out {
        Out::Stdout(
            if self.tty {
                text.replace('\n', "\r\n")
            } else {
                text.to_owned()
            }
            .into_bytes(),
        )
    }

    fn top(&self) -> Out {
        let (width, height) = self.size;
        let title = format!("top - {}  {width}x{height}", rfc3339(self.now_ms));
        let text = format!(
            "\u{1b}[H\u{1b}[2J{title}\nMem: 24576K used\n\u{1b}[7m  PID USER     COMMAND\u{1b}[0m\n    1 root     {}\n   \
             17 root     top\n",
            self.around.command
        );
        self.said(&text)
    }
}

fn is_shell(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("sh" | "ash"))
}
