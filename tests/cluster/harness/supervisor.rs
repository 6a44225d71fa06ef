//! The other side of `shell/supervisor.sh` and `shell/init.sh`: takes a slot,
//! gives orders, and ends the rig by closing the pipe.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{
    binary::cluster_folder,
    slot::{SLOTS, Slot},
    wait::is_true_within,
};

pub struct Supervisor {
    child: Child,
    /// Only empty while being dropped.
    pipe: Mutex<Option<Pipe>>,
    folder: PathBuf,
    slot: Slot,
}

struct Pipe {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Supervisor {
    /// Takes the first slot that is free, both by its lock and by its ports.
    pub fn start() -> io::Result<Self> {
        for slot in (0..SLOTS).map(Slot) {
            if let Some(supervisor) = Self::take(slot)?
                && slot.has_free_ports()
            {
                return Ok(supervisor);
            }
        }
        Err(io::Error::other(format!("all {SLOTS} slots of the machine are taken")))
    }

    fn take(slot: Slot) -> io::Result<Option<Self>> {
        // In a session of its own: ctrl-c ends the test, and the pipe tells us.
        let mut child = Command::new("setsid")
            .arg("sh")
            .arg(cluster_folder().join("shell/supervisor.sh"))
            .arg(slot.0.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the supervisor has no pipes"));
        };
        let mut pipe = Pipe {
            orders,
            answers: BufReader::new(answers),
        };
        let answer = pipe.answer()?;
        let Some(folder) = answer.strip_prefix("ready ").map(PathBuf::from) else {
            child.wait()?;
            return if answer == "busy" {
                Ok(None)
            } else {
                Err(io::Error::other(answer))
            };
        };
        Ok(Some(Supervisor {
            child,
            pipe: Mutex::new(Some(pipe)),
            folder,
            slot,
        }))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// Writes down a command under a name, for `start` and `run`, as a script that people can read.
    pub fn define(&self, name: &str, script: &str) -> io::Result<()> {
        std::fs::write(self.folder.join("cmd").join(name), format!("{script}\n"))
    }

    pub fn start_command(&self, name: &str) -> io::Result<()> {
        self.order(&format!("start {name}")).map(drop)
    }

    /// Runs a defined command to its end; a failure comes with the last lines of its output.
    pub fn run_command(&self, name: &str) -> io::Result<()> {
        self.order(&format!("run {name}"))
            .map(drop)
            .map_err(|error| io::Error::other(format!("{name}: {error}\n{}", self.log_tail(name))))
    }

    pub fn signal(&self, signal: &str, name: &str) -> io::Result<()> {
        self.order(&format!("signal {signal} {name}")).map(drop)
    }

    pub fn is_alive(&self, name: &str) -> bool {
        self.order(&format!("alive {name}")).is_ok_and(|answer| answer == "yes")
    }

    pub fn log_tail(&self, name: &str) -> String {
        let log = std::fs::read(self.folder.join("logs").join(name)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    fn order(&self, order: &str) -> io::Result<String> {
        // A test that panicked while it held the lock has not hurt the pipe.
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        let pipe = pipe.as_mut().ok_or_else(|| io::Error::other("the rig is gone"))?;
        writeln!(pipe.orders, "{order}")?;
        let answer = pipe.answer()?;
        match answer.strip_prefix("failed: ") {
            Some(why) => Err(io::Error::other(format!("{order}: {why}"))),
            None => Ok(answer),
        }
    }
}

impl Pipe {
    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the supervisor is gone"));
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.pipe.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        let is_gone = is_true_within(Duration::from_secs(30), || !matches!(self.child.try_wait(), Ok(None)));
        if !is_gone {
            let _ = writeln!(io::stderr(), "the rig in slot {} does not end", self.slot.0);
        }
    }
}
