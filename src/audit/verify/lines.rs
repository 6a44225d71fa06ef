//! A journal as lines with their places. Reads any file in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use serde_json::Value;

use super::line::{self, Flaw, Sound};
use crate::audit::writer::{MAX_JOURNAL, MAX_LINE};

/// No session has so many; a file that has more is not read to its end.
const MAX_LINES: u64 = 100_000;

/// One line and where it stands.
#[derive(Debug)]
pub struct Line {
    /// From 1.
    pub number: u64,
    /// Of its first byte.
    pub offset: u64,
    /// With its newline.
    pub length: u64,
    pub read: Result<Sound, Flaw>,
}

impl Line {
    pub fn end(&self) -> u64 {
        self.offset + self.length
    }
}

/// Reads every line; `each` gets those that are sound as a whole.
pub fn read_lines(file: impl Read, mut each: impl FnMut(&Line, Option<Value>)) -> io::Result<Vec<Line>> {
    let mut input = BufReader::with_capacity(64 * 1024, file);
    let mut lines = Vec::new();
    let mut offset = 0;
    let mut buffer = Vec::new();
    for number in 1.. {
        buffer.clear();
        let length = next_line(&mut input, &mut buffer)?;
        if length == 0 {
            break;
        }
        let beyond = number > MAX_LINES || offset + length > MAX_JOURNAL;
        let (read, value) = match judge(&buffer, length) {
            _ if beyond => (Err(Flaw::Endless), None),
            Ok((sound, value)) => (Ok(sound), Some(value)),
            Err(flaw) => (Err(flaw), None),
        };
        let line = Line {
            number,
            offset,
            length,
            read,
        };
        offset += length;
        each(&line, value);
        lines.push(line);
        if beyond {
            break;
        }
    }
    Ok(lines)
}

fn judge(buffer: &[u8], length: u64) -> Result<(Sound, Value), Flaw> {
    if length > MAX_LINE as u64 {
        return Err(Flaw::TooLong);
    }
    match buffer.strip_suffix(b"\n") {
        Some(line) => line::read(line, true),
        None => line::read(buffer, false),
    }
}

/// Length of the next line, its newline included. What goes beyond `MAX_LINE` is counted but not
/// kept.
fn next_line(input: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(length);
        }
        let newline = available.iter().position(|b| *b == b'\n');
        let take = newline.map_or(available.len(), |at| at + 1);
        if buffer.len() <= MAX_LINE {
            buffer.extend_from_slice(&available[..take]);
        }
        input.consume(take);
        length += take as u64;
        if newline.is_some() {
            return Ok(length);
        }
    }
}
