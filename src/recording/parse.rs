//! An asciicast v3 file as a list of events. Whatever the file holds, this ends in bounded time and
//! memory; what is damaged opens up to the damage, and the damage is told with its line.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

const MAX_LINE: u64 = 8 * 1024 * 1024;
const MAX_OUTPUT: usize = 256 * 1024 * 1024;
const MAX_EVENTS: usize = 2_000_000;
const MAX_RESIZES: usize = 1000;
const MAX_COLUMNS: u16 = 1000;
const MAX_CELLS: u32 = 200_000;

/// Where a recording stops being readable, why, and what helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("screen recording, line {line}: {cause}; {cure}")]
pub struct Damage {
    pub line: u64,
    pub cause: String,
    pub cure: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Bytes `from..to` of the output.
    Output {
        from: usize,
        to: usize,
    },
    Resize {
        width: u16,
        height: u16,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    pub at_ms: u64,
    pub label: String,
}

/// What could be read.
#[derive(Debug, Default)]
pub struct Cast {
    pub width: u16,
    pub height: u16,
    /// Unix milliseconds of time 0, if the file says so.
    pub started_ms: Option<i64>,
    pub output: Vec<u8>,
    pub changes: Vec<(u64, Change)>,
    pub markers: Vec<Marker>,
    pub duration_ms: u64,
    pub damage: Option<Damage>,
}

/// Reads all that is sound.
pub fn parse(file: impl Read) -> Cast {
    let mut cast = Cast::default();
    let mut input = BufReader::with_capacity(64 * 1024, file);
    let mut time = 0.0;
    let mut resizes = 0;
    for line in 1.. {
        let result = next_line(&mut input).and_then(|text| match text {
            None => Ok(false),
            Some(text) if line == 1 => cast.header(&text).map(|()| true),
            Some(text) => cast.line(&text, &mut time, &mut resizes).map(|()| true),
        });
        match result {
            Ok(true) => {}
            Ok(false) if line == 1 => return cast.damaged(line, "the file is empty".into(), NO_CAST),
            Ok(false) => return cast,
            Err(Bad(cause, cure)) => return cast.damaged(line, cause, cure),
        }
    }
    cast
}

/// Cause and cure.
struct Bad(String, &'static str);

const NO_CAST: &str = "it is no asciicast v3 file; the journal beside it is shown without a screen";
const CUT: &str = "it is played up to here; `kglass audit verify` says how much of it is vouched for";

/// The next line without its newline; None at the end.
fn next_line(input: &mut impl BufRead) -> Result<Option<String>, Bad> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes);
    let read = read.map_err(|error| Bad(format!("it cannot be read: {error}"), CUT))?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') {
        let cause = if read as u64 == MAX_LINE {
            "the line is longer than 8 MiB"
        } else {
            "the line is cut off"
        };
        return Err(Bad(cause.into(), CUT));
    }
    bytes.pop();
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Bad("it is not UTF-8".into(), CUT))
}

impl Cast {
    fn damaged(mut self, line: u64, cause: String, cure: &'static str) -> Self {
        self.damage = Some(Damage { line, cause, cure });
        self
    }

    fn header(&mut self, text: &str) -> Result<(), Bad> {
        let bad = |cause: &str| Bad(cause.to_owned(), NO_CAST);
        let header: Value = serde_json::from_str(text).map_err(|_| bad("the header is not JSON"))?;
        if header["version"] != 3 {
            return Err(bad("its version is not 3"));
        }
        let (columns, rows) = (header["term"]["cols"].as_u64(), header["term"]["rows"].as_u64());
        let size = columns.zip(rows).and_then(|(columns, rows)| sane(columns, rows));
        (self.width, self.height) = size.ok_or_else(|| bad("the header names no usable size"))?;
        self.started_ms = header["timestamp"].as_i64().map(|seconds| seconds.saturating_mul(1000));
        Ok(())
    }

    fn line(&mut self, text: &str, time: &mut f64, resizes: &mut usize) -> Result<(), Bad> {
        if let Some(comment) = text.strip_prefix('#') {
            self.comment(comment);
            return Ok(());
        }
        let event: Result<(f64, String, String), _> = serde_json::from_str(text);
        let (interval, code, data) = event.map_err(|error| Bad(format!("it is no event: {error}"), CUT))?;
        if !(0.0..=1e9).contains(&interval) {
            return Err(Bad("its time runs backwards or too far".into(), CUT));
        }
        // Whole milliseconds, so that a long sum of intervals does not drift.
        *time += (interval * 1000.0).round();
        let at = *time as u64;
        self.duration_ms = at;
        match code.as_str() {
            "o" => self.output(at, &data)?,
            "r" => self.resize(at, &data, resizes)?,
            "m" => self.markers.push(Marker { at_ms: at, label: data }),
            // Input and exit are not shown, and later kinds of event are not ours to refuse.
            _ => {}
        }
        if self.changes.len() + self.markers.len() > MAX_EVENTS {
            return Err(Bad(format!("it has more than {MAX_EVENTS} events"), CUT));
        }
        Ok(())
    }

