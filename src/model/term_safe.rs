//! The only door from cluster text to screen cells. Whatever is in a `TermSafe` can be written to
//! a terminal: no control, direction or invisible character is left in it.

use std::fmt;
use std::sync::Arc;

/// Text that is safe to draw. Made only by [`TermSafe::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermSafe(Arc<str>);

impl TermSafe {
    /// Replaces what a terminal would obey or hide by something visible.
    pub fn new(raw: &str) -> Self {
        if raw.chars().all(|c| (' '..='~').contains(&c)) {
            return Self(raw.into());
        }
        Self(
            raw.chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect::<String>()
                .into(),
        )
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TermSafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
