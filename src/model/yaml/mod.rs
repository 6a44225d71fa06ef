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

/// goyaml's order of keys: digits by value (`a2` before `a10`), letters after everything else.
fn natural(a: &str, b: &str) -> Ordering {
    let (left, right): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = left.iter().zip(&right).position(|(l, r)| l != r) else {
        return left.len().cmp(&right.len());
    };
    let (l, r) = (left[at], right[at]);
    match (l.is_alphabetic(), r.is_alphabetic()) {
        (true, true) => l.cmp(&r),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => by_number(&left, &right, at),
    }
}

/// Compares the digits from `at` on by value; what stands before is the same on both sides.
fn by_number(left: &[char], right: &[char], at: usize) -> Ordering {
    // In `10` against `1` plus something the zero counts, in `00` against `0` it leads.
    let inside_number = (left[at] == '0' || right[at] == '0')
        && left[..at]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_digit())
            .any(|c| *c != '0');
    let value = |chars: &[char]| {
        let digits = chars[at..].iter().map_while(|c| c.to_digit(10));
        digits.fold((u128::from(inside_number), 0), |(sum, length), digit| {
            (sum.saturating_mul(10).saturating_add(digit.into()), length + 1)
        })
    };
    value(left).cmp(&value(right)).then_with(|| left[at].cmp(&right[at]))
}
