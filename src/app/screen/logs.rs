//! Log lines, bounded, followed or held.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Search;
use crate::app::{ReadId, Scroll};
use crate::cluster::{LogLine, LogQuery, LogSource, ReadError};
use unicode_width::UnicodeWidthStr;

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

/// Pods and containers whose lines were seen, by their names. Columns that show them only grow, so
/// that nothing moves when a line is dropped.
#[derive(Clone, Debug, Default)]
pub struct LogSources {
    pods: Vec<Arc<str>>,
    containers: Vec<Arc<str>>,
    /// Cells of the widest names.
    pub pod_width: usize,
    pub container_width: usize,
}

/// Names kept apart; more than these no eye tells apart either.
const SOURCES: usize = 256;

impl LogSources {
    fn add(&mut self, line: &LogLine) {
        remember(&mut self.pods, &line.pod, &mut self.pod_width);
        remember(&mut self.containers, &line.container, &mut self.container_width);
    }

    /// The place of the pod among those that spoke.
    pub fn pod(&self, name: &str) -> usize {
        self.pods.iter().position(|pod| **pod == *name).unwrap_or_default()
    }

    pub fn container(&self, name: &str) -> usize {
        self.containers
            .iter()
            .position(|one| **one == *name)
            .unwrap_or_default()
    }
}

fn remember(names: &mut Vec<Arc<str>>, name: &Arc<str>, width: &mut usize) {
    if names.last() == Some(name) || names.contains(name) {
        return;
    }
    *width = (*width).max(name.width());
    if names.len() < SOURCES {
        names.push(Arc::clone(name));
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
    /// Who has spoken.
    pub sources: LogSources,
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
            sources: LogSources::default(),
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
        self.mixes_pods() || self.sources.containers.len() > 1
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

    /// Without lines, and so without hits; what is searched for stays.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.scroll.top = 0;
        self.search.run(std::iter::empty());
    }

    /// Adds lines; the line at the top of a held view stays there while it is kept.
    pub fn append(&mut self, lines: Vec<LogLine>) {
        for line in lines.iter().filter(|line| !line.note) {
            self.sources.add(line);
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
