//! Fitting text into cells. Everything here counts cells, not bytes, and cuts between graphemes.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::config::theme::glyph::CUT;

/// Cells that `text` takes.
pub fn width(text: &str) -> usize {
    // Printable ASCII, nearly everything, has one cell per byte.
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text`, or its start and `…`.
pub fn end(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    match room.checked_sub(1) {
        None => Cow::Borrowed(""),
        Some(kept) => Cow::Owned(format!("{}{CUT}", prefix(text, kept))),
    }
}

/// `text`, or its start, `…` and its end: names of pods differ in their ends.
pub fn middle(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let Some(kept) = room.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    // Six cells hold the `-x2kqp` that the ReplicaSet gave; a third serves longer ends.
    let tail = (kept / 3).max(6).min(kept / 2);
    Cow::Owned(format!("{}{CUT}{}", prefix(text, kept - tail), suffix(text, tail)))
}

/// The start and the end of a sentence that is too long, at blanks where there are any: who did what
/// stands at the start of an error, and the cause that began it at the end.
pub fn around(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let Some(kept) = room.checked_sub(3) else {
        return end(text, room);
    };
    let (start, finish) = (prefix(text, kept / 2), suffix(text, kept - kept / 2));
    let start = start.rsplit_once(' ').map_or(start, |(whole, _)| whole);
    let finish = finish.split_once(' ').map_or(finish, |(_, whole)| whole);
    Cow::Owned(format!("{start} {CUT} {finish}"))
}

/// `name` cut in the middle so that no other of `all` looks the same: where two would, each also
/// gets its place among them.
pub fn distinct<'t>(name: &'t str, all: &[String], room: usize) -> Cow<'t, str> {
    let cut = middle(name, room);
    if matches!(cut, Cow::Borrowed(_)) {
        return cut;
    }
    let mut alike: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|other| middle(other, room) == cut)
        .collect();
    if alike.len() < 2 {
        return cut;
    }
    alike.sort_unstable();
    let place = alike.iter().position(|other| *other == name).map_or(0, |at| at + 1);
    let mark = format!("#{place}");
    Cow::Owned(format!("{}{mark}", middle(name, room.saturating_sub(mark.len()))))
}

/// The longest start of `text` that fits.
pub fn prefix(text: &str, room: usize) -> &str {
    if text.is_ascii() {
        return &text[..room.min(text.len())];
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// As `prefix`, but at least one grapheme: who goes on behind it would never end at a wide glyph.
pub fn fitting(text: &str, room: usize) -> &str {
    match prefix(text, room) {
        "" => text.graphemes(true).next().unwrap_or(text),
        fits => fits,
    }
}

/// The longest end of `text` that fits.
pub fn suffix(text: &str, room: usize) -> &str {
    if text.is_ascii() {
        return &text[text.len() - room.min(text.len())..];
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > room {
            return &text[at + grapheme.len()..];
        }
    }
    text
}

/// `text` without its first `cells`.
pub fn skip(text: &str, cells: usize) -> &str {
    &text[prefix(text, cells).len()..]
}

/// Lines of at most `room` cells, broken at blanks where there are any, and at line breaks.
pub fn wrap(text: &str, room: usize) -> Vec<&str> {
    let room = room.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut rest = paragraph;
        while width(rest) > room {
            let fits = fitting(rest, room);
            let whole_word = rest[fits.len()..].starts_with(' ');
            let at = match fits.rfind(' ') {
                Some(blank) if blank > 0 && !whole_word => blank,
                _ => fits.len(),
            };
            lines.push(&rest[..at]);
            rest = rest[at..].trim_start_matches(' ');
        }
        // What fills its last line to the end leaves nothing.
        if !rest.is_empty() || paragraph.is_empty() {
            lines.push(rest);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cut_name_keeps_its_end() {
        assert_eq!(middle("checkout-7f9d5c4b6-x2kqp", 20), "checkout-7f9d…-x2kqp");
        assert_eq!(middle("cart", 20), "cart");
        assert_eq!(end("CrashLoopBackOff", 8), "CrashLo…");
        assert_eq!((end("abc", 0), middle("abc", 0)), ("".into(), "".into()));
        assert_eq!(middle("abc", 1), "…");
    }

    #[test]
    fn of_a_long_error_the_start_and_the_cause_are_kept() {
        let error = "the forward broke: while talking to a pod: in a namespace: connection refused";
        assert_eq!(around(error, 48), "the forward broke: … connection refused");
        assert_eq!(around(error, 80), error);
    }

    #[test]
    fn two_contexts_never_look_alike() {
        let all: Vec<String> = ["1111", "2222"]
            .map(|account| format!("arn:aws:eks:eu-west-1:{account}:cluster/prod-eu"))
            .into();
        let shown: Vec<_> = all.iter().map(|name| distinct(name, &all, 20)).collect();
        assert_ne!(shown[0], shown[1]);
        assert!(shown.iter().all(|name| width(name) <= 20), "{shown:?}");
    }

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a-very-long-name x", 6), ["a-very", "-long-", "name x"]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text in "(\\PC|[a-z -]){0,40}", room in 0_usize..30) {
            prop_assert!(width(&end(&text, room)) <= room && width(&around(&text, room)) <= room);
            prop_assert!(width(&middle(&text, room)) <= room);
            prop_assert!(width(prefix(&text, room)) <= room && width(suffix(&text, room)) <= room);
        }

        #[test]
        fn wrapping_loses_only_blanks(text in "[a-z日é ]{0,60}", room in 2_usize..20) {
            let lines = wrap(&text, room);
            prop_assert!(lines.iter().all(|line| width(line) <= room));
            let bare = |s: &str| s.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
