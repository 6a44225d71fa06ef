//! Reads the log of one container from where it was left, again and again while it is followed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::resume::{Resume, Verdict};
use super::source::{Condition, Source};
use crate::cluster::fault::Fault;
use crate::cluster::lines::Lines;
use crate::cluster::live::{Backoff, Pulse};
use crate::cluster::query::{LogLine, LogQuery, ReadError};
use crate::cluster::reader::Reader;
use crate::cluster::uri::uri;
use crate::model::LogText;

/// The kubelet cuts lines at 16 KiB; who writes longer ones without a line end gets pieces.
const LONGEST: usize = 1024 * 1024;

/// Lines are handed on in batches: when so many are held, or after so long.
const BATCH: usize = 1_000;
const HOLD: Duration = Duration::from_millis(20);

/// A cut connection is mended silently this often.
const TOLD_AFTER: u32 = 3;

/// While a container is between two runs its pod is asked this often.
const ASK_AGAIN: Duration = Duration::from_secs(2);

pub(super) struct Tail<'a> {
    reader: &'a Reader,
    source: Source,
    query: &'a LogQuery,
    /// It came while others were followed: all of it is new.
    late: bool,
    batches: Sender<Vec<LogLine>>,
    resume: Resume,
    backoff: Backoff,
    /// Restarts of the container when its log was opened last.
    restarts: Option<u64>,
    /// How the container ended. Its log is read once more to the end: it may have run and ended
    /// while it was waited for, or written between the cut of a stream and its end.
    ended: Option<String>,
    /// The note that was given last, so that none is repeated.
    noted: String,
}

/// Nobody reads on.
struct Closed;

impl<'a> Tail<'a> {
    pub fn new(
        reader: &'a Reader,
        source: Source,
        query: &'a LogQuery,
        late: bool,
        batches: Sender<Vec<LogLine>>,
    ) -> Self {
        Self {
            reader,
            source,
            query,
            late,
            batches,
            resume: Resume::default(),
            backoff: Backoff::new(reader.pace().backoff),
            restarts: None,
            ended: None,
            noted: String::new(),
        }
    }

