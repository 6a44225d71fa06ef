//! An open watch: changes as they happen, resumed from a revision, ended by its timeout or when a
//! test cuts the line. Like a real server it does not look at the credential again once it is open.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::answer::{Answer, Outcome};
use super::collection::in_scope;
use super::kinds::Kind;
use super::refusal::Refusal;
use super::request::{Attributes, Params};
use super::selector::Selector;
use super::server::Shared;
use super::store::{Change, Store};
use super::table::Form;

/// As long as a real server lets one run that names no timeout, at least.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1800);
/// So often a watch that asked for bookmarks is told how far it is, and once before it ends.
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);
const BEFORE_END: Duration = Duration::from_secs(2);

struct Watch {
    shared: Arc<Shared>,
    kind: &'static Kind,
    at: Attributes,
    selector: Selector,
    form: Form,
    seen: u64,
    ready: VecDeque<Value>,
    told_columns: bool,
    until: Instant,
    bookmarks: bool,
    bookmark_at: Instant,
    changed: watch::Receiver<u64>,
    moved: watch::Receiver<u64>,
    cut: watch::Receiver<u64>,
}

/// Opens a watch; `store` is locked by the caller, so nothing is missed between list and watch.
pub(super) fn open(
    shared: &Arc<Shared>,
    store: &Store,
    kind: &'static Kind,
    at: &Attributes,
    query: &Params,
    form: Form,
) -> Outcome {
    let asked = query.get("resourceVersion").unwrap_or("0");
    let from: u64 = asked.parse().map_err(|_| Refusal::unreadable_revision(asked))?;
    check_initial(query)?;
    let initial = from == 0 || query.is_true("sendInitialEvents");
    let timeout = query
        .get("timeoutSeconds")
        .and_then(|s| s.parse().ok())
        .map_or(DEFAULT_TIMEOUT, Duration::from_secs);
    let mut watch = Watch {
        shared: Arc::clone(shared),
        kind,
        at: at.clone(),
        selector: Selector::parse(kind, query)?,
        form,
        seen: if initial { store.revision() } else { from },
        ready: VecDeque::new(),
        told_columns: false,
        until: Instant::now() + timeout,
        bookmarks: query.is_true("allowWatchBookmarks"),
        bookmark_at: Instant::now() + BOOKMARK_EVERY,
        changed: store.follow(),
        moved: shared.clock.moves(),
        cut: shared.cut.subscribe(),
    };
    // A watch that is over sooner than that is told nothing in between.
    let last = timeout.checked_sub(BEFORE_END).filter(|wait| !wait.is_zero());
    watch.bookmark_at = last.map_or(watch.until, |wait| watch.bookmark_at.min(Instant::now() + wait));
    watch.cut.mark_unchanged();
    if initial {
        watch.fill_initial(store, query.is_true("sendInitialEvents"));
    } else if let Err(oldest) = store.since(from) {
        return Err(Refusal::expired(from, oldest));
    }
    let chunks = stream::unfold(watch, |mut watch| async move {
        watch.next().await.map(|chunk| (chunk, watch))
    });
    Ok(Answer::stream("application/json", chunks.boxed()))
}

