//! One thing wrong with a file: place, cause, cure. A loader collects all of them before it says
//! anything, so that nobody mends a file line by line.

use std::fmt;
use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, or the variable or flag the value came from.
    pub place: String,
    /// From 1; 0 where a line means nothing.
    pub line: usize,
    pub cause: String,
    pub cure: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}; {}", self.cause, self.cure)
    }
}

/// Collects what is wrong with one text.
#[derive(Debug)]
pub struct Problems<'a> {
    place: &'a str,
    text: &'a str,
    pub found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub fn new(place: &'a str, text: &'a str) -> Self {
        Self {
            place,
            text,
            found: Vec::new(),
        }
    }

    pub fn add(&mut self, span: Range<usize>, cause: impl Into<String>, cure: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        self.found.push(Problem {
            place: self.place.into(),
            line: before.matches('\n').count() + 1,
            cause: cause.into(),
            cure: cure.into(),
        });
    }

    /// What the TOML parser itself found.
    pub fn toml(&mut self, error: &toml::de::Error) {
        let cure = match error.message() {
            "duplicate key" => "keep one of the two",
            _ => "mend the TOML there",
        };
        self.add(error.span().unwrap_or(0..0), error.message(), cure);
    }

    /// In the order of the file.
    pub fn finish(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| problem.line);
        self.found
    }
}

/// ` did you mean `x`?` or a list of what there is.
pub fn suggest(wrong: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|name| (distance(wrong, name), *name))
        .filter(|&(d, name)| d <= 2.max(name.chars().count() / 3))
        .min();
    match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => format!("known are {}", known.join(", ")),
    }
}

/// Levenshtein over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
