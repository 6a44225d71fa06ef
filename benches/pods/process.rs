//! What the kernel accounts to one process.

use std::time::Duration;

/// Of `/proc/PID`: processor time so far, and memory now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Account {
    pub cpu: Duration,
    pub resident_kib: u64,
    pub peak_kib: u64,
    pub switches: u64,
}

impl Account {
    /// None once the process is gone; one that has ended and was not waited for has no memory any more.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        // After the name in brackets: field 14 and 15 of proc(5), in ticks of 10 ms.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |n: usize| fields.get(n)?.parse::<u64>().ok();
        let line = |name: &str| {
            let line = status.lines().find(|l| l.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        Some(Self {
            cpu: Duration::from_millis((ticks(11)? + ticks(12)?) * 10),
            resident_kib: line("VmRSS:").unwrap_or(0),
            peak_kib: line("VmHWM:").unwrap_or(0),
            switches: threads_switches(pid),
        })
    }
}

/// Times that a thread of the process went to sleep by itself: each is a wake-up too.
fn threads_switches(pid: i32) -> u64 {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    tasks
        .filter_map(|task| {
            let status = std::fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            let line = status.lines().find(|l| l.starts_with("voluntary_ctxt_switches:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .sum()
}
