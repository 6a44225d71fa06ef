//! Colours: a palette, and a style for each scope. A theme may inherit from another. Must never
//! accept a theme in which the hue of the broken glass appears anywhere else.

pub mod glyph;
mod load;
mod scope;
#[cfg(test)]
mod tests;

pub use scope::Scope;

use super::Problem;
use crate::model::Colour;

/// What one scope lays over the ground. `None` leaves what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeStyle {
    pub foreground: Option<Colour>,
    pub background: Option<Colour>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reversed: bool,
}

/// A style for every scope, and the choice of glyphs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    styles: Vec<ScopeStyle>,
    /// Glyphs from the ASCII set.
    pub ascii: bool,
}

/// Name and text of the themes in the program.
const BUILT_IN: &[(&str, &str)] = &[
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("no-colour", include_str!("../../../themes/no-colour.toml")),
];

impl Theme {
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A theme of the program.
    pub fn built_in(name: &str) -> Option<Self> {
        let text = built_in_text(name)?;
        let (theme, problems) = Self::parse(name, text, &|_| None);
        debug_assert!(problems.is_empty(), "{problems:?}");
        Some(theme)
    }

    /// What of `text` is right, and all that is wrong with it. `place` is the file, for messages;
    /// `find` gives the text of a theme of the user that is inherited from.
    pub fn parse(place: &str, text: &str, find: &dyn Fn(&str) -> Option<String>) -> (Self, Vec<Problem>) {
        load::load(place, text, find)
    }

    pub fn style(&self, scope: Scope) -> ScopeStyle {
        self.styles[scope as usize]
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::built_in("dark").expect("`dark` stands in the table above")
    }
}

fn built_in_text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
