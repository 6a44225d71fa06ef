//! Finding text in YAML and logs: the expression, and the lines that have a hit.

use regex::{Regex, RegexBuilder};

use super::filter::short;

#[derive(Clone, Debug, Default)]
pub struct Search {
    pub text: String,
    pub regex: Option<Regex>,
    /// Why the text finds nothing.
    pub error: Option<String>,
    /// Lines with a hit, ascending.
    pub hits: Vec<usize>,
    /// Index into `hits` of the one last jumped to.
    pub at: Option<usize>,
}

impl Search {
    pub fn parse(typed: &str) -> Self {
        let mut search = Self {
            text: typed.into(),
            ..Self::default()
        };
        if typed.is_empty() {
            return search;
        }
        match RegexBuilder::new(typed)
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
        {
            Ok(regex) => search.regex = Some(regex),
            Err(error) => search.error = Some(short(&error)),
        }
        search
    }

    pub fn is_on(&self) -> bool {
        !self.text.is_empty()
    }

    /// Looks through all lines again.
    pub fn run<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        let Some(regex) = &self.regex else {
            self.hits.clear();
            self.at = None;
            return;
        };
        self.hits = lines
            .enumerate()
            .filter(|(_, line)| regex.is_match(line))
            .map(|(index, _)| index)
            .collect();
        self.at = self.at.filter(|&at| at < self.hits.len());
    }

    /// `dropped` lines have gone at the start and `lines` have come, the first of them at `first`:
    /// only these are looked through.
    pub fn extend<'a>(&mut self, dropped: usize, first: usize, lines: impl Iterator<Item = &'a str>) {
        let Some(regex) = &self.regex else { return };
        let gone = self.hits.partition_point(|&line| line < dropped);
        self.hits.drain(..gone);
        for hit in &mut self.hits {
            *hit -= dropped;
        }
        self.at = self.at.and_then(|at| at.checked_sub(gone));
        let new = lines.enumerate().filter(|(_, line)| regex.is_match(line));
        self.hits.extend(new.map(|(index, _)| first + index));
    }

    /// The next hit after the one last jumped to, or at or after `from`; goes round at the end.
    pub fn next(&mut self, from: usize) -> Option<usize> {
        let next = match self.at {
            Some(at) => at + 1,
            None => self.hits.partition_point(|&line| line < from),
        };
        self.jump(if next < self.hits.len() { next } else { 0 })
    }

    pub fn previous(&mut self, from: usize) -> Option<usize> {
        let at = self
            .at
            .unwrap_or_else(|| self.hits.partition_point(|&line| line < from));
        self.jump(at.checked_sub(1).unwrap_or_else(|| self.hits.len().saturating_sub(1)))
    }

    fn jump(&mut self, to: usize) -> Option<usize> {
        let line = self.hits.get(to).copied()?;
        self.at = Some(to);
        Some(line)
    }
}
