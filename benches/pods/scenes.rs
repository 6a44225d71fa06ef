//! The scenes, one after the other on the same rig: start, rest, keys, churn, logs.

use std::path::Path;
use std::time::{Duration, Instant};

use super::figures::{self, Row, core, mebi, median, millis, quantile, share};
use super::harness::Rig;
use super::process::Account;
use super::rivals::{Run, Running, to_the_end};
use super::terminal::Terminal;
use super::{churn, crowd, kubelet};

const KGLASS: &str = env!("CARGO_BIN_EXE_kglass");
const ROUNDS: usize = 5;
const KEYS: usize = 200;
const WINDOW: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);
const LIST: [&str; 4] = ["get", "pods", "-A", "--no-headers"];
const WATCH: [&str; 5] = ["get", "pods", "-A", "--no-headers", "--watch"];

pub fn measure(rig: &Rig, pods: usize) -> String {
    // Fills the API server's watch cache and kubectl's discovery cache.
    to_the_end(rig, &LIST);
    let mut rows = starts(rig, pods);
    let desk = Desk::new(rig);
    let mut kglass = desk.open(&[]);
    shown(&kglass, pods);
    rows.extend(rest(rig, &kglass));
    rows.extend(keys(&mut kglass));
    rows.extend(under_churn(rig, &mut kglass, pods));
    drop(kglass);
    rows.extend(logs(rig, &desk));
    figures::table(&format!("{pods} pods"), &rows)
}

/// A home of its own, so that nothing is remembered from another round.
struct Desk {
    home: tempfile::TempDir,
    kubeconfig: String,
}

impl Desk {
    fn new(rig: &Rig) -> Self {
        Self {
            home: tempfile::tempdir().expect("a home"),
            kubeconfig: rig.kubeconfig("viewer").display().to_string(),
        }
    }

    fn open(&self, more: &[&str]) -> Terminal {
        let home = self.home.path().display().to_string();
        let args = [&["-A", "-c", "pods"], more].concat();
        let environment = [("HOME", home.as_str()), ("KUBECONFIG", &self.kubeconfig)];
        Terminal::spawn(Path::new(KGLASS), &args, &environment, (200, 50))
    }
}

/// One start of kglass: first row, exact count, and what it took until then.
struct Start {
    first: f64,
    all: f64,
    account: Account,
}

fn start(rig: &Rig, pods: usize) -> Start {
    let desk = Desk::new(rig);
    let began = Instant::now();
    let kglass = desk.open(&[]);
    let since = |at: Instant| at.duration_since(began).as_secs_f64();
    let first = kglass.when(PATIENCE, |screen| screen.contents().contains(crowd::TALKER));
    let first = since(first.expect("the first row"));
    let all = since(shown(&kglass, pods));
    let account = Account::of(kglass.pid()).expect("it runs");
    Start { first, all, account }
}

fn shown(kglass: &Terminal, pods: usize) -> Instant {
    let digits = pods.to_string();
    let count = match digits.len() {
        0..4 => format!("{digits} pods"),
        n => format!("{},{} pods", &digits[..n - 3], &digits[n - 3..]),
    };
    let all = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.contains(&count) && text.contains("live")
    };
    kglass.when(PATIENCE, all).expect("all rows")
}

/// In turn, so that both meet the same machine.
fn starts(rig: &Rig, pods: usize) -> Vec<Row> {
    let rounds: Vec<(Start, Run)> = (0..ROUNDS)
        .map(|_| (start(rig, pods), to_the_end(rig, &LIST)))
        .collect();
    let of = |ours: fn(&Start) -> f64, theirs: fn(&Run) -> f64| {
        (
            median(rounds.iter().map(|(start, _)| ours(start))),
            median(rounds.iter().map(|(_, run)| theirs(run))),
        )
    };
    let row = |what: &str, (ours, theirs), show: fn(f64) -> String| Row::pair(what, ours, theirs, show);
    vec![
        row(
            "first rows, cold (`kubectl get pods -A`)",
            of(|s| s.first, |r| r.first.as_secs_f64()),
            millis,
        ),
        row("all rows, cold", of(|s| s.all, |r| r.last.as_secs_f64()), millis),
        row(
            "processor time until then",
            of(|s| s.account.cpu.as_secs_f64(), |r| r.account.cpu.as_secs_f64()),
            millis,
        ),
        row(
            "memory with all rows, resident",
            of(|s| s.account.resident_kib as f64, |r| r.account.resident_kib as f64),
            mebi,
        ),
        row(
            "memory at its peak",
            of(|s| s.account.peak_kib as f64, |r| r.account.peak_kib as f64),
            mebi,
        ),
    ]
}

/// Nothing happens; only ages go on.
fn rest(rig: &Rig, kglass: &Terminal) -> Vec<Row> {
    let kubectl = Running::start(rig, &WATCH);
    kubectl.settle();
    let written = kglass.raw().len();
    let before = (Account::of(kglass.pid()).expect("it runs"), kubectl.account());
    std::thread::sleep(WINDOW);
    let after = (Account::of(kglass.pid()).expect("it runs"), kubectl.account());
    let ours = after.0.cpu.saturating_sub(before.0.cpu);
    let theirs = after.1.cpu.saturating_sub(before.1.cpu);
    let per_second = |n: u64| n as f64 / WINDOW.as_secs_f64();
    let wakes = per_second(after.0.switches - before.0.switches);
    vec![
        Row::pair(
            "processor at rest (`kubectl get pods -A --watch`)",
            core(ours, WINDOW),
            core(theirs, WINDOW),
            share,
        ),
        Row::pair(
            "wake-ups a second at rest",
            wakes,
            per_second(after.1.switches - before.1.switches),
            |n| format!("{n:.1}"),
        ),
        Row::alone(
            "bytes to the terminal a second at rest",
            format!("{:.0}", per_second((kglass.raw().len() - written) as u64)),
        ),
    ]
}

