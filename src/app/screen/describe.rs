//! One object in words, with its events. Kept up to date without moving under the reader's eyes.

use std::sync::Arc;

use super::Search;
use crate::app::{Move, ReadId, Scroll};
use crate::cluster::{Freshness, ReadError, Related};
use crate::model::{ObjectRef, Snapshot};
use crate::registry::describe::{Line, describe};

#[derive(Clone, Debug)]
pub struct DescribeScreen {
    pub object: ObjectRef,
    pub read: Option<ReadId>,
    /// As read, values of Secrets redacted by the reader.
    pub value: Option<Arc<serde_json::Value>>,
    /// What belongs to it beside itself.
    pub related: Option<Arc<Related>>,
    pub events: Option<Result<Snapshot, ReadError>>,
    pub lines: Arc<[Line]>,
    pub freshness: Freshness,
    /// What was read before stays on the screen.
    pub error: Option<ReadError>,
    pub wrap: bool,
    pub search: Search,
    /// `top` is an index into `lines`; with `wrap` the view wraps from there on.
    pub scroll: Scroll,
}

impl DescribeScreen {
    pub fn new(object: ObjectRef) -> Self {
        Self {
            object,
            read: None,
            value: None,
            related: None,
            events: None,
            lines: Arc::default(),
            freshness: Freshness::Loading { rows: 0 },
            error: None,
            wrap: false,
            search: Search::default(),
            scroll: Scroll::default(),
        }
    }

    /// What is read is another object than the one that was opened, under the same name.
    pub fn is_another(&self) -> bool {
        let uid = self
            .value
            .as_ref()
            .and_then(|value| value.pointer("/metadata/uid")?.as_str());
        matches!((uid, &self.object.uid), (Some(read), Some(opened)) if read != opened)
    }

    /// Makes the lines anew. The line at the top stays there, also when some came or went above it.
    pub fn render(&mut self, height: usize) {
        let Some(value) = &self.value else { return };
        let top = self.lines.get(self.scroll.top).cloned();
        self.lines = describe(value, self.related.as_deref(), self.events.as_ref()).into();
        if let Some(top) = top.filter(|_| self.scroll.top > 0) {
            self.scroll.top = nearest(&self.lines, &top, self.scroll.top).unwrap_or(self.scroll.top);
        }
        self.look();
        self.fit(height);
    }

    /// Searches the lines anew.
    pub fn look(&mut self) {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        self.search.run(lines.iter().map(String::as_str));
    }

    pub fn step(&mut self, step: Move, height: usize) {
        self.scroll.step(step, self.reach(height), height);
    }

    pub fn fit(&mut self, height: usize) {
        self.scroll.fit(self.reach(height), height);
    }

    /// Wrapped lines are longer than their number says: each may come to the top, so that the end
    /// of the last can be seen.
    fn reach(&self, height: usize) -> usize {
        let below = if self.wrap { height.saturating_sub(1) } else { 0 };
        self.lines.len() + below
    }

    pub fn reveal(&mut self, line: usize, height: usize) {
        self.scroll.reveal(line, self.reach(height), height);
    }
}

/// Where this line is now; of several the one nearest to where it was.
fn nearest(lines: &[Line], wanted: &Line, was: usize) -> Option<usize> {
    let same = lines.iter().enumerate().filter(|(_, line)| *line == wanted);
    same.map(|(at, _)| at).min_by_key(|at| at.abs_diff(was))
}
