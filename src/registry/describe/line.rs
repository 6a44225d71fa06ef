//! A line of a page as data: pieces of safe text with what they are, and ages that run by the
//! clock of whoever draws them.

use crate::model::term_safe;

/// What a piece is; the view has a scope for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Text,
    /// Name of a fact.
    Key,
    /// Names of columns.
    Heading,
    Muted,
    Ok,
    Pending,
    Bad,
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Safe to draw. Of an age: blanks as wide as its place.
    pub text: String,
    pub tone: Tone,
    /// Unix milliseconds: drawn as an age in the place of the text.
    pub since_ms: Option<i64>,
}

impl Span {
    pub fn new(text: &str, tone: Tone) -> Self {
        Self {
            text: term_safe::clean(text).into_owned(),
            tone,
            since_ms: None,
        }
    }

    /// The age of something, in so many cells.
    pub fn age(since_ms: i64, cells: usize) -> Self {
        Self {
            text: " ".repeat(cells),
            tone: Tone::Muted,
            since_ms: Some(since_ms),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<Span>,
}

impl Line {
    /// What is searched; ages are blank in it, since they change by themselves.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// What is copied: an age becomes the time it is counted from.
    pub fn to_copy(&self) -> String {
        let spans = self.spans.iter().map(|span| match span.since_ms {
            Some(since) => format!("{} ", super::value::moment(since)),
            None => span.text.clone(),
        });
        spans.collect::<String>().trim_end().to_owned()
    }
}
