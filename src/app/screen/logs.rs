//! Log lines, bounded, followed or held.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Search;
use crate::app::{ReadId, Scroll};
use crate::cluster::{LogLine, LogQuery, LogSource, ReadError};

/// The newest lines, up to a number and a size. Older ones are dropped and counted.
#[derive(Clone, Debug)]
pub struct LogBuffer {
    pub lines: VecDeque<LogLine>,
    pub dropped: u64,
    limit: usize,
    largest: usize,
    bytes: usize,
}

/// Text kept, in bytes: a few programs write megabytes into one line.
const LARGEST: usize = 64 << 20;

impl LogBuffer {
    pub fn new(limit: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            dropped: 0,
            limit: limit.max(1),
            largest: LARGEST,
            bytes: 0,
        }
    }

    /// Adds lines at the end; says how many were dropped at the start.
    pub fn extend(&mut self, lines: Vec<LogLine>) -> usize {
        self.bytes += lines.iter().map(size).sum::<usize>();
        self.lines.extend(lines);
        let mut dropped = 0;
        // The newest line stays, whatever its size.
        while self.lines.len() > self.limit || (self.bytes > self.largest && self.lines.len() > 1) {
            let Some(line) = self.lines.pop_front() else { break };
            self.bytes -= size(&line);
            dropped += 1;
        }
        self.dropped += dropped as u64;
        dropped
    }

    pub fn clear(&mut self) {
        self.lines.clear();
        self.bytes = 0;
    }
}

fn size(line: &LogLine) -> usize {
    line.text.as_str().len()
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
    /// The container whose line came first, and whether another one has spoken since.
    first: Option<Arc<str>>,
    several: bool,
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
            first: None,
            several: false,
            ended: false,
        }
    }

    /// True if lines of several pods may be mixed, so that each names its pod.
    pub fn mixes_pods(&self) -> bool {
        matches!(self.query.source, LogSource::Workload(_))
    }

    /// True if lines of several containers are mixed, so that each names its own. A pod with one
    /// container does not say its name on every line.
    pub fn mixes_containers(&self) -> bool {
        self.mixes_pods() || self.several
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
        for line in lines.iter().filter(|line| !line.note) {
            let first = self.first.get_or_insert_with(|| Arc::clone(&line.container));
            self.several |= *first != line.container;
        }
        let before = self.buffer.lines.len();
        let dropped = self.buffer.extend(lines);
        self.scroll.top = self.scroll.top.saturating_sub(dropped);
        // More may have come than is kept.
        let first = before.saturating_sub(dropped);
        let new = self.buffer.lines.range(first..).map(|line| line.text.as_str());
        self.search.extend(dropped, first, new);
    }

    /// Searches the lines anew.
    pub fn look(&mut self) {
        self.search.run(self.buffer.lines.iter().map(|line| line.text.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LogText;

    #[test]
    fn text_is_bounded_by_its_size_too_and_the_newest_line_stays() {
        let line = |text: &str| LogLine {
            pod: "a".into(),
            container: "b".into(),
            time: "".into(),
            text: LogText::parse(text),
            note: false,
        };
        let mut buffer = LogBuffer {
            largest: 100,
            ..LogBuffer::new(1000)
        };
        assert_eq!(buffer.extend(vec![line(&"x".repeat(60)), line("short")]), 0);
        assert_eq!(buffer.extend(vec![line(&"y".repeat(60))]), 1);
        assert_eq!(buffer.extend(vec![line(&"z".repeat(500))]), 2);
        assert_eq!(buffer.lines.len(), 1);
        buffer.clear();
        assert_eq!(buffer.extend(vec![line(&"x".repeat(90))]), 0);
    }
}
