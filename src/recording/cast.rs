//! The lines of an asciicast v3 file as they are written: header, then events with the time since
//! the event before, comments beginning with `#`.

use serde_json::json;

/// What the file begins with: header, and a comment with the exact start (the header's is in
/// seconds).
pub fn opening(session: &str, width: u16, height: u16, started_ms: i64) -> String {
    let header = json!({
        "version": 3,
        "term": {"cols": width, "rows": height, "type": "xterm-256color"},
        "timestamp": started_ms.div_euclid(1000),
        "title": format!("kglass session {session}"),
        "tags": ["kglass"],
    });
    let exact = json!({"session": session, "startedMs": started_ms});
    format!("{header}\n# kglass {exact}\n")
}

/// One event, `ms` after the one before.
pub fn event(ms: u64, code: char, data: &str) -> String {
    let data = serde_json::Value::from(data);
    format!("[{}.{:03}, \"{code}\", {data}]\n", ms / 1000, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_one_line_and_the_exact_start_another() {
        let text = opening("abc", 80, 24, 1_764_000_000_250);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        let header: serde_json::Value = serde_json::from_str(lines[0]).expect("json");
        assert_eq!(
            (&header["version"], &header["timestamp"]),
            (&3.into(), &1_764_000_000.into())
        );
        assert_eq!(header["term"]["cols"], 80);
        assert_eq!(lines[1], r#"# kglass {"session":"abc","startedMs":1764000000250}"#);
    }

    #[test]
    fn an_event_carries_seconds_and_json_text() {
        assert_eq!(
            event(1042, 'o', "\x1b[1;1H\"ä\n"),
            "[1.042, \"o\", \"\\u001b[1;1H\\\"ä\\n\"]\n"
        );
    }
}