/// The row with the cursor: its mark moves with each key.
fn cursor(screen: &vt100::Screen) -> Option<usize> {
    screen.rows(0, 3).position(|row| row.contains('▌'))
}

/// Seconds from a key to its effect on the screen, one at a time, at times that no clock shares.
fn presses(terminal: &mut Terminal, keys: [&str; 2], effect: impl Fn(&vt100::Screen) -> Option<usize>) -> Vec<f64> {
    let mut seconds = Vec::with_capacity(KEYS);
    for press in 0..KEYS {
        let mut before = None;
        terminal.when(Duration::ZERO, |screen| {
            before = effect(screen);
            true
        });
        std::thread::sleep(Duration::from_micros(7_000 + (press as u64 * 7_919) % 23_000));
        let pressed = Instant::now();
        terminal.keys(keys[press % 2]);
        let done = terminal
            .when(PATIENCE, |screen| effect(screen) != before)
            .expect("the key does something");
        seconds.push(done.saturating_duration_since(pressed).as_secs_f64());
    }
    seconds
}

/// The floor: a terminal whose line discipline echoes, with nothing behind it.
fn echo() -> Vec<f64> {
    let mut cat = Terminal::spawn(Path::new("/bin/cat"), &[], &[], (200, 50));
    presses(&mut cat, ["x", "y"], |screen| {
        Some(usize::from(screen.cursor_position().1))
    })
}

fn key_rows(what: &str, mut ours: Vec<f64>, mut floor: Vec<f64>) -> Vec<Row> {
    [("p50", 0.5), ("p99", 0.99), ("longest", 1.0)]
        .map(|(name, at)| {
            let what = format!("{what}, {name} (a terminal's own echo)");
            Row::pair(&what, quantile(&mut ours, at), quantile(&mut floor, at), millis)
        })
        .into()
}

fn keys(kglass: &mut Terminal) -> Vec<Row> {
    key_rows("key to screen, quiet", presses(kglass, ["j", "k"], cursor), echo())
}

fn under_churn(rig: &Rig, kglass: &mut Terminal, pods: usize) -> Vec<Row> {
    let kubectl = Running::start(rig, &WATCH);
    kubectl.settle();
    let ((ours, theirs, window), rate) = churn::during(rig, pods, || {
        let before = (Account::of(kglass.pid()).expect("it runs"), kubectl.account());
        let start = Instant::now();
        std::thread::sleep(WINDOW);
        let after = (Account::of(kglass.pid()).expect("it runs"), kubectl.account());
        (
            after.0.cpu.saturating_sub(before.0.cpu),
            after.1.cpu.saturating_sub(before.1.cpu),
            start.elapsed(),
        )
    });
    let what = format!("processor under {rate:.0} updates/s (`kubectl get pods -A --watch`)");
    let mut rows = vec![Row::pair(&what, core(ours, window), core(theirs, window), share)];
    drop(kubectl);
    let ((pressed, floor), rate) = churn::during(rig, pods, || (presses(kglass, ["j", "k"], cursor), echo()));
    rows.extend(key_rows(
        &format!("key to screen under {rate:.0} updates/s"),
        pressed,
        floor,
    ));
    rows
}

/// One pod's log at full speed: lines kept, processor, and keys meanwhile.
fn logs(rig: &Rig, desk: &Desk) -> Vec<Row> {
    let namespace = crowd::namespace(0);
    let theirs = to_the_end(rig, &["logs", "-n", &namespace, crowd::TALKER, "--follow"]);
    let sent = u64::from(kubelet::LINES_PER_SECOND) * kubelet::FLOW.as_secs();
    let mut kglass = desk.open(&[]);
    kglass.wait_for(crowd::TALKER);
    kglass.keys("l");
    kglass.wait_for("line=");
    let before = Account::of(kglass.pid()).expect("it runs");
    let start = Instant::now();
    let prompt = |screen: &vt100::Screen| {
        screen
            .contents()
            .lines()
            .position(|line| line.trim_start().starts_with(':'))
    };
    let pressed = presses(&mut kglass, [":", "\u{1b}"], prompt);
    let ours = Account::of(kglass.pid())
        .expect("it runs")
        .cpu
        .saturating_sub(before.cpu);
    let window = start.elapsed();
    let last = format!("line={:07}", sent - 1);
    kglass.wait_until("the last line", PATIENCE, |screen| screen.contains(&last));
    let received = received(&kglass.text());
    let mut rows = vec![
        Row::pair(
            &format!(
                "processor at {} log lines/s (`kubectl logs --follow`)",
                kubelet::LINES_PER_SECOND
            ),
            core(ours, window),
            core(theirs.account.cpu, theirs.last),
            share,
        ),
        Row::pair(
            "log lines lost",
            sent.saturating_sub(received) as f64,
            sent.saturating_sub(theirs.lines) as f64,
            |n| format!("{n:.0} of {sent}"),
        ),
    ];
    rows.extend(key_rows("key to screen in that log", pressed, echo()));
    rows
}

/// Of `99,000 older dropped` and `1,000 lines` in the title: what came in at all.
fn received(screen: &str) -> u64 {
    let number_before = |word: &str| {
        let before = screen.split_once(word).map(|(before, _)| before).unwrap_or_default();
        let digits = before.rsplit(' ').next().unwrap_or_default().replace(',', "");
        digits.parse::<u64>().unwrap_or(0)
    };
    number_before(" lines") + number_before(" older dropped")
}
