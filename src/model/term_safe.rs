//! The only door from foreign text to screen cells. Whatever is in a `TermSafe` can be written to
//! a terminal: no control, direction or invisible character is left in it. Must never let a raw
//! character through because it "cannot" come from a server.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;

/// Stands for a character that is not shown itself.
const REPLACEMENT: char = '\u{fffd}';
/// Marks kept on one base character. Two are enough for Vietnamese, Thai and Hebrew points; more
/// paint over the lines above and below.
const MARKS_KEPT: usize = 2;

/// Controls, formats (bidi, joiners, tags), private, unassigned, line and paragraph separators,
/// everything else that Unicode says to draw as nothing, and the glyphs wider than two cells. A
/// selector of emoji presentation is matched with its base, so that it alone can be dropped.
const UNSHOWN: &str = r"(?x)
    [\p{Emoji}--[\x00-\x7f]] [\u{fe0e}\u{fe0f}]
  | [\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{17d8}\u{2e3a}\u{2e3b}\u{fdfd}]";

static UNSHOWN_PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(UNSHOWN).expect("a fixed pattern, built by a test"));
static MARK_PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{Mn}\p{Me}]+|[\p{Mn}\p{Me}]{3,}").expect("a fixed pattern, built by a test"));

/// Text that is safe to draw. Made only by [`TermSafe::new`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermSafe(Arc<str>);

