//! Facts, sections and tables as a tree, and how they become aligned lines. Knows no kind.

use unicode_width::UnicodeWidthStr;

use super::line::{Line, Span, Tone};

/// A name longer than this does not push the values of its neighbours to the right.
const WIDEST_KEY: usize = 28;
const INDENT: usize = 2;

#[derive(Default)]
pub struct Page {
    entries: Vec<Entry>,
}

enum Entry {
    /// A name and its value, which may have several lines.
    Fact(String, Vec<Vec<Span>>),
    Section(String, Page),
    Table(Vec<String>, Vec<Vec<Span>>),
    /// A line without a name.
    Plain(Vec<Span>),
}

impl Page {
    /// `Name:  value`; a value of several lines goes on below itself.
    pub fn fact(&mut self, key: &str, value: &str) {
        self.toned(key, value, Tone::Text);
    }

    pub fn toned(&mut self, key: &str, value: &str, tone: Tone) {
        let lines = value.split('\n').map(|line| vec![Span::new(line, tone)]);
        self.entries.push(Entry::Fact(key.into(), lines.collect()));
    }

    /// Nothing if there is no value.
    pub fn maybe(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.fact(key, value);
        }
    }

    /// One value a line, or `<none>`.
    pub fn list(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let mut lines: Vec<Vec<Span>> = values
            .into_iter()
            .map(|value| vec![Span::new(&value, Tone::Text)])
            .collect();
        if lines.is_empty() {
            lines.push(vec![Span::new("<none>", Tone::Muted)]);
        }
        self.entries.push(Entry::Fact(key.into(), lines));
    }

    pub fn spans(&mut self, key: &str, spans: Vec<Span>) {
        self.entries.push(Entry::Fact(key.into(), vec![spans]));
    }

    pub fn plain(&mut self, text: &str, tone: Tone) {
        for line in text.split('\n') {
            self.entries.push(Entry::Plain(vec![Span::new(line, tone)]));
        }
    }

    /// What `fill` adds stands below `key`, indented; nothing if it adds nothing.
    pub fn section(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        fill(&mut inner);
        if !inner.entries.is_empty() {
            self.entries.push(Entry::Section(key.into(), inner));
        }
    }

    /// Rows below the names of their columns; nothing if there are no rows.
    pub fn table(&mut self, heads: &[&str], rows: Vec<Vec<Span>>) {
        if !rows.is_empty() {
            let heads = heads.iter().map(|&head| head.into()).collect();
            self.entries.push(Entry::Table(heads, rows));
        }
    }

    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        self.render(0, &mut lines);
        lines
    }

    fn render(&self, indent: usize, lines: &mut Vec<Line>) {
        // Neighbours share a column for their values.
        let keys = self.entries.iter().filter_map(|entry| match entry {
            Entry::Fact(key, _) => Some(key.width()),
            _ => None,
        });
        let widest = keys.filter(|width| *width <= WIDEST_KEY).max().unwrap_or(0);
        for entry in &self.entries {
            match entry {
                Entry::Fact(key, values) => fact(key, values, indent, widest + 3, lines),
                Entry::Section(key, inner) => {
                    lines.push(line(indent, vec![Span::new(&format!("{key}:"), Tone::Key)]));
                    inner.render(indent + INDENT, lines);
                }
                Entry::Table(heads, rows) => table(heads, rows, indent, lines),
                Entry::Plain(spans) => lines.push(line(indent, spans.clone())),
            }
        }
    }
}

fn line(indent: usize, spans: Vec<Span>) -> Line {
    let mut all = Vec::with_capacity(spans.len() + 1);
    if indent > 0 {
        all.push(Span::new(&" ".repeat(indent), Tone::Text));
    }
    all.extend(spans);
    Line { spans: all }
}

fn fact(key: &str, values: &[Vec<Span>], indent: usize, column: usize, lines: &mut Vec<Line>) {
    let key = Span::new(&format!("{key}:"), Tone::Key);
    let pad = column.saturating_sub(key.text.width()).max(1);
    let mut values = values.iter();
    let mut first = vec![key, blank(pad)];
    first.extend(values.next().into_iter().flatten().cloned());
    lines.push(line(indent, first));
    for value in values {
        let mut spans = vec![blank(column)];
        spans.extend(value.iter().cloned());
        lines.push(line(indent, spans));
    }
}

fn table(heads: &[String], rows: &[Vec<Span>], indent: usize, lines: &mut Vec<Line>) {
    let mut widths: Vec<usize> = heads.iter().map(|head| head.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.text.width().max(*width);
        }
    }
    let last = heads.len().saturating_sub(1);
    let laid_out = |cells: Vec<Span>| {
        let mut spans = Vec::new();
        for (at, (cell, width)) in cells.into_iter().zip(&widths).enumerate() {
            let pad = (width + 2).saturating_sub(cell.text.width());
            spans.push(cell);
            if at < last {
                spans.push(blank(pad));
            }
        }
        line(indent, spans)
    };
    lines.push(laid_out(
        heads.iter().map(|head| Span::new(head, Tone::Heading)).collect(),
    ));
    lines.extend(rows.iter().map(|row| laid_out(row.clone())));
}

fn blank(cells: usize) -> Span {
    Span::new(&" ".repeat(cells), Tone::Text)
}
