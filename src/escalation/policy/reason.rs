//! What may stand in the words of a request, and how a reason is counted. The same two patterns are
//! written into the kit's policies, so that pane and server agree; must never say here what they
//! do not enforce.

use std::sync::LazyLock;

use regex::Regex;

/// What counts in a reason. Letters and digits alone: twenty dots or blanks explain nothing.
pub(in crate::escalation) const COUNTED: &str = r"[\p{L}\p{N}]";

/// Control and direction characters, line and paragraph separators, private use, and the letters
/// and signs that look like a blank: an approver must see what they consent to.
pub(in crate::escalation) const HIDDEN: &str =
    r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\x{2800}\x{3164}\x{115F}\x{1160}\x{FFA0}]";

/// Letters and digits of a reason.
pub fn reason_length(text: &str) -> usize {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(COUNTED).expect("a constant pattern"));
    PATTERN.find_iter(text).count()
}

pub(super) fn is_hidden(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| Regex::new(HIDDEN).expect("a constant pattern"));
    PATTERN.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_of_every_script_count_and_nothing_else() {
        assert_eq!(reason_length("  a-1 . \u{e9}  "), 3);
        assert_eq!(reason_length("\u{969c}\u{5bb3}\u{0661}"), 3);
        assert_eq!(reason_length(" .,;-\u{2800}\u{301}"), 0);
    }

    #[test]
    fn what_looks_like_nothing_is_hidden() {
        for hidden in [
            '\u{7}', '\u{200b}', '\u{202e}', '\u{2028}', '\u{2029}', '\u{e000}', '\u{2800}', '\u{3164}', '\u{115f}',
            '\u{1160}', '\u{ffa0}',
        ] {
            assert!(is_hidden(&format!("INC{hidden}7")), "{hidden:?}");
        }
        assert!(!is_hidden("checkout is down (caf\u{e9}, \u{969c}\u{5bb3}): 90 %"));
    }
}
