//! Escape sequences as ECMA-48 and terminals have them: where one ends, and what an SGR says. Never
//! hands a byte of a sequence on.

use crate::model::{Colour, Style};

/// Length in bytes of the sequence that `text` starts with, and its parameters if it is SGR.
/// Length 0: it does not end on this line, or is none.
pub fn sequence(text: &str) -> (usize, Option<&str>) {
    let mut chars = text.chars();
    let introducer = chars.next();
    let (kind, body_at) = match introducer {
        Some('\u{1b}') => match chars.next() {
            Some(kind) => (kind, 1 + kind.len_utf8()),
            None => return (0, None),
        },
        Some('\u{9b}') => ('[', 2),
        Some('\u{9d}') => (']', 2),
        Some(_) => ('P', 2),
        None => return (0, None),
    };
    let body = &text[body_at..];
    match kind {
        '[' => control_sequence(body).map_or((0, None), |(end, sgr)| (body_at + end, sgr)),
        ']' | 'P' | 'X' | '^' | '_' => (string_end(body).map_or(0, |end| body_at + end), None),
        // nF: intermediates, then one final. `ESC ( B` is what `tput sgr0` writes.
        ' '..='/' => {
            let end = body.find(|c| !(' '..='/').contains(&c));
            let length = end.filter(|&at| ('0'..='~').contains(&char::from(body.as_bytes()[at])));
            (length.map_or(0, |at| body_at + at + 1), None)
        }
        '0'..='~' => (body_at, None),
        _ => (0, None),
    }
}

/// Length of a CSI body: parameters, intermediates, final. Its parameters if the final says SGR.
fn control_sequence(body: &str) -> Option<(usize, Option<&str>)> {
    let parameters = body.find(|c: char| !('0'..='?').contains(&c))?;
    let rest = &body[parameters..];
    let intermediates = rest.find(|c: char| !(' '..='/').contains(&c))?;
    let last = rest.as_bytes()[intermediates];
    if !(b'@'..=b'~').contains(&last) {
        return None;
    }
    let is_sgr = last == b'm' && intermediates == 0 && !body.starts_with(['<', '=', '>', '?']);
    Some((parameters + intermediates + 1, is_sgr.then_some(&body[..parameters])))
}

/// Length of an OSC, DCS, SOS, PM or APC body with its terminator: BEL, ST or `ESC \`.
fn string_end(body: &str) -> Option<usize> {
    let at = body.find(['\u{7}', '\u{9c}', '\u{1b}'])?;
    let rest = &body[at..];
    if rest.starts_with('\u{1b}') {
        // Any other escape cancels the string; it is looked at on its own.
        return rest.starts_with("\u{1b}\\").then_some(at + 2);
    }
    rest.chars().next().map(|end| at + end.len_utf8())
}

/// Applies the parameters of one SGR. Blink, conceal and everything unknown is ignored.
pub fn apply(style: &mut Style, parameters: &str) {
    let mut fields = parameters.split(';');
    while let Some(field) = fields.next() {
        let mut parts = field.split(':');
        let code: u16 = parts.next().unwrap_or_default().parse().unwrap_or(0);
        match code {
            0 => *style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            3 => style.italic = true,
            4 => style.underline = parts.next() != Some("0"),
            7 => style.reversed = true,
            22 => (style.bold, style.dim) = (false, false),
            23 => style.italic = false,
            24 => style.underline = false,
            27 => style.reversed = false,
            30..=37 => style.foreground = Colour::Indexed((code - 30) as u8),
            40..=47 => style.background = Colour::Indexed((code - 40) as u8),
            90..=97 => style.foreground = Colour::Indexed((code - 90 + 8) as u8),
            100..=107 => style.background = Colour::Indexed((code - 100 + 8) as u8),
            39 => style.foreground = Colour::Default,
            49 => style.background = Colour::Default,
            38 | 48 => {
                let colour = if field.contains(':') {
                    let numbers: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
                    extended(&mut numbers.into_iter())
                } else {
                    extended(&mut fields)
                };
                match (code, colour) {
                    (38, Some(colour)) => style.foreground = colour,
                    (48, Some(colour)) => style.background = colour,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// `5;n` or `2;r;g;b`.
fn extended<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Colour> {
    let mut number = || fields.next().and_then(|field| field.parse::<u8>().ok());
    match number()? {
        5 => Some(Colour::Indexed(number()?)),
        2 => Some(Colour::Rgb(number()?, number()?, number()?)),
        _ => None,
    }
}
