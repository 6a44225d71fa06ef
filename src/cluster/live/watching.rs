//! One watch from its opening to its end: events go into the collection, pictures out, and the
//! heartbeat says whether silence is rest or death.

use std::time::Duration;

use tokio::time::Instant;

use super::rows::{Live, selection};
use crate::cluster::clock::wall_ms;
use crate::cluster::fault::{Fault, Status};
use crate::cluster::lines::Lines;
use crate::cluster::reader::Unheard;
use crate::cluster::table::{Event, TABLE, WatchObject};
use crate::cluster::uri::uri;

/// The server ends it after this; a fresh request keeps load balancers content.
const TIMEOUT_SECONDS: &str = "1800";

/// A server that is well answers at once; one that is frozen is said to be stale soon after.
const OPENING: Duration = Duration::from_secs(4);

/// Longer than any object a server stores.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// A watch that ends sooner than this after its opening counts as a failure.
const BRIEF: Duration = Duration::from_secs(1);

pub enum WatchEnd {
    /// To be opened again from the last version.
    Resume,
    /// The version is too old: list anew.
    Gone,
    Failed(Fault),
}

/// What woke the loop.
enum Woken {
    Line(Result<Option<Vec<u8>>, Fault>),
    Paint,
    Clock,
    Returned,
    Idle,
}

pub async fn watch(live: &mut Live<'_>) -> Result<WatchEnd, Unheard> {
    let stream = match live.reader.open(&request(live), live.accept, Some(OPENING)).await {
        Ok(body) => Lines::new(body, LONGEST_EVENT),
        Err(fault) => return Ok(WatchEnd::Failed(fault)),
    };
    let opened = Instant::now();
    let end = follow(live, stream).await?;
    match end {
        // A server or proxy that closes at once must not be asked in a tight loop.
        WatchEnd::Resume if opened.elapsed() < BRIEF => {
            let pause = live.backoff.next(None);
            tokio::time::sleep(pause).await;
        }
        _ => live.backoff.reset(),
    }
    Ok(end)
}

fn request(live: &Live<'_>) -> String {
    let mut parameters = selection(live.query);
    parameters.push(("watch", "true"));
    parameters.push(("allowWatchBookmarks", "true"));
    parameters.push(("timeoutSeconds", TIMEOUT_SECONDS));
    if live.accept == TABLE {
        parameters.push(("includeObject", "Metadata"));
    }
    parameters.push(("resourceVersion", &live.collection.resource_version));
    uri(&live.query.resource.path(live.query.namespace.as_deref()), &parameters)
}

async fn follow(live: &mut Live<'_>, mut stream: Lines) -> Result<WatchEnd, Unheard> {
    let reader = live.reader;
    let heartbeat = reader.heartbeat();
    let mut beat = std::pin::pin!(heartbeat.beat(reader));
    let mut pulse = heartbeat.pulse();
    pulse.mark_unchanged();
    let mut last = Instant::now();
    loop {
        live.painter.say_age(heartbeat.heard_ms(), true).await?;
        let stale_in = live.painter.until_stale(heartbeat.heard_ms());
        let due = live.painter.due();
        let woken = tokio::select! {
            biased;
            line = stream.next() => Woken::Line(line),
            () = at(due), if due.is_some() => Woken::Paint,
            changed = pulse.changed() => match changed {
                Ok(()) if pulse.borrow_and_update().answers => Woken::Returned,
                _ => Woken::Clock,
            },
            () = tokio::time::sleep(stale_in) => Woken::Clock,
            () = tokio::time::sleep_until(last + live.pace.idle) => Woken::Idle,
            never = &mut beat => match never {},
        };
        match woken {
            Woken::Line(Ok(Some(line))) => {
                heartbeat.heard();
                last = Instant::now();
                if let Some(end) = take(live, &line) {
                    return Ok(end);
                }
                // Everything that has arrived belongs into one picture.
                while let Some(line) = stream.held_line() {
                    if let Some(end) = take(live, &line) {
                        return Ok(end);
                    }
                }
            }
            Woken::Line(Err(fault)) => return flush(live, WatchEnd::Failed(fault)).await,
            Woken::Paint => live.painter.paint(live.collection.snapshot()).await?,
            Woken::Clock => {}
            // After a silence the old connection may be dead without knowing it.
            Woken::Returned | Woken::Idle | Woken::Line(Ok(None)) => return flush(live, WatchEnd::Resume).await,
        }
    }
}

pub async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// What came before the end is still shown.
async fn flush(live: &mut Live<'_>, end: WatchEnd) -> Result<WatchEnd, Unheard> {
    if live.painter.due().is_some() {
        live.painter.paint(live.collection.snapshot()).await?;
    }
    Ok(end)
}

/// One event into the collection; the end of the watch if it was one.
fn take(live: &mut Live<'_>, line: &[u8]) -> Option<WatchEnd> {
    if line.is_empty() {
        return None;
    }
    let event: Event<WatchObject> = match serde_json::from_slice(line) {
        Ok(event) => event,
        Err(error) => {
            // A cut line ends the watch too; the version before it is where to go on.
            tracing::warn!(line = error.line(), column = error.column(), "unreadable watch event");
            return Some(WatchEnd::Resume);
        }
    };
    match event.kind.as_str() {
        "ERROR" => {
            return Some(match event.object.code {
                410 => WatchEnd::Gone,
                code => WatchEnd::Failed(Fault::from_event(&Status {
                    code,
                    message: event.object.message,
                    details: None,
                })),
            });
        }
        // Its object is empty; only the version counts.
        "BOOKMARK" => {}
        kind => {
            if live.collection.apply(kind, &event.object, wall_ms()) {
                live.painter.touch();
            }
        }
    }
    if let Some(version) = event.object.resource_version() {
        version.clone_into(&mut live.collection.resource_version);
    }
    None
}
