//! YAML as `kubectl get -o yaml` prints it, for the coloured screen and for the kit. No crate
//! writes this style, and one of our own yields token classes on the way. Deviates from kubectl in
//! one thing: long scalars are not folded, because a fold breaks search and copy.
//! Never shows text by itself: the spans are raw, the view makes them safe.

mod scalar;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// What a span is, for colouring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    Indent,
    Key,
    String,
    Number,
    Bool,
    Null,
    /// `:`, `-`, `|`, `{}`.
    Punctuation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub token: Token,
    pub text: String,
}

/// One line, without its line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<Span>,
}

impl Line {
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// Keys longer than this stand on a line of their own, after `? `, as goyaml has it.
const SIMPLE_KEY_MAX: usize = 128;

/// The document as lines of spans.
pub fn lines(value: &Value) -> Vec<Line> {
    let mut emitter = Emitter::default();
    match value {
        Value::Object(map) if !map.is_empty() => emitter.mapping(map, 0),
        Value::Array(items) if !items.is_empty() => emitter.sequence(items, 0),
        leaf => emitter.leaf(leaf, 0),
    }
    emitter.end_line();
    emitter.lines
}

/// The document as text, with a line end after each line.
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    for line in lines(value) {
        for span in &line.spans {
            text.push_str(&span.text);
        }
        text.push('\n');
    }
    text
}

#[derive(Default)]
struct Emitter {
    lines: Vec<Line>,
    open: Line,
}

impl Emitter {
    fn push(&mut self, token: Token, text: impl Into<String>) {
        self.open.spans.push(Span {
            token,
            text: text.into(),
        });
    }

    fn end_line(&mut self) {
        if !self.open.spans.is_empty() {
            self.lines.push(std::mem::take(&mut self.open));
        }
    }

    /// Starts a line at `indent`, unless a `- ` has just opened one that ends there.
    fn start_line(&mut self, indent: usize, compact: bool) {
        if compact && !self.open.spans.is_empty() {
            return;
        }
        self.end_line();
        if indent > 0 {
            self.push(Token::Indent, " ".repeat(indent));
        }
    }

    fn mapping(&mut self, map: &Map<String, Value>, indent: usize) {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by(|(a, _), (b, _)| natural(a, b));
        for (index, (key, value)) in entries.into_iter().enumerate() {
            self.start_line(indent, index == 0);
            if key.len() > SIMPLE_KEY_MAX {
                self.push(Token::Punctuation, "? ");
                self.push(Token::Key, scalar::in_line(key));
                self.start_line(indent, false);
            } else {
                self.push(Token::Key, scalar::in_line(key));
            }
            self.push(Token::Punctuation, ":");
            self.value(value, indent);
        }
    }

    /// What follows the colon of a key at `indent`.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.end_line();
                self.mapping(map, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                self.end_line();
                self.sequence(items, indent);
            }
            leaf => {
                self.push(Token::Punctuation, " ");
                self.leaf(leaf, indent);
            }
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize) {
        for (index, item) in items.iter().enumerate() {
            self.start_line(indent, index == 0);
            self.push(Token::Punctuation, "- ");
            match item {
                Value::Object(map) if !map.is_empty() => self.mapping(map, indent + 2),
                Value::Array(items) if !items.is_empty() => self.sequence(items, indent + 2),
                leaf => self.leaf(leaf, indent),
            }
        }
    }

    fn leaf(&mut self, leaf: &Value, indent: usize) {
        match leaf {
            Value::Null => self.push(Token::Null, "null"),
            Value::Bool(flag) => self.push(Token::Bool, if *flag { "true" } else { "false" }),
            Value::Number(number) => self.push(Token::Number, number.to_string()),
            Value::String(text) => self.string(text, indent),
            Value::Array(_) => self.push(Token::Punctuation, "[]"),
            Value::Object(_) => self.push(Token::Punctuation, "{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        let Some(header) = scalar::block_header(text) else {
            return self.push(Token::String, scalar::in_line(text));
        };
        self.push(Token::Punctuation, header);
        self.end_line();
        let body = text.strip_suffix('\n').unwrap_or(text);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.push(Token::Indent, " ".repeat(indent + 2));
                self.push(Token::String, line);
            }
            self.lines.push(std::mem::take(&mut self.open));
        }
    }
}

/// Parts of a key in the order goyaml gives them: digits by value (`a2` before `a10`), letters
/// after everything else.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum KeyPart {
    Other(char),
    Number { value: u128, digits: usize },
    Letter(char),
}

/// A total order. goyaml compares at the first difference only and has `10` < `1a` < `9` < `10`;
/// sorting by that panics, so numbers are taken whole here.
fn natural(a: &str, b: &str) -> Ordering {
    key_parts(a).cmp(key_parts(b)).then_with(|| a.cmp(b))
}

fn key_parts(key: &str) -> impl Iterator<Item = KeyPart> {
    let mut chars = key.chars().peekable();
    std::iter::from_fn(move || {
        let first = chars.next()?;
        let Some(first_digit) = first.to_digit(10) else {
            return Some(if first.is_alphabetic() {
                KeyPart::Letter(first)
            } else {
                KeyPart::Other(first)
            });
        };
        let (mut value, mut digits) = (u128::from(first_digit), 1);
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit.into());
            digits += 1;
            chars.next();
        }
        Some(KeyPart::Number { value, digits })
    })
}
