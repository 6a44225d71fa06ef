//! How one string is written: plain, quoted or as a block. Follows goyaml v2, which kubectl uses,
//! so that what is copied from the screen means the same to every tool. Never decides colours.

use std::sync::LazyLock;

use regex::Regex;

/// Words of YAML 1.1 that mean something other than themselves.
const WORDS: [&str; 40] = [
    "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES",
    "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF",
    "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", "<<",
];

/// Integers of every base, floats, base 60 and dates, with the underscores YAML 1.1 allows.
static NUMBER_PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(
          [-+]?0[xX][0-9a-fA-F_]+ | [-+]?0[oO]?[0-7_]+ | [-+]?0[bB][01_]+
        | [-+]?( \.[0-9_]+ | [0-9][0-9_]*(\.[0-9_]*)? )([eE][-+]?[0-9]+)?
        | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
        | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ ].*)?
        )$",
    )
    .expect("a fixed pattern, built by a test")
});

/// What matters about a string's characters.
#[derive(Default)]
struct Shape {
    has_break: bool,
    /// Characters that only double quotes can write.
    special: bool,
    /// A blank before a line break: a block would lose it from sight.
    space_before_break: bool,
    break_before_space: bool,
    edge_blank: bool,
    trailing_space: bool,
    indicator: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut shape = Self {
            indicator: text.starts_with("---") || text.starts_with("..."),
            edge_blank: text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']),
            trailing_space: text.ends_with(' '),
            ..Self::default()
        };
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let ends_word = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t' | '\n'));
            shape.indicator |= match before {
                None => "#,[]{}&*!|>'\"%@`".contains(c) || ("?:-".contains(c) && ends_word),
                Some(last) => (c == ':' && ends_word) || (c == '#' && matches!(last, ' ' | '\t' | '\n')),
            };
            shape.special |= !is_printable(c);
            shape.has_break |= c == '\n';
            shape.space_before_break |= c == '\n' && before == Some(' ');
            shape.break_before_space |= c == ' ' && before == Some('\n');
            before = Some(c);
        }
        shape
    }
}

/// goyaml's idea of printable: line feed and the basic plane, without the breaks beside line feed.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// `|`, `|-`, `|2+` … if the string is written as a block.
pub fn block_header(text: &str) -> Option<String> {
    if !text.contains('\n') {
        return None;
    }
    let shape = Shape::of(text);
    if shape.special || shape.space_before_break || shape.trailing_space {
        return None;
    }
    let indent = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let chomp = match text.strip_suffix('\n') {
        None => "-",
        Some(body) if body.is_empty() || body.ends_with('\n') => "+",
        Some(_) => "",
    };
    Some(format!("|{indent}{chomp}"))
}

/// The string on one line: plain where that reads back as the same string, else quoted.
pub fn in_line(text: &str) -> String {
    if means_another_type(text) {
        return double_quoted(text);
    }
    let shape = Shape::of(text);
    if shape.special || shape.has_break || shape.break_before_space {
        return double_quoted(text);
    }
    if shape.indicator || shape.edge_blank {
        return format!("'{}'", text.replace('\'', "''"));
    }
    text.to_owned()
}

fn means_another_type(text: &str) -> bool {
    WORDS.contains(&text)
        || (text.starts_with(|c: char| "+-.".contains(c) || c.is_ascii_digit()) && NUMBER_PATTERN.is_match(text))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            c if is_printable(c) => {
                quoted.push(c);
                continue;
            }
            c => {
                quoted.push_str(&escaped(u32::from(c)));
                continue;
            }
        };
        quoted.push('\\');
        quoted.push(short);
    }
    quoted.push('"');
    quoted
}

fn escaped(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02X}"),
        0x100..=0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    }
}
