//! (live) A collection as a table: listed in pages, then watched, or asked for again where no
//! watch is possible. Decides what a failure means: try again, list anew, or tell and end.

use std::sync::Arc;

use super::painter::Painter;
use super::watching::{WatchEnd, watch};
use super::{Backoff, Pace, Pulse};
use crate::cluster::clock::{boot_ms, wall_ms};
use crate::cluster::fault::Fault;
use crate::cluster::query::{Freshness, Reading, RowsQuery};
use crate::cluster::reader::{Out, Reader, Unheard};
use crate::cluster::table::{Collection, Keep, Page, TABLE};
use crate::cluster::uri::uri;
use crate::model::Verb;

/// Objects per page: the first one is painted in tens of milliseconds, and no page is large.
const PAGE: &str = "500";

/// An interruption is told after so many attempts, and a watch that is refused while the list is
/// allowed is given up.
const TOLD_AFTER: u32 = 3;

/// A refusal of what worked before is believed after so many attempts, some eight seconds: a
/// server that is just starting refuses people it knows.
const BELIEVED_AFTER: u32 = 6;

pub async fn run(reader: &Reader, query: &RowsQuery, out: &Out) -> Result<(), Unheard> {
    Live::new(reader, query, None, out).run().await
}

/// The query's selectors as parameters of a request.
pub fn selection(query: &RowsQuery) -> Vec<(&'static str, &str)> {
    let mut parameters = Vec::new();
    if let Some(labels) = &query.labels {
        parameters.push(("labelSelector", labels.as_str()));
    }
    if let Some(fields) = &query.fields {
        parameters.push(("fieldSelector", fields.as_str()));
    }
    parameters
}

/// One live collection.
pub struct Live<'a> {
    pub(super) reader: &'a Reader,
    pub(super) query: &'a RowsQuery,
    pub(super) collection: Collection,
    pub(super) painter: Painter<'a>,
    pub(super) backoff: Backoff,
    pub(super) pace: Pace,
    pub(super) accept: &'static str,
    out: &'a Out,
    watchable: bool,
}

async fn page(reader: &Reader, query: &RowsQuery, accept: &mut &'static str, next: &str) -> Result<Page, Fault> {
    let mut parameters = selection(query);
    parameters.push(("limit", PAGE));
    if *accept == TABLE {
        parameters.push(("includeObject", "Metadata"));
    }
    if !next.is_empty() {
        parameters.push(("continue", next));
    }
    let uri = uri(&query.resource.path(query.namespace.as_deref()), &parameters);
    match reader.get(&uri, accept).await {
        // An extension API server that knows no tables and says so.
        Err(fault) if fault.code() == Some(406) && *accept == TABLE => {
            *accept = "application/json";
            Box::pin(page(reader, query, accept, next)).await
        }
        answer => answer,
    }
}

/// What follows a failure.
enum Next {
    /// After a pause that was waited for.
    Again,
    /// It was told; the read is over.
    End,
}

impl<'a> Live<'a> {
    pub fn new(reader: &'a Reader, query: &'a RowsQuery, keep: Option<Keep>, out: &'a Out) -> Self {
        let pace = reader.pace();
        Self {
            reader,
            query,
            collection: Collection::new(Arc::clone(&query.resource), keep),
            painter: Painter::new(out, pace),
            backoff: Backoff::new(pace.backoff),
            pace,
            accept: TABLE,
            out,
            watchable: query.resource.can(Verb::Watch),
        }
    }

    pub async fn run(mut self) -> Result<(), Unheard> {
        loop {
            if let Err(fault) = self.list().await? {
                match self.failed(&fault, "list").await? {
                    Next::Again => continue,
                    Next::End => return Ok(()),
                }
            }
            self.backoff.reset();
            if !self.watchable {
                self.painter.say(Freshness::Refreshed { at_boot_ms: boot_ms() }).await?;
                tokio::time::sleep(self.pace.refresh).await;
                continue;
            }
            if let Next::End = self.watch_on().await? {
                return Ok(());
            }
        }
    }