    /// Ours carries the exact start; others' are skipped.
    fn comment(&mut self, comment: &str) {
        let ours = comment
            .strip_prefix(" kglass ")
            .and_then(|json| serde_json::from_str::<Value>(json).ok());
        if let Some(started) = ours.and_then(|value| value["startedMs"].as_i64()) {
            self.started_ms = Some(started);
        }
    }

    fn output(&mut self, at: u64, data: &str) -> Result<(), Bad> {
        if self.output.len() + data.len() > MAX_OUTPUT {
            return Err(Bad("it holds more than 256 MiB of output".into(), CUT));
        }
        let from = self.output.len();
        self.output.extend_from_slice(data.as_bytes());
        let to = self.output.len();
        self.changes.push((at, Change::Output { from, to }));
        Ok(())
    }

    fn resize(&mut self, at: u64, data: &str, resizes: &mut usize) -> Result<(), Bad> {
        *resizes += 1;
        let size = data
            .split_once('x')
            .and_then(|(columns, rows)| sane(columns.parse().ok()?, rows.parse().ok()?));
        match size {
            Some((width, height)) if *resizes <= MAX_RESIZES => {
                self.changes.push((at, Change::Resize { width, height }));
                Ok(())
            }
            Some(_) => Err(Bad(format!("it is resized more than {MAX_RESIZES} times"), CUT)),
            None => Err(Bad("it is resized to no usable size".into(), CUT)),
        }
    }
}

/// A size that a screen may have; keeps made-up files from eating the memory.
fn sane(columns: u64, rows: u64) -> Option<(u16, u16)> {
    let (columns, rows) = (u16::try_from(columns).ok()?, u16::try_from(rows).ok()?);
    let cells = u32::from(columns) * u32::from(rows);
    (columns <= MAX_COLUMNS && (1..=MAX_CELLS).contains(&cells)).then_some((columns, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24},\"timestamp\":1700000000}\n";

    fn damage(text: &str) -> (u64, String) {
        let damage = parse(text.as_bytes()).damage.expect("damage");
        (damage.line, damage.cause)
    }

    #[test]
    fn intervals_add_up_and_comments_and_foreign_events_are_skipped() {
        let body = "# kglass {\"startedMs\":1700000000123}\n[0.5, \"o\", \"a\"]\n#x\n[0.25, \"i\", \"q\"]\n[1, \"m\", \"id label\"]\n[0, \"z\", \"\"]\n[2.001, \"r\", \"100x30\"]\n";
        let cast = parse(format!("{HEADER}{body}").as_bytes());
        assert_eq!(cast.damage, None);
        assert_eq!(cast.started_ms, Some(1_700_000_000_123));
        assert_eq!(cast.changes[0], (500, Change::Output { from: 0, to: 1 }));
        assert_eq!(cast.changes[1], (3751, Change::Resize { width: 100, height: 30 }));
        assert_eq!((cast.markers[0].at_ms, cast.duration_ms), (1750, 3751));
    }

    #[test]
    fn damage_is_told_with_its_line_and_what_was_before_it_is_kept() {
        let cast = parse(format!("{HEADER}[1, \"o\", \"kept\"]\n[1, \"o\", \"tor").as_bytes());
        assert_eq!(cast.output, b"kept");
        let damage = cast.damage.expect("damage").to_string();
        assert!(
            damage.contains("line 3") && damage.contains("cut off") && damage.contains("up to here"),
            "{damage}"
        );
    }

    #[test]
    fn what_is_no_cast_says_so() {
        assert_eq!(damage(""), (1, "the file is empty".into()));
        assert_eq!(damage("hello\n"), (1, "the header is not JSON".into()));
        assert_eq!(
            damage("{\"version\":2,\"width\":80,\"height\":24}\n"),
            (1, "its version is not 3".into())
        );
        for (columns, rows) in [
            ("0", "24"),
            ("80", "0"),
            ("65536", "1"),
            ("1000", "1000"),
            ("-1", "5"),
            ("\"x\"", "5"),
        ] {
            let header = format!("{{\"version\":3,\"term\":{{\"cols\":{columns},\"rows\":{rows}}}}}\n");
            assert_eq!(
                damage(&header),
                (1, "the header names no usable size".into()),
                "{header}"
            );
        }
    }

    #[test]
    fn made_up_times_and_sizes_are_damage() {
        for event in [
            "[-1, \"o\", \"\"]",
            "[1e300, \"o\", \"\"]",
            "[1, \"r\", \"99999x2\"]",
            "[1, \"r\", \"2\"]",
            "[1, \"o\"]",
            "{}",
            "",
            "\u{0}",
        ] {
            assert_eq!(damage(&format!("{HEADER}{event}\n")).0, 2, "{event}");
        }
        let many = "[0, \"r\", \"2x2\"]\n".repeat(MAX_RESIZES + 1);
        assert_eq!(damage(&format!("{HEADER}{many}")).0, MAX_RESIZES as u64 + 2);
    }
}
