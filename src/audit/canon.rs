//! Canonical JSON (RFC 8785, the subset without fractions): one value has exactly one spelling, so
//! a record can be hashed, and whatever is spelt otherwise was not written by us.

use serde_json::{Map, Value};

/// Numbers beyond this lose digits in readers that keep them as doubles (RFC 8785, 3.2.2.3).
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why a value has no canonical form here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("a number that is not an integer between -(2^53-1) and 2^53-1")]
    Number,
}

/// The one spelling of `value`, without a newline.
pub fn to_string(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::with_capacity(1024);
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&integer(number)?),
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                comma(i, out);
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(map) => out.push_str(&object(&members(map)?, &[])),
    }
    Ok(())
}

/// Each member of an object as `"key":value`, in canonical order.
pub fn members(map: &Map<String, Value>) -> Result<Vec<(&str, String)>, NotCanonical> {
    // Explicit, although the map is sorted today: any dependency may switch on serde_json's
    // `preserve_order`. UTF-16 order is what the RFC asks for.
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
    let spell = |key: &'_ String| {
        let mut out = String::new();
        string(key, &mut out);
        out.push(':');
        write(&map[key], &mut out)?;
        Ok(out)
    };
    keys.into_iter().map(|key| Ok((key.as_str(), spell(key)?))).collect()
}

/// An object of these members, but those named in `without`.
pub fn object(members: &[(&str, String)], without: &[&str]) -> String {
    let kept = members.iter().filter(|(key, _)| !without.contains(key));
    let texts: Vec<&str> = kept.map(|(_, text)| text.as_str()).collect();
    format!("{{{}}}", texts.join(","))
}

fn comma(i: usize, out: &mut String) {
    if i > 0 {
        out.push(',');
    }
}

fn integer(number: &serde_json::Number) -> Result<String, NotCanonical> {
    let magnitude = match (number.as_u64(), number.as_i64()) {
        (Some(n), _) => n,
        (None, Some(n)) => n.unsigned_abs(),
        (None, None) => return Err(NotCanonical::Number),
    };
    if magnitude > MAX_INTEGER {
        return Err(NotCanonical::Number);
    }
    Ok(number.to_string())
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let code = c as usize;
                out.push_str("\\u00");
                out.push(char::from(HEX[code >> 4]));
                out.push(char::from(HEX[code & 15]));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_no_space_is_left() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "x"});
        assert_eq!(
            to_string(&value).expect("canonical"),
            r#"{"a":"x","b":[1,{"a":true,"z":null}]}"#
        );
    }

    #[test]
    fn keys_are_sorted_by_utf16_as_the_rfc_says_not_by_code_point() {
        // RFC 8785 3.2.3: U+1F600 is D83D DE00 in UTF-16 and so stands before U+FB33.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{20ac}": 3, "\r": 4, "1": 5, "\u{80}": 6, "\u{f6}": 7});
        let text = to_string(&value).expect("canonical");
        let order: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(order, ['4', '1', '5', '6', '7', '3', '2', '1'], "{text}");
    }

    #[test]
    fn strings_escape_only_what_the_rfc_names() {
        let value = json!("\u{20ac}$\u{f}\nA'B\"\\\\\"/\u{7f}");
        assert_eq!(
            to_string(&value).expect("canonical"),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\""
        );
    }

    #[test]
    fn numbers_that_a_double_cannot_hold_are_refused() {
        for bad in [
            json!(1.5),
            json!(9_007_199_254_740_992_u64),
            json!(-9_007_199_254_740_992_i64),
        ] {
            assert_eq!(to_string(&bad), Err(NotCanonical::Number), "{bad}");
        }
        assert_eq!(
            to_string(&json!(-9_007_199_254_740_991_i64)).as_deref(),
            Ok("-9007199254740991")
        );
    }

    #[test]
    fn the_spelling_is_what_serde_json_reads_back() {
        let value = json!({"all": (0..0x500).filter_map(char::from_u32).collect::<String>(), "n": [0, -1, 42]});
        let text = to_string(&value).expect("canonical");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("json"), value);
    }
}
