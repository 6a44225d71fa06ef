//! Under a shell with job control: stopped, put into the background and told to leave, the program
//! leaves, although the terminal is the shell's. And a terminal that goes without a signal.

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use super::Home;
use super::terminal::{PATIENCE, Terminal};

/// The process that `parent` waits for.
pub fn child_of(parent: i32) -> i32 {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let children = children.expect("it runs");
    let first = children.split_whitespace().next().expect("it has a child");
    first.parse().expect("a number")
}

pub fn wait_until_gone(pid: i32) {
    let deadline = Instant::now() + PATIENCE;
    while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        if Instant::now() > deadline {
            // It must not outlive the test: what is hung up and stays takes a whole core.
            send(pid, Signal::KILL);
            panic!("process {pid} does not leave");
        }
        std::thread::yield_now();
    }
}

fn send(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).expect("not zero"), signal).expect("it runs");
}

/// A shell with kglass in it, and the number of kglass.
fn in_a_shell(home: &Home) -> (Terminal, i32) {
    let environment = home.environment();
    let mut environment: Vec<_> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    environment.push(("PS1", "ready> "));
    let mut shell = Terminal::spawn(
        Path::new("/bin/bash"),
        &["--norc", "--noprofile", "-i"],
        &environment,
        (80, 24),
    );
    shell.wait_for("ready>");
    shell.keys(&format!("{}<enter>", super::KGLASS));
    shell.wait_for("? keys");
    let pid = child_of(shell.pid());
    (shell, pid)
}

#[test]
fn stopped_and_told_to_leave_by_its_shell_it_leaves() {
    let home = Home::new();
    let (mut shell, pid) = in_a_shell(&home);
    send(pid, Signal::TSTP);
    shell.wait_for("Stopped");
    shell.keys("kill %1<enter>");
    wait_until_gone(pid);
}

#[test]
fn in_the_background_it_hears_a_signal_and_comes_back_to_the_foreground() {
    let home = Home::new();
    let (mut shell, pid) = in_a_shell(&home);
    send(pid, Signal::TSTP);
    shell.wait_for("Stopped");
    shell.keys("bg<enter>");
    shell.wait_for("[1]+ ");
    shell.keys("fg<enter>");
    shell.wait_for("? keys");
    shell.keys(":messages");
    shell.wait_for(":messages");
    shell.keys("<c-c>");
    send(pid, Signal::TSTP);
    shell.wait_for("Stopped");
    shell.keys("bg<enter>");
    send(pid, Signal::TERM);
    wait_until_gone(pid);
}

/// It is not the controlling terminal of the program, so the kernel sends no signal.
#[test]
fn a_terminal_that_goes_without_a_signal_ends_the_program() {
    let home = Home::new();
    let size = PtySize {
        rows: 24,
        cols: 80,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new("setsid");
    command.args(["-w", super::KGLASS]);
    command.env("TERM", "xterm-256color");
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    let mut outer = pair.slave.spawn_command(command).expect("it starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (mut shown, mut buffer) = (String::new(), [0; 4096]);
    while !shown.contains("keys") {
        let read = reader.read(&mut buffer).expect("it draws");
        assert!(read > 0, "it ended: {shown}");
        shown.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    let pid = child_of(outer.process_id().expect("it runs") as i32);
    drop((reader, pair.master));
    wait_until_gone(pid);
    outer.wait().expect("it ended");
}
