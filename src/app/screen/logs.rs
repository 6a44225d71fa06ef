//! Log lines, bounded, followed or held.

use std::collections::VecDeque;

use super::Search;
use crate::app::{ReadId, Scroll};
use crate::cluster::{LogLine, LogQuery, LogSource, ReadError};

/// The newest lines, up to a number. Older ones are dropped and counted.
#[derive(Clone, Debug)]
pub struct LogBuffer {
    pub lines: VecDeque<LogLine>,
    pub dropped: u64,
    limit: usize,
}

impl LogBuffer {
    pub fn new(limit: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            dropped: 0,
            limit: limit.max(1),
        }
    }

    /// Adds lines at the end; says how many were dropped at the start.
    pub fn extend(&mut self, lines: Vec<LogLine>) -> usize {
        self.lines.extend(lines);
        let over = self.lines.len().saturating_sub(self.limit);
        self.lines.drain(..over);
        self.dropped += over as u64;
        over
    }

    pub fn clear(&mut self) {
        self.lines.clear();
    }
}

#[derive(Clone, Debug)]
pub struct LogsScreen {
    pub query: LogQuery,
    pub read: Option<ReadId>,
    pub buffer: LogBuffer,
    /// Stuck to the end: the view draws the last lines. Otherwise from `scroll.top`.
    pub follow: bool,
    pub wrap: bool,
    pub timestamps: bool,
    pub search: Search,
    /// `top` is an index into `buffer.lines`; with `wrap` the view wraps from there on.
    pub scroll: Scroll,
    pub error: Option<ReadError>,
    /// The stream has ended: the container is gone, or the log was not followed.
    pub ended: bool,
}

impl LogsScreen {
    pub fn new(query: LogQuery, limit: usize) -> Self {
        Self {
            query,
            read: None,
            buffer: LogBuffer::new(limit),
            follow: true,
            wrap: false,
            timestamps: false,
            search: Search::default(),
            scroll: Scroll::default(),
            error: None,
            ended: false,
        }
    }

    /// True if lines of several pods or containers are mixed, so that each names its source.
    pub fn is_mixed(&self) -> bool {
        match &self.query.source {
            LogSource::Pod { container, .. } => container.is_none(),
            LogSource::Workload(_) => true,
        }
    }

    pub fn title(&self) -> String {
        let of = match &self.query.source {
            LogSource::Pod {
                pod,
                container: Some(container),
            } => format!("{}:{container}", pod.name),
            LogSource::Pod { pod, container: None } => pod.name.clone(),
            LogSource::Workload(object) => object.name.clone(),
        };
        let run = if self.query.previous { "previous log" } else { "log" };
        format!("{of} {run}")
    }

    /// Adds lines; the line at the top of a held view stays there while it is kept.
    pub fn append(&mut self, lines: Vec<LogLine>) {
        let dropped = self.buffer.extend(lines);
        self.scroll.top = self.scroll.top.saturating_sub(dropped);
        self.look();
    }

    /// Searches the lines anew.
    pub fn look(&mut self) {
        self.search.run(self.buffer.lines.iter().map(|line| line.text.as_str()));
    }
}
