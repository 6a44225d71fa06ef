//! What containers say. Nothing is kept: a line is a function of seed, run and time, so a log can be
//! read from any moment on, and the next line is known before it is said.

use super::super::store::text;
use super::super::world::{LogLine, Run};
use super::apps::{CAUSE, SICK};
use super::world::{ShopWorld, app_of};

/// Lines at the start come one after another.
const OPENING_MS: i64 = 130;
/// A voice that is silent for so many slots has nothing more to say.
const SLOTS: i64 = 200;

pub(super) fn line_after(world: &ShopWorld, run: &Run<'_>, after_ms: i64) -> Option<LogLine> {
    let opening = opening(world, run);
    let opened_ms = run.started_ms + (opening.len() as i64 + 1) * OPENING_MS;
    if after_ms < opened_ms {
        let said = opening.into_iter().enumerate();
        let mut said = said.map(|(n, text)| LogLine {
            at_ms: run.started_ms + (n as i64 + 1) * OPENING_MS,
            text,
        });
        if let Some(line) = said.find(|line| line.at_ms > after_ms) {
            return Some(line);
        }
    }
    let from = after_ms.max(opened_ms);
    let voice = voice(world, run, from)?;
    let first = from.div_euclid(voice.every_ms);
    (first..first + SLOTS)
        .filter_map(|slot| said(world, run, &voice, slot))
        .find(|line| line.at_ms > from)
}

/// The line of a slot of time, if one is said in it.
fn said(world: &ShopWorld, run: &Run<'_>, voice: &Voice, slot: i64) -> Option<LogLine> {
    let name = text(run.pod, "/metadata/name").unwrap_or_default();
    let number = world.chance.at(&["says", name], slot);
    (number % 100 < voice.percent).then(|| LogLine {
        at_ms: slot * voice.every_ms + (number >> 8) as i64 % voice.every_ms,
        text: (voice.words)(number >> 20),
    })
}

/// How one application talks.
struct Voice {
    every_ms: i64,
    percent: u64,
    words: fn(u64) -> String,
}

/// None: it says nothing after its start.
fn voice(world: &ShopWorld, run: &Run<'_>, at_ms: i64) -> Option<Voice> {
    let talk = |every_ms, percent, words| {
        Some(Voice {
            every_ms,
            percent,
            words,
        })
    };
    match app_of(run.pod) {
        SICK if is_crashing(world, run) => None,
        "nightly-report" => None,
        CAUSE if run.started_ms < world.stuck_ms && at_ms >= world.stuck_ms => talk(900, 85, stuck_ledger),
        CAUSE => talk(800, 80, ledger),
        "web" | "ingress-nginx" | "api" | "gateway" => talk(500, 75, requests),
        "elastic" | "prometheus" => talk(9000, 60, storage),
        "indexer" | "reindex-by-hand" | "recommender" | "image-resizer" | "fraud-score" => talk(2500, 70, work),
        "kube-proxy" | "cni-node" | "node-exporter" | "metrics-server" => talk(30_000, 40, quiet),
        _ => talk(1500, 60, service),
    }
}

/// A start after the ledger was full, and not the one that worked again.
fn is_crashing(world: &ShopWorld, run: &Run<'_>) -> bool {
    app_of(run.pod) == SICK && run.started_ms >= world.stuck_ms && !world.mended_by(run.started_ms)
}

/// What it says at each start.
fn opening(world: &ShopWorld, run: &Run<'_>) -> Vec<String> {
    let image = text(run.pod, "/spec/containers/0/image").unwrap_or_default();
    let version = image.rsplit(':').next().unwrap_or_default();
    let name = app_of(run.pod);
    let rest: &[&str] = match name {
        SICK if is_crashing(world, run) => &[
            "INFO  opening 30 connections to ledger.shop.svc:7000",
            "ERROR cannot reach ledger: connection refused, 100 of 100 connections in use",
            "ERROR no ledger, no orders: giving up, exit 3",
        ],
        SICK => &[
            "INFO  opening 30 connections to ledger.shop.svc:7000",
            "INFO  ledger answers, 30 connections open",
            "INFO  taking orders on :8080",
        ],
        CAUSE => &[
            "INFO  replayed 18,204 entries in 0.2 s",
            "INFO  serving on :7000, at most 100 connections",
        ],
        "nightly-report" => &[
            "INFO  report for yesterday",
            "ERROR column \"vat_class\" does not exist",
            "ERROR report failed, exit 1",
        ],
        _ => &["INFO  ready"],
    };
    let first = format!("INFO  {name} {version} starting");
    std::iter::once(first)
        .chain(rest.iter().map(|line| (*line).to_owned()))
        .collect()
}

fn pick<'a>(number: u64, from: &[&'a str]) -> &'a str {
    from[(number % from.len() as u64) as usize]
}

fn requests(n: u64) -> String {
    let path = pick(
        n,
        &[
            "/",
            "/catalog/41882",
            "/catalog?page=2",
            "/cart",
            "/search?q=lamp",
            "/account",
            "/static/app.js",
        ],
    );
    // Whoever wants to pay meets the trouble; the rest is well.
    let (method, path, code) = match n >> 16 {
        m if m % 9 == 0 => ("POST", "/checkout", 502),
        m if m % 7 == 0 => ("POST", "/cart/items", 201),
        _ => ("GET", path, 200),
    };
    format!("INFO  {method} {path} {code} {} ms", 3 + (n >> 24) % 90)
}

fn service(n: u64) -> String {
    let what = pick(
        n,
        &[
            "refreshed cache",
            "served batch",
            "heartbeat ok",
            "synced",
            "handled event",
        ],
    );
    format!(
        "INFO  {what}, {} items in {} ms",
        1 + (n >> 8) % 240,
        1 + (n >> 16) % 60
    )
}

fn stuck_ledger(n: u64) -> String {
    if n.is_multiple_of(4) {
        return "ERROR 100 of 100 connections in use, 90 held by clients that are gone".to_owned();
    }
    format!(
        "WARN  connection {} idle, its client checkout 2.3.7 is gone",
        1 + (n >> 8) % 90
    )
}

fn ledger(n: u64) -> String {
    format!(
        "INFO  booked order {} in {} ms",
        880_000 + n % 90_000,
        2 + (n >> 20) % 9
    )
}

fn storage(n: u64) -> String {
    let what = pick(
        n,
        &[
            "compacted blocks",
            "flushed segment",
            "checkpoint complete",
            "merged 4 segments",
        ],
    );
    format!("level=info msg=\"{what}\" took={}ms", 40 + (n >> 8) % 900)
}

fn work(n: u64) -> String {
    format!(
        "INFO  batch {} done: {} documents, {} ms",
        n % 9000,
        100 + (n >> 12) % 400,
        200 + (n >> 20) % 900
    )
}

fn quiet(n: u64) -> String {
    format!(
        "I1124 1 {}.go:{}] synced {} rules",
        pick(n, &["proxier", "sync", "server"]),
        100 + n % 400,
        40 + (n >> 9) % 50
    )
}
