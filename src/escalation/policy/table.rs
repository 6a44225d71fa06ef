//! Reads a TOML table key by key and collects every mistake with its line. Never stops early:
//! whoever writes a policy wants the whole list, not one mistake per attempt.

use std::collections::BTreeSet;

use regex::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{PolicyError, parse_duration};

/// Where mistakes go, and what turns an offset into a line.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    origin: &'a str,
    pub(super) list: Vec<PolicyError>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(text: &'a str, origin: &'a str) -> Self {
        Self {
            text,
            origin,
            list: Vec::new(),
        }
    }

    pub(super) fn at(&mut self, offset: usize, cause: impl Into<String>, cure: impl Into<String>) {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        self.list.push(PolicyError {
            file: self.origin.into(),
            line: before.split(|b| *b == b'\n').count(),
            cause: cause.into(),
            cure: cure.into(),
        });
    }
}

/// One table of the file, with the keys that were asked for.
pub(super) struct Keys<'t, 'i> {
    /// `roles.restarter.`, or empty at the top.
    pub(super) place: String,
    pub(super) offset: usize,
    table: &'t DeTable<'i>,
    asked: BTreeSet<&'static str>,
}

impl<'t, 'i> Keys<'t, 'i> {
    pub(super) fn new(place: &str, offset: usize, table: &'t DeTable<'i>) -> Self {
        Self {
            place: place.into(),
            offset,
            table,
            asked: BTreeSet::new(),
        }
    }

    pub(super) fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.insert(key);
        self.table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    pub(super) fn offset_of(&mut self, key: &'static str) -> usize {
        let offset = self.offset;
        self.get(key).map_or(offset, |v| v.span().start)
    }

    /// A value of the kind that `read` accepts; anything else is a mistake.
    fn typed<T>(
        &mut self,
        mistakes: &mut Mistakes<'_>,
        key: &'static str,
        expected: &str,
        read: impl Fn(&DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let read = read(value.get_ref());
        if read.is_none() {
            let cause = format!("`{}{key}` is not {expected}", self.place);
            mistakes.at(value.span().start, cause, format!("write {expected}"));
        }
        read
    }

    pub(super) fn string(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<String> {
        self.typed(mistakes, key, "a text in quotes", |v| {
            v.as_str().filter(|s| !s.trim().is_empty()).map(Into::into)
        })
    }

    pub(super) fn boolean(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> bool {
        self.typed(mistakes, key, "true or false", DeValue::as_bool)
            .unwrap_or_default()
    }

    pub(super) fn number(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<usize> {
        self.typed(mistakes, key, "a whole number of at least 0", |v| {
            v.as_integer()
                .and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok())
        })
    }

    pub(super) fn duration(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<u32> {
        let expected = "a duration such as \"10m\" or \"30s\"";
        self.typed(mistakes, key, expected, |v| v.as_str().and_then(parse_duration))
    }

    pub(super) fn strings(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<Vec<String>> {
        self.typed(mistakes, key, "a list of texts in quotes", |v| {
            v.as_array()?
                .iter()
                .map(|item| item.get_ref().as_str().map(Into::into))
                .collect()
        })
    }

    pub(super) fn pattern(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<Regex> {
        let text = self.string(mistakes, key)?;
        let offset = self.offset_of(key);
        match Regex::new(&text) {
            Ok(pattern) if text.starts_with('^') && text.ends_with('$') => Some(pattern),
            Ok(_) => {
                let cause = format!("the pattern `{}{key}` matches in the middle of a text", self.place);
                mistakes.at(offset, cause, "begin it with ^ and end it with $");
                None
            }
            Err(error) => {
                let cause = format!(
                    "`{}{key}` is no regular expression: {}",
                    self.place,
                    last_line(&error.to_string())
                );
                mistakes.at(offset, cause, "see docs.rs/regex for the syntax");
                None
            }
        }
    }

    /// The table below `key`.
    pub(super) fn table(&mut self, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<Keys<'t, 'i>> {
        let value = self.get(key)?;
        let place = format!("{}{key}.", self.place);
        let DeValue::Table(table) = value.get_ref() else {
            let cause = format!("`{}{key}` is not a table", self.place);
            mistakes.at(value.span().start, cause, format!("write [{}{key}]", self.place));
            return None;
        };
        Some(Keys::new(&place, value.span().start, table))
    }

    /// Every key with its value, whatever its name: the table's keys are names, not settings.
    pub(super) fn entries(&self) -> impl Iterator<Item = (String, usize, &'t Spanned<DeValue<'i>>)> + use<'t, 'i> {
        self.table
            .iter()
            .map(|(k, v)| (k.get_ref().to_string(), k.span().start, v))
    }

    /// Keys that nobody asked for are mistakes: a mistyped `self_aprove` must not be a default.
    pub(super) fn refuse_unknown(self, mistakes: &mut Mistakes<'_>) {
        let known = self.asked.iter().copied().collect::<Vec<_>>().join(", ");
        for (key, _) in self.table {
            if !self.asked.contains(key.get_ref().as_ref()) {
                let cause = format!("unknown key `{}{}`", self.place, key.get_ref());
                mistakes.at(key.span().start, cause, format!("known here: {known}"));
            }
        }
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ")
}
