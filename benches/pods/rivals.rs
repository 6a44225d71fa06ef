//! What is measured beside kglass: `kubectl` of the server's own version, and a bare terminal.

use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::harness::Rig;
use super::process::Account;

/// One run of a kubectl command, from its start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    pub first: Duration,
    pub last: Duration,
    pub bytes: u64,
    pub lines: u64,
    pub account: Account,
}

/// Runs kubectl to its end.
pub fn to_the_end(rig: &Rig, args: &[&str]) -> Run {
    let start = Instant::now();
    let mut child = spawn(rig, args);
    let pid = child.id() as i32;
    let ended = AtomicBool::new(false);
    let mut out = child.stdout.take().expect("piped");
    let run = std::thread::scope(|scope| {
        let memory = scope.spawn(|| peak_of(pid, &ended));
        let mut run = read_all(&mut out, start);
        // Ended but not yet waited for: its processor time stands there still, its memory no more.
        let child = rustix::process::Pid::from_raw(pid).expect("not zero");
        let exited = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(rustix::process::WaitId::Pid(child), exited).expect("it is our child");
        ended.store(true, Ordering::Relaxed);
        run.account = memory.join().expect("it only reads");
        run.account.cpu = Account::of(pid).expect("not waited for yet").cpu;
        run
    });
    assert!(child.wait().expect("it ended").success(), "kubectl {}", args.join(" "));
    run
}

fn read_all(out: &mut impl Read, start: Instant) -> Run {
    let mut run = Run::default();
    let mut buffer = vec![0; 65536];
    loop {
        let read = out.read(&mut buffer).expect("its output can be read");
        if read == 0 {
            return run;
        }
        if run.bytes == 0 {
            run.first = start.elapsed();
        }
        run.last = start.elapsed();
        run.bytes += read as u64;
        run.lines += (buffer[..read].split(|b| *b == b'\n').count() - 1) as u64;
    }
}

/// A process that prints once and leaves cannot be asked afterwards: asked all along.
fn peak_of(pid: i32, ended: &AtomicBool) -> Account {
    let mut most = Account::default();
    while !ended.load(Ordering::Relaxed) {
        if let Some(now) = Account::of(pid).filter(|now| now.peak_kib >= most.peak_kib) {
            most = now;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    most
}

/// A kubectl that goes on by itself; killed when dropped.
pub struct Running {
    child: Child,
    _drain: std::thread::JoinHandle<()>,
    first: std::sync::mpsc::Receiver<()>,
}

impl Running {
    pub fn start(rig: &Rig, args: &[&str]) -> Self {
        let mut child = spawn(rig, args);
        let mut out = child.stdout.take().expect("piped");
        let (tell, first) = std::sync::mpsc::channel();
        let drain = std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while out.read(&mut buffer).is_ok_and(|read| read > 0) {
                // Nobody may be listening any more.
                let _ = tell.send(());
            }
        });
        Self {
            child,
            _drain: drain,
            first,
        }
    }

    /// Waits until it has printed, and then has been silent for a second.
    pub fn settle(&self) {
        self.first.recv().expect("it prints");
        while self.first.recv_timeout(Duration::from_secs(1)).is_ok() {}
    }

    pub fn account(&self) -> Account {
        Account::of(self.child.id() as i32).expect("it runs")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(rig: &Rig, args: &[&str]) -> Child {
    rig.kubectl_command("viewer", args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the rig's program runs")
}
