//! A record as RFC 5424 messages in octet counting. The message is the record's line, byte for byte;
//! session, number and hash stand in structured data, so that a receiver can sort and drop repeats
//! without parsing it. A line longer than a message may be comes in numbered parts: nothing is cut.

use std::fmt::Write;

use super::line::Line;

/// RFC 5425 asks every receiver for 2048 bytes and recommends 8192; rsyslog's default is 8096 (its own
/// documents say "8k"), and it cuts what is longer.
pub const DEFAULT_MAX_MESSAGE: usize = 8096;
pub const MIN_MAX_MESSAGE: usize = 1024;
/// Facility 13, log audit.
const FACILITY: u8 = 13;
const NOTICE: u8 = 5;
const WARNING: u8 = 4;
/// The number that RFC 5612 keeps for documentation: kglass has none of its own.
const ENTERPRISE: u32 = 32473;

/// Appends the frames of `line` to `out`.
pub fn frame(line: &Line, hostname: &str, max_message: usize, out: &mut Vec<u8>) {
    let alone = message(line, hostname, None, &line.text);
    if alone.len() <= max_message {
        return count(&alone, out);
    }
    // The longest head that a part can have.
    let head = message(line, hostname, Some((99_999, 99_999)), "").len();
    let pieces = split(&line.text, max_message.saturating_sub(head).max(64));
    for (index, piece) in pieces.iter().enumerate() {
        count(&message(line, hostname, Some((index + 1, pieces.len())), piece), out);
    }
}

fn count(message: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{} ", message.len()).as_bytes());
    out.extend_from_slice(message.as_bytes());
}

fn message(line: &Line, hostname: &str, part: Option<(usize, usize)>, text: &str) -> String {
    let severity = match line.kind.as_str() {
        "refused" | "sink_failed" | "recovered" => WARNING,
        _ => NOTICE,
    };
    let pri = FACILITY * 8 + severity;
    let host = printable(hostname, 255);
    let kind = printable(&line.kind, 32);
    let mut out = format!("<{pri}>1 {} {host} kglass - {kind} ", printable(&line.ts, 64));
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "[kglass@{ENTERPRISE} session=\"{}\" seq=\"{}\" hash=\"{}\"",
        value(&line.session),
        line.seq,
        value(&line.hash)
    );
    if let Some((number, of)) = part {
        let _ = write!(out, " part=\"{number}\" parts=\"{of}\"");
    }
    out.push_str("] ");
    out.push_str(text);
    out
}

/// `PRINTUSASCII`, or `-` if nothing of it is.
fn printable(text: &str, longest: usize) -> String {
    let kept: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if kept.is_empty() { "-".into() } else { kept }
}

/// A parameter's value: `"`, `\` and `]` are escaped (6.3.3).
fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Pieces of at most `longest` bytes, none ending within a character.
fn split(text: &str, longest: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > longest {
        let end = (0..=longest).rev().find(|end| rest.is_char_boundary(*end));
        let (piece, after) = rest.split_at(end.unwrap_or(longest));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> Line {
        let text = format!(
            r#"{{"data":{{"words":"{words}"}},"hash":"ab","kind":"intent","prev":"","seq":7,"session":"4kq7mzp3vd2xw6ha","ts":"2026-11-24T10:00:00.000Z"}}"#
        );
        Line::parse(&text, None).expect("a record")
    }

    /// Messages of a stream, by their counts.
    fn messages(mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let blank = bytes.iter().position(|b| *b == b' ').expect("a count");
            let length: usize = std::str::from_utf8(&bytes[..blank]).unwrap().parse().unwrap();
            let message = &bytes[blank + 1..blank + 1 + length];
            found.push(String::from_utf8(message.to_vec()).unwrap());
            bytes = &bytes[blank + 1 + length..];
        }
        found
    }

    #[test]
    fn a_record_is_one_message_whose_text_is_its_line() {
        let line = line("scale web");
        let mut out = Vec::new();
        frame(&line, "laptop", DEFAULT_MAX_MESSAGE, &mut out);
        let head = r#"<109>1 2026-11-24T10:00:00.000Z laptop kglass - intent [kglass@32473 session="4kq7mzp3vd2xw6ha" seq="7" hash="ab"] "#;
        assert_eq!(messages(&out), [format!("{head}{}", line.text)]);
    }

    #[test]
    fn a_long_record_comes_in_parts_that_together_are_its_line() {
        let line = line(&"ä€𝄞x".repeat(900));
        let mut out = Vec::new();
        frame(&line, "laptop", 1024, &mut out);
        let messages = messages(&out);
        assert!(messages.len() > 8 && messages.iter().all(|m| m.len() <= 1024));
        let parts = format!("parts=\"{}\"", messages.len());
        assert!(messages.iter().all(|m| m.contains(&parts)));
        let texts = messages.iter().map(|m| m.split_once("] ").expect("a text").1);
        assert_eq!(texts.collect::<String>(), &*line.text);
    }

    #[test]
    fn hostile_names_cannot_leave_their_field() {
        let mut line = line("x");
        line.session = "a\"]b\\".into();
        let mut out = Vec::new();
        frame(&line, "my host\n", DEFAULT_MAX_MESSAGE, &mut out);
        let text = messages(&out).remove(0);
        assert!(
            text.contains(" myhost kglass ") && text.contains(r#"session="a\"\]b\\""#),
            "{text}"
        );
    }
}