impl TermSafe {
    /// Replaces what a terminal would obey or hide by something visible. One line: a line break is
    /// shown as `␊`.
    pub fn new(raw: &str) -> Self {
        Self(clean(raw).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TermSafe {
    fn default() -> Self {
        Self("".into())
    }
}

impl fmt::Display for TermSafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What [`TermSafe::new`] does, without the allocation where nothing has to change. Idempotent.
pub fn clean(raw: &str) -> Cow<'_, str> {
    // Bytes, not chars: nearly all text of a cluster is printable ASCII, and this loop vectorises.
    if raw.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Cow::Borrowed(raw);
    }
    let shown = replaced(raw);
    match MARK_PATTERN.replace_all(&shown, |found: &regex::Captures<'_>| cap_marks(found)) {
        Cow::Borrowed(_) => shown,
        Cow::Owned(capped) => Cow::Owned(capped),
    }
}

/// Without captures: a line made of nothing but controls must not cost more than others.
fn replaced(raw: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut copied = 0;
    for found in UNSHOWN_PATTERN.find_iter(raw) {
        shown.push_str(&raw[copied..found.start()]);
        copied = found.end();
        let mut chars = found.as_str().chars();
        match (chars.next(), chars.next()) {
            // The selector only picks colour, and terminals disagree about the width it gives.
            (Some(base), Some(_)) => shown.push(base),
            (Some(bad), None) => shown.push(visible(bad)),
            (None, _) => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(raw);
    }
    shown.push_str(&raw[copied..]);
    Cow::Owned(shown)
}

/// A name for dialogs that ask for consent: only the alphabet of Kubernetes names passes, anything
/// else becomes `\u{…}`, so that no two different names look alike. True if anything was unusual.
pub fn restricted(raw: &str) -> (String, bool) {
    let mut unusual = false;
    let mut shown = String::with_capacity(raw.len());
    for c in raw.chars() {
        if c.is_ascii_alphanumeric() || "-._:/@".contains(c) {
            shown.push(c);
        } else {
            unusual = true;
            shown.extend(c.escape_unicode());
        }
    }
    (shown, unusual)
}

/// The visible stand-in of one character.
fn visible(bad: char) -> char {
    match bad {
        // A cell has no tab stops; log lines expand theirs before they come here.
        '\t' => ' ',
        '\u{7f}' => '\u{2421}',
        // The block of control pictures follows the order of the controls.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(bad)).unwrap_or(REPLACEMENT),
        _ => REPLACEMENT,
    }
}

/// The marks that stay. Marks without a base would join whatever is drawn to their left.
fn cap_marks(found: &regex::Captures<'_>) -> String {
    let run = &found[0];
    let at_start = found.get(0).is_some_and(|whole| whole.start() == 0);
    if at_start {
        let kept = run.chars().skip(1).take(MARKS_KEPT);
        std::iter::once(REPLACEMENT).chain(kept).collect()
    } else {
        run.chars().take(MARKS_KEPT).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthChar;

    use super::*;

    fn shown(raw: &str) -> String {
        TermSafe::new(raw).to_string()
    }

    #[test]
    fn controls_become_pictures_and_the_tab_becomes_blanks() {
        assert_eq!(shown("a\x1b]0;owned\x07b"), "a␛]0;owned␇b");
        assert_eq!(shown("one\r\ntwo\0\x7f"), "one␍␊two␀␡");
        assert_eq!(shown("a\tb"), "a b");
        assert_eq!(shown("\u{9b}31m \u{85}"), "\u{fffd}31m \u{fffd}");
    }

    #[test]
    fn characters_that_turn_or_hide_text_are_replaced() {
        let hidden = [
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{200e}',
            '\u{200f}',
            '\u{61c}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{feff}',
            '\u{ad}',
            '\u{2028}',
            '\u{2029}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{3164}',
            '\u{2060}',
            '\u{34f}',
            '\u{180e}',
            '\u{e000}',
            '\u{10fffe}',
            '\u{378}',
            '\u{fff9}',
        ];
        for c in hidden {
            assert_eq!(shown(&format!("pod{c}a")), "pod\u{fffd}a", "U+{:04X}", u32::from(c));
        }
    }

    /// All of them: a search by chance takes long to meet the few there are.
    #[test]
    fn no_character_takes_more_than_two_cells() {
        let wide = |c: &char| c.width().is_some_and(|width| width > 2);
        let found: Vec<char> = ('\0'..=char::MAX).filter(wide).collect();
        assert!(found.contains(&'\u{17d8}'), "{found:?}");
        for c in found {
            assert_eq!(shown(&format!("a{c}")), "a\u{fffd}", "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn an_emoji_loses_its_selector_but_a_digit_does_not_swallow_one() {
        assert_eq!(shown("⚠\u{fe0f} hot"), "⚠ hot");
        assert_eq!(shown("web-1\u{fe0f}"), "web-1\u{fffd}");
    }

    #[test]
    fn piles_of_marks_are_capped_and_orphans_get_a_base() {
        assert_eq!(shown(&format!("e{}x", "\u{301}".repeat(40))), "e\u{301}\u{301}x");
        assert_eq!(shown("\u{301}\u{302}\u{303}\u{304}a"), "\u{fffd}\u{302}\u{303}a");
        assert_eq!(shown("Việt นั้น עִבְרִית 日本"), "Việt นั้น עִבְרִית 日本");
    }

    #[test]
    fn printable_ascii_is_not_copied() {
        assert!(matches!(clean("kube-system/coredns ~!"), Cow::Borrowed(_)));
        assert!(matches!(clean("größer"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_restricted_name_spells_out_what_is_not_of_the_alphabet() {
        assert_eq!(restricted("shop/web-0"), ("shop/web-0".into(), false));
        assert_eq!(restricted("sh\u{43e}p"), ("sh\\u{43e}p".into(), true));
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_is_left(raw in any::<String>()) {
            for c in shown(&raw).chars() {
                prop_assert!(!c.is_control());
                prop_assert!(c.width().is_some_and(|w| w <= 2));
                let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}');
                prop_assert!(!hidden);
            }
        }

        #[test]
        fn cleaning_twice_changes_nothing_more(raw in any::<String>()) {
            let once = shown(&raw);
            prop_assert_eq!(shown(&once), once);
        }

        #[test]
        fn no_run_of_zero_width_characters_is_longer_than_the_cap(raw in "[a\u{300}-\u{308}\u{20dd}\u{1b}\u{200d}]{0,40}") {
            let run = shown(&raw).split(|c: char| c.width() != Some(0)).map(|r| r.chars().count()).max();
            prop_assert!(run.unwrap_or(0) <= MARKS_KEPT);
        }
    }
}