    /// Watches from the last version until a listing is needed.
    async fn watch_on(&mut self) -> Result<Next, Unheard> {
        loop {
            let fault = match watch(self).await? {
                WatchEnd::Resume => continue,
                WatchEnd::Gone => return Ok(Next::Again),
                WatchEnd::Failed(fault) => fault,
            };
            match fault.code() {
                Some(410) => return Ok(Next::Again),
                // The list was allowed a moment ago: only the watch is not.
                Some(403 | 405) if self.backoff.failures() >= TOLD_AFTER => {
                    tracing::info!(resource = %self.query.resource.plural, "no watch, refreshed instead");
                    self.watchable = false;
                    return Ok(Next::Again);
                }
                Some(403 | 405) => self.pause(&fault).await,
                _ => match self.failed(&fault, "watch").await? {
                    Next::Again => {}
                    Next::End => return Ok(Next::End),
                },
            }
        }
    }

    /// All pages. The outer error is a receiver that is gone.
    async fn list(&mut self) -> Result<Result<(), Fault>, Unheard> {
        self.collection.begin_listing();
        if !self.collection.is_known() {
            self.painter.say(Freshness::Loading { rows: 0 }).await?;
        }
        let mut next = String::new();
        loop {
            let page = match self.page(&next).await? {
                Ok(page) => page,
                Err(fault) => return Ok(Err(fault)),
            };
            self.collection.add_page(&page, wall_ms());
            next = page.metadata.next;
            if next.is_empty() {
                self.collection.end_listing(page.metadata.resource_version);
                self.painter.paint(self.collection.snapshot()).await?;
                return Ok(Ok(()));
            }
            if !self.collection.is_known() {
                let rows = self.collection.len();
                self.painter.paint(self.collection.snapshot()).await?;
                self.painter.say(Freshness::Loading { rows }).await?;
            }
        }
    }

    /// The next page. A server that says nothing meanwhile, not to a ping either, is told to be silent.
    async fn page(&mut self, next: &str) -> Result<Result<Page, Fault>, Unheard> {
        let heartbeat = self.reader.heartbeat();
        let asked = boot_ms();
        let mut page = std::pin::pin!(page(self.reader, self.query, &mut self.accept, next));
        let mut beat = std::pin::pin!(heartbeat.beat(self.reader));
        loop {
            let heard = heartbeat.heard_ms().max(asked);
            let is_old = self.painter.is_old(heard);
            if is_old {
                self.painter.say_stale(heard).await?;
            }
            tokio::select! {
                biased;
                page = &mut page => return Ok(page),
                // Once it is said only the page is waited for, and the beat goes on: others listen to it.
                () = tokio::time::sleep(self.painter.until_stale(heard)), if !is_old => {}
                never = &mut beat => match never {},
            }
        }
    }

    /// Tells of a failure and waits, or ends. A first answer of "no" is final; one that comes
    /// after it worked is asked again before it is believed.
    async fn failed(&mut self, fault: &Fault, verb: &str) -> Result<Next, Unheard> {
        // The server forgot the version of the list in the middle of it.
        if fault.code() == Some(410) && self.backoff.failures() < TOLD_AFTER {
            self.backoff.next(None);
            return Ok(Next::Again);
        }
        let known = self.collection.is_known();
        let believed = !known || self.backoff.failures() >= BELIEVED_AFTER;
        let lasting = known && (fault.code() == Some(401) || matches!(fault, Fault::Trouble(_)));
        if !fault.may_pass() && !lasting && believed {
            self.out.fail(fault, &self.asked(verb)).await?;
            return Ok(Next::End);
        }
        if known {
            let heard = self.reader.heartbeat().heard_ms();
            self.painter.say_age(heard, self.backoff.failures() == 0).await?;
        }
        // The first attempt comes at once and is not worth a word; a short interruption is told by
        // the title alone.
        if !known || self.backoff.failures() == TOLD_AFTER {
            let error = fault.read_error(&self.asked(verb), true);
            self.out.send(Reading::Failed(error)).await?;
        }
        self.pause(fault).await;
        Ok(Next::Again)
    }

    /// Waits the backoff, or until the server answers again.
    async fn pause(&mut self, fault: &Fault) {
        let pause = self.backoff.next(fault.retry_after());
        let heartbeat = self.reader.heartbeat();
        let mut pulse = heartbeat.pulse();
        let was = pulse.borrow_and_update().returns;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = heartbeat.beat(self.reader) => {}
            () = Pulse::returned(&mut pulse, was) => {}
        }
    }

    /// `list pods in shop`.
    fn asked(&self, verb: &str) -> String {
        let kind = self.query.resource.qualified();
        match &self.query.namespace {
            Some(namespace) => format!("{verb} {kind} in {namespace}"),
            None if self.query.resource.namespaced => format!("{verb} {kind} in all namespaces"),
            None => format!("{verb} {kind}"),
        }
    }
}
