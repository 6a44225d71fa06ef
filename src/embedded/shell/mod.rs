//! A small shell in a container: enough to look around, to leave with a status, and to hold a
//! terminal. No program is run and nothing outside this process is touched.
//!
//! It is a state machine: bytes and time go in, bytes and an exit come out. Who waits is `exec`.

mod builtin;
mod line;
mod words;

use std::time::Duration;

use serde_json::Value;

use super::clock::rfc3339;
use super::store::text;
use builtin::Done;
use line::{Heard, Keyboard};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Exit(i32),
    /// The program that was to be run is not in the container.
    NotFound(String),
}

/// What the shell finds around it.
pub(super) struct Situation {
    pub hostname: String,
    pub command: String,
    pub files: Vec<(String, String)>,
    pub environment: Vec<(String, String)>,
}

impl Situation {
    pub fn new(pod: &Value, container: &str, files: Vec<(String, String)>) -> Self {
        let hostname = text(pod, "/metadata/name").unwrap_or_default().to_owned();
        let specs = pod.pointer("/spec/containers").and_then(Value::as_array);
        let spec = specs.and_then(|all| all.iter().find(|c| text(c, "/name") == Some(container)));
        let list = |field: &str| -> Vec<String> {
            let words = spec.and_then(|s| s.get(field)).and_then(Value::as_array);
            words
                .into_iter()
                .flatten()
                .filter_map(|w| w.as_str().map(str::to_owned))
                .collect()
        };
        let mut command = list("command");
        command.extend(list("args"));
        let own = spec.and_then(|s| s.get("env")).and_then(Value::as_array);
        let mut environment = vec![
            (
                "PATH".to_owned(),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
            ),
            ("HOSTNAME".to_owned(), hostname.clone()),
            ("HOME".to_owned(), "/root".to_owned()),
            ("KUBERNETES_SERVICE_HOST".to_owned(), "10.96.0.1".to_owned()),
            ("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned()),
        ];
        environment.extend(own.into_iter().flatten().filter_map(|e| {
            Some((
                text(e, "/name")?.to_owned(),
                text(e, "/value").unwrap_or_default().to_owned(),
            ))
        }));
        let mut all = vec![
            ("/etc/hostname".to_owned(), format!("{hostname}\n")),
            (
                "/etc/os-release".to_owned(),
                "NAME=\"Embedded\"\nID=embedded\n".to_owned(),
            ),
            (
                "/etc/hosts".to_owned(),
                format!("127.0.0.1\tlocalhost\n10.1.0.1\t{hostname}\n"),
            ),
        ];
        all.extend(files);
        Self {
            hostname,
            command: if command.is_empty() {
                format!("/{container}")
            } else {
                command.join(" ")
            },
            files: all,
            environment,
        }
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shell(tty: bool) -> Shell {
        let pod = json!({"metadata": {"name": "web-0"}, "spec": {"containers": [
            {"name": "main", "command": ["/serve"], "env": [{"name": "MODE", "value": "fast"}]}]}});
        Shell::new(
            Situation::new(&pod, "main", vec![("/app/config".into(), "a=1\n".into())]),
            tty,
        )
    }

    fn words(line: &[&str]) -> Vec<String> {
        line.iter().map(|w| (*w).to_owned()).collect()
    }

    fn stdout(outs: &[Out]) -> String {
        let all = outs.iter().filter_map(|o| match o {
            Out::Stdout(bytes) => Some(String::from_utf8_lossy(bytes)),
            _ => None,
        });
        all.collect()
    }

    #[test]
    fn a_terminal_echoes_runs_and_leaves_with_the_status() {
        let mut shell = shell(true);
        assert_eq!(stdout(&shell.start(&words(&["sh"]), 0)), "/ # ");
        assert_eq!(stdout(&shell.input(b"ec")), "ec");
        assert_eq!(
            stdout(&shell.input(b"hoo\x7f $MODE\r")),
            "hoo\u{8} \u{8} $MODE\r\nfast\r\n/ # "
        );
        assert_eq!(shell.input(b"exit 3\r").last(), Some(&Out::Exit(3)));
    }

    #[test]
    fn a_script_runs_by_its_conditions_and_may_become_a_shell() {
        let choose = "TERM=x; export TERM; command -v bash >/dev/null 2>&1 && exec bash; exec sh";
        let mut one = shell(true);
        assert_eq!(stdout(&one.start(&words(&["sh", "-c", choose]), 0)), "/ # ");
        let mut two = shell(false);
        let outs = two.start(&words(&["sh", "-c", "cat /app/config; false || echo no; false"]), 0);
        assert_eq!(stdout(&outs), "a=1\nno\n");
        assert_eq!(outs.last(), Some(&Out::Exit(1)));
    }

    #[test]
    fn one_program_ends_by_itself_and_an_unknown_one_is_not_found() {
        let outs = shell(false).start(&words(&["ls", "/app"]), 0);
        assert_eq!(outs, [Out::Stdout(b"config\n".to_vec()), Out::Exit(0)]);
        let outs = shell(false).start(&words(&["bash"]), 0);
        assert_eq!(outs, [Out::NotFound("bash".into())]);
    }

    #[test]
    fn top_repaints_with_the_size_until_q() {
        let mut shell = shell(true);
        shell.start(&words(&["top"]), 0);
        assert!(stdout(&shell.resize(100, 30)).contains("100x30"));
        assert!(stdout(&shell.wake(61_000)).contains("1970-01-01T00:01:01Z"));
        assert_eq!(shell.input(b"q"), [Out::Exit(0)]);
    }

    #[test]
    fn input_without_a_terminal_is_run_line_by_line_to_its_end() {
        let mut shell = shell(false);
        shell.start(&words(&["sh"]), 0);
        assert_eq!(
            shell.input(b"pwd\necho a\nex"),
            [Out::Stdout(b"/\n".to_vec()), Out::Stdout(b"a\n".to_vec())]
        );
        shell.input(b"it 4");
        assert_eq!(shell.end_of_input(), [Out::Exit(4)]);
        let mut cat = self::shell(false);
        cat.start(&words(&["cat"]), 0);
        assert_eq!(cat.input(b"x"), [Out::Stdout(b"x".to_vec())]);
        assert_eq!(cat.end_of_input(), [Out::Exit(0)]);
    }
}