/// A streaming list must say what it means, or a real server refuses it.
fn check_initial(query: &Params) -> Result<(), Refusal> {
    let matched = query.get("resourceVersionMatch");
    let refuse = |field: &str, why: &str| Err(Refusal::invalid("meta.k8s.io", "ListOptions", "", field, why));
    match (query.get("sendInitialEvents"), matched) {
        (Some(_), Some("NotOlderThan")) if query.is_true("allowWatchBookmarks") => Ok(()),
        (Some("true"), Some("NotOlderThan")) => refuse(
            "sendInitialEvents",
            "Forbidden: sendInitialEvents requires allowWatchBookmarks to be true",
        ),
        (Some(_), _) => refuse(
            "resourceVersionMatch",
            "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (None, Some(_)) => refuse(
            "resourceVersionMatch",
            "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (None, None) => Ok(()),
    }
}

impl Watch {
    fn fill_initial(&mut self, store: &Store, streaming_list: bool) {
        let now = self.shared.clock.now_ms();
        let present: Vec<Value> = store
            .of_kind(self.kind)
            .filter(|(key, object)| in_scope(key, &self.at) && self.selector.matches(object))
            .map(|(_, object)| object.clone())
            .collect();
        for object in present {
            self.push("ADDED", &object, now);
        }
        if streaming_list {
            let metadata = json!({
                "resourceVersion": store.revision().to_string(), "creationTimestamp": null,
                "annotations": {"k8s.io/initial-events-end": "true"},
            });
            self.bookmark(&metadata);
        }
    }

    fn bookmark(&mut self, metadata: &Value) {
        let object = self.form.bookmark(self.kind, metadata);
        self.ready.push_back(json!({"type": "BOOKMARK", "object": object}));
    }

    fn push(&mut self, event: &str, object: &Value, now_ms: i64) {
        let shown = self.form.one(object, !self.told_columns, now_ms);
        self.told_columns = true;
        self.ready.push_back(json!({"type": event, "object": shown}));
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Bytes::from(format!("{event}\n")));
            }
            let due = self.collect();
            if self.ready.is_empty() && !self.wait(due).await {
                return None;
            }
        }
    }

    /// Takes what happened since the last look; returns how long until something is due.
    fn collect(&mut self) -> Option<Duration> {
        let shared = Arc::clone(&self.shared);
        let now = shared.clock.now_ms();
        let mut state = shared.settled();
        self.changed.mark_unchanged();
        self.moved.mark_unchanged();
        let next = state.settled.next_ms();
        let store = &mut state.store;
        match store.since(self.seen) {
            Ok(changes) => {
                for change in changes {
                    if let Some((event, object)) = self.event_of(change) {
                        self.push(event, &object, now);
                    }
                }
                self.seen = store.revision();
            }
            Err(oldest) => {
                let gone = Refusal::expired(self.seen, oldest).to_value();
                self.ready.push_back(json!({"type": "ERROR", "object": gone}));
                self.until = Instant::now();
            }
        }
        next.map(|due| Duration::from_millis(due.saturating_sub(now).max(1) as u64))
    }

    fn event_of(&self, change: &Change) -> Option<(&'static str, Value)> {
        if !change.key.is_of(self.kind) || !in_scope(&change.key, &self.at) {
            return None;
        }
        let selected = |object: &Option<Value>| object.clone().filter(|o| self.selector.matches(o));
        match (selected(&change.before), selected(&change.after)) {
            (None, Some(after)) => Some(("ADDED", after)),
            (Some(_), Some(after)) => Some(("MODIFIED", after)),
            (Some(mut before), None) => {
                // The last state, under the revision of the deletion.
                before["metadata"]["resourceVersion"] = json!(change.revision.to_string());
                Some(("DELETED", before))
            }
            (None, None) => None,
        }
    }

    /// False when the watch is over.
    async fn wait(&mut self, due: Option<Duration>) -> bool {
        let now = Instant::now();
        if now >= self.until {
            return false;
        }
        if self.bookmarks && now >= self.bookmark_at {
            self.bookmark_at = if now + BEFORE_END >= self.until {
                self.until
            } else {
                (now + BOOKMARK_EVERY).min(self.until - BEFORE_END)
            };
            self.bookmark(&json!({"resourceVersion": self.seen.to_string(), "creationTimestamp": null}));
            return true;
        }
        let next = if self.bookmarks {
            self.until.min(self.bookmark_at)
        } else {
            self.until
        };
        let due = sleep(due.unwrap_or(DEFAULT_TIMEOUT));
        tokio::select! {
            _ = self.cut.changed() => false,
            _ = self.changed.changed() => true,
            _ = self.moved.changed() => true,
            () = due => true,
            () = sleep_until(next) => next < self.until,
        }
    }
}
