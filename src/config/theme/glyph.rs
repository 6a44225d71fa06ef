//! The one table of glyphs, each with its ASCII stand-in of the same width: for `LANG=C`,
//! `TERM=linux` and locales where terminals disagree about widths. The view writes the left
//! column; where ASCII is asked for, the finished screen is translated.

macro_rules! glyphs {
    ($($name:ident $glyph:literal $ascii:literal)*) => {
        $(pub const $name: &str = $glyph;)*

        const TABLE: &[(&str, &str)] = &[$(($glyph, $ascii),)*];
    };
}

glyphs! {
    CRUMB "▸" ">"
    DOT "·" "-"
    CURSOR "▌" ">"
    MARK "●" "*"
    UNCHOSEN "○" "o"
    SORT_DOWN "↓" "v"
    SORT_UP "↑" "^"
    LEFT "←" "<"
    RIGHT "→" ">"
    CHOICE_LEFT "‹" "<"
    CHOICE_RIGHT "›" ">"
    BLOCKED "⊘" "x"
    CUT "…" "~"
    HORIZONTAL "─" "-"
    VERTICAL "│" "|"
    TOP_LEFT "┌" "+"
    TOP_RIGHT "┐" "+"
    BOTTOM_LEFT "└" "+"
    BOTTOM_RIGHT "┘" "+"
    WRITE "▲" "^"
    REFUSED "✕" "x"
    ENDED "■" "#"
    TIMES "×" "x"
    REPLACED "\u{fffd}" "?"
}

/// The stand-in of a glyph of the table.
pub fn ascii(glyph: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .find(|(unicode, _)| *unicode == glyph)
        .map(|(_, ascii)| *ascii)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::TABLE;

    #[test]
    fn every_glyph_and_its_stand_in_are_one_cell_wide() {
        for (unicode, ascii) in TABLE {
            assert_eq!((unicode.width(), ascii.len()), (1, 1), "{unicode}");
            assert!(ascii.is_ascii());
        }
    }
}
