//! Log lines of a container, a pod, or all pods of a workload; followed ones go on over restarts
//! and cut connections without losing or repeating a line, and say so where they cannot.

mod merge;
mod resume;
mod source;
mod tail;

#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::live::Live;
use super::pods_of;
use super::query::{LogLine, LogQuery, LogSource, ReadError, Reading};
use super::reader::{Out, Reader, Unheard};
use crate::model::{ObjectRef, Snapshot};
use merge::Merge;
use source::{Source, sources};
use tail::Tail;

/// Streams at once. Each is a connection to the API server and one to a kubelet.
const MOST: usize = 50;

/// Batches that may wait; then streams are not read further.
const WAITING: usize = 16;

pub(super) async fn run(reader: &Reader, query: &LogQuery, out: &Out) -> Result<(), Unheard> {
    match &query.source {
        LogSource::Pod { pod, container } => {
            let tails = match sources(reader, pod, container.as_deref()).await {
                Ok(tails) => tails,
                Err(error) => return out.send(Reading::Failed(error)).await,
            };
            let mut logs = Logs::new(reader, query, out);
            logs.add(tails, false);
            logs.until_ended().await
        }
        LogSource::Workload(object) => workload(reader, query, object, out).await,
    }
}

/// The pods of a workload now, and, if followed, those that come later.
async fn workload(reader: &Reader, query: &LogQuery, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let selection = match pods_of::selection(reader, object).await {
        Ok(selection) => selection,
        Err(error) => return out.send(Reading::Failed(error)).await,
    };
    let (sender, mut pods) = mpsc::channel(1);
    let watching = async move {
        let inner = Out::new(sender);
        Live::new(reader, &selection.query, selection.keep, &inner).run().await
    };
    let reading = async move {
        let mut logs = Logs::new(reader, query, out);
        let mut late = false;
        while let Some(reading) = logs.until(&mut pods).await? {
            match reading {
                Reading::Rows(snapshot) if snapshot.complete => {
                    logs.add_pods(&snapshot, late).await;
                    late = true;
                    if !query.follow {
                        // No later pods are wanted: this ends the watch too.
                        drop(pods);
                        return logs.until_ended().await;
                    }
                }
                Reading::Failed(error) if !error.retrying => out.send(Reading::Failed(error)).await?,
                _ => {}
            }
        }
        logs.until_ended().await
    };
    let mut reading = std::pin::pin!(reading);
    tokio::select! {
        done = &mut reading => done,
        // The list of pods failed for good; the lines of those that are known go on.
        _ = watching => reading.await,
    }
}

/// The running tails and what they have read.
struct Logs<'a> {
    reader: &'a Reader,
    query: &'a LogQuery,
    out: &'a Out,
    tails: FuturesUnordered<BoxFuture<'a, (Source, Result<(), ReadError>)>>,
    batches: (mpsc::Sender<Vec<LogLine>>, mpsc::Receiver<Vec<LogLine>>),
    merge: Merge,
    /// To be sent as soon as there is room; until then nothing more is read.
    outgoing: VecDeque<Reading>,
    known: HashSet<String>,
    many_told: bool,
}

impl<'a> Logs<'a> {
    fn new(reader: &'a Reader, query: &'a LogQuery, out: &'a Out) -> Self {
        Self {
            reader,
            query,
            out,
            tails: FuturesUnordered::new(),
            batches: mpsc::channel(WAITING),
            merge: Merge::default(),
            outgoing: VecDeque::new(),
            known: HashSet::new(),
            many_told: false,
        }
    }

    /// Starts the logs of pods that were not there before.
    async fn add_pods(&mut self, snapshot: &Snapshot, late: bool) {
        for row in snapshot.rows.iter() {
            let pod = snapshot.object(row);
            let id = pod.uid.clone().unwrap_or_else(|| pod.name.clone());
            if !self.known.insert(id) {
                continue;
            }
            // A pod that has gone meanwhile has no log to read.
            match sources(self.reader, &pod, None).await {
                Ok(sources) => self.add(sources, late),
                Err(error) => tracing::info!(%error, %pod, "no log of a pod"),
            }
        }
    }

    /// `late`: it came while the others were followed, so all of it is new.
    fn add(&mut self, sources: Vec<Source>, late: bool) {
        for source in sources {
            if self.tails.len() >= MOST {
                if !std::mem::replace(&mut self.many_told, true) {
                    let text = format!("only {MOST} containers are read at once; choose a pod for the others");
                    self.merge.add(vec![source.note(&text)]);
                }
                return;
            }
            let tail = Tail::new(self.reader, source.clone(), self.query, late, self.batches.0.clone());
            self.tails.push(Box::pin(async move { (source, tail.run().await) }));
            self.merge.sources += 1;
        }
    }

    /// Reads on until `pods` says something; None when it is closed.
    async fn until(&mut self, pods: &mut mpsc::Receiver<Reading>) -> Result<Option<Reading>, Unheard> {
        loop {
            tokio::select! {
                reading = pods.recv() => return Ok(reading),
                told = self.step(), if !self.is_idle() => told?,
            }
        }
    }

    async fn until_ended(mut self) -> Result<(), Unheard> {
        while !self.is_idle() {
            self.step().await?;
        }
        Ok(())
    }

    /// Nothing runs, waits or is held.
    fn is_idle(&self) -> bool {
        self.tails.is_empty() && self.merge.is_empty() && self.batches.1.is_empty() && self.outgoing.is_empty()
    }

    /// One thing that happens. Safe to cancel: what was taken from somewhere is kept in `self`
    /// before anything is waited for.
    async fn step(&mut self) -> Result<(), Unheard> {
        if !self.outgoing.is_empty() {
            let room = self.out.room().await?;
            if let Some(reading) = self.outgoing.pop_front() {
                room.send(reading);
            }
            return Ok(());
        }
        let running = !self.tails.is_empty();
        let due = if running {
            self.merge.due()
        } else {
            self.merge.due_now()
        };
        tokio::select! {
            biased;
            () = super::live::at(due), if due.is_some() => {
                self.outgoing.extend(self.merge.take().into_iter().map(Reading::Logs));
            }
            Some(batch) = self.batches.1.recv(), if running || !self.batches.1.is_empty() => self.merge.add(batch),
            Some(ended) = self.tails.next(), if running => match ended {
                (_, Ok(())) => {}
                (_, Err(error)) if self.merge.sources == 1 => self.outgoing.push_back(Reading::Failed(error)),
                // One of several must not hide the others.
                (source, Err(error)) => self.merge.add(vec![source.note(&error.to_string())]),
            }
        }
        Ok(())
    }
}