    /// Until the log has ended, or somebody must be told why it cannot be read.
    pub async fn run(mut self) -> Result<(), ReadError> {
        if self.follows()
            && let Ok(
                Condition::Running { restarts }
                | Condition::Waiting { restarts, .. }
                | Condition::Ended { restarts, .. },
            ) = self.condition().await
        {
            self.restarts = Some(restarts);
        }
        loop {
            let Ok(read) = self.read().await else {
                return Ok(());
            };
            if let Some(how) = self.ended.take() {
                self.note(&how).await;
                return Ok(());
            }
            match read {
                Ok(()) if !self.follows() => return Ok(()),
                Err(fault) if !self.follows() => return Err(self.read_error(&fault)),
                read => {
                    if !self.goes_on(read.err()).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A previous run has ended; there is nothing to follow.
    fn follows(&self) -> bool {
        self.query.follow && !self.query.previous && self.ended.is_none()
    }

    async fn condition(&self) -> Result<Condition, Fault> {
        self.source.condition(self.reader).await
    }

    fn read_error(&self, fault: &Fault) -> ReadError {
        let asked = format!("log of {} in {}", self.source.container, self.source.pod.name);
        fault.read_error(&asked, false)
    }

    /// After the stream has ended: waits until there is more to read, or says why there is not.
    async fn goes_on(&mut self, fault: Option<Fault>) -> Result<bool, ReadError> {
        let was_cut = fault.as_ref().is_some_and(Fault::may_pass);
        if let Some(fault) = fault {
            match fault.code() {
                // Not started yet, or no log yet: its condition tells.
                Some(400 | 404) => {}
                _ if was_cut => self.interrupted(&fault).await,
                _ => return Err(self.read_error(&fault)),
            }
        }
        while !self.batches.is_closed() {
            match self.condition().await {
                Ok(Condition::Gone(how)) => {
                    self.note(how).await;
                    return Ok(false);
                }
                Ok(Condition::Ended { restarts, how }) => {
                    self.goes_on_in(restarts).await;
                    self.ended = Some(how);
                    return Ok(true);
                }
                Ok(Condition::Waiting { restarts, how }) if self.restarts == Some(restarts) && !was_cut => {
                    self.note(&how).await;
                    tokio::time::sleep(ASK_AGAIN).await;
                }
                Ok(Condition::Running { restarts } | Condition::Waiting { restarts, .. }) => {
                    if self.goes_on_in(restarts).await {
                        // Cut on the way, or the kubelet has rotated the file.
                        let pause = self.backoff.next(None);
                        tokio::time::sleep(pause).await;
                    }
                    return Ok(true);
                }
                Err(fault) if fault.may_pass() => self.interrupted(&fault).await,
                Err(fault) => return Err(self.read_error(&fault)),
            }
        }
        Ok(false)
    }

    /// The log is read on in the run after so many restarts. True if it is the same run as before.
    async fn goes_on_in(&mut self, restarts: u64) -> bool {
        let before = self.restarts.replace(restarts);
        let Some(before) = before.filter(|before| *before != restarts) else {
            self.resume.reopened();
            return true;
        };
        self.resume.restarted();
        let missed = restarts.saturating_sub(before + 1);
        let text = match missed {
            0 => "container restarted".to_owned(),
            _ => format!("container restarted; the log of {missed} runs in between was missed"),
        };
        self.note(&text).await;
        false
    }

    /// Waits; tells of it when it lasts.
    async fn interrupted(&mut self, fault: &Fault) {
        if self.backoff.failures() == TOLD_AFTER {
            let cause = self.read_error(fault).cause;
            self.note(&format!("{cause}; it is tried again")).await;
        }
        let pause = self.backoff.next(fault.retry_after());
        tokio::time::sleep(pause).await;
    }

    async fn note(&mut self, text: &str) {
        if self.noted != text {
            text.clone_into(&mut self.noted);
            // A closed channel is noticed by whoever reads next.
            let _ = self.batches.send(vec![self.source.note(text)]).await;
        }
    }

    fn uri(&self) -> String {
        let (tail, since) = (
            self.query.tail.map(|n| n.to_string()),
            self.query.since_seconds.map(|n| n.to_string()),
        );
        let resumed = self.resume.since();
        let mut parameters = vec![("container", &*self.source.container), ("timestamps", "true")];
        if self.follows() {
            parameters.push(("follow", "true"));
        }
        if self.query.previous {
            parameters.push(("previous", "true"));
        }
        if let Some(resumed) = &resumed {
            parameters.push(("sinceTime", resumed));
        } else if !self.late {
            parameters.extend(tail.as_deref().map(|lines| ("tailLines", lines)));
            parameters.extend(since.as_deref().map(|seconds| ("sinceSeconds", seconds)));
        }
        uri(&format!("{}/log", self.source.pod.path()), &parameters)
    }

    /// One stream, from its opening to its end.
    async fn read(&mut self) -> Result<Result<(), Fault>, Closed> {
        let heartbeat = self.reader.heartbeat();
        let mut pulse = heartbeat.pulse();
        let returns = pulse.borrow().returns;
        let mut beat = std::pin::pin!(heartbeat.beat(self.reader));
        let uri = self.uri();
        // An empty followed log has no answer until its first line: no limit of time.
        let opened = tokio::select! {
            opened = self.reader.open(&uri, "*/*", None) => opened,
            () = Pulse::returned(&mut pulse, returns) => return Ok(Ok(())),
            () = self.batches.closed() => return Err(Closed),
            never = &mut beat => match never {},
        };
        let mut lines = match opened {
            Ok(body) => Lines::new(body, LONGEST),
            Err(fault) => return Ok(Err(fault)),
        };
        let mut batch = Vec::new();
        let mut held_since = Instant::now();
        loop {
            let line = tokio::select! {
                line = lines.next() => line,
                () = tokio::time::sleep_until(held_since + HOLD), if !batch.is_empty() => {
                    self.send(&mut batch).await?;
                    continue;
                }
                // After a silence this connection may be dead without knowing it.
                () = Pulse::returned(&mut pulse, returns) => Ok(None),
                () = self.batches.closed() => return Err(Closed),
                never = &mut beat => match never {},
            };
            match line {
                Ok(Some(line)) => {
                    heartbeat.heard();
                    if batch.is_empty() {
                        held_since = Instant::now();
                    }
                    self.take(&line, &mut batch);
                    while batch.len() < BATCH
                        && let Some(line) = lines.held_line()
                    {
                        self.take(&line, &mut batch);
                    }
                    if batch.len() >= BATCH {
                        self.send(&mut batch).await?;
                    }
                }
                end => {
                    self.send(&mut batch).await?;
                    return Ok(end.map(|_| ()));
                }
            }
        }
    }

    async fn send(&self, batch: &mut Vec<LogLine>) -> Result<(), Closed> {
        if batch.is_empty() {
            return Ok(());
        }
        self.batches.send(std::mem::take(batch)).await.map_err(|_| Closed)
    }

    fn take(&mut self, raw: &[u8], batch: &mut Vec<LogLine>) {
        let text = String::from_utf8_lossy(raw);
        // What the kubelet says itself, about a log it cannot open, has no time before it.
        let (time, text, note) = match text.split_once(' ') {
            Some((time, text)) if is_time(time) => (time, text, false),
            _ if is_time(&text) => (&*text, "", false),
            _ => ("", &*text, true),
        };
        match self.resume.judge(time, raw) {
            Verdict::Repeated => return,
            Verdict::Show => {}
            Verdict::AfterGap => batch.push(self.source.note("the log was cut here: lines may be missing")),
        }
        self.backoff.reset();
        batch.push(LogLine {
            pod: Arc::clone(&self.source.pod_name),
            container: Arc::clone(&self.source.container),
            time: time.into(),
            text: LogText::parse(text),
            note,
        });
    }
}

/// `2026-01-01T00:00:00.123456789Z`, or with an offset.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 20 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[10] == b'T' && bytes[13] == b':'
}
