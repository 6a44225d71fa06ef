//! Every key of the screen that was seen when help was asked for. Made from registry and keymap.

use crate::app::Scroll;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// `pods`, `table`, `everywhere` …; the view starts a group where it changes.
    pub group: &'static str,
    pub keys: String,
    pub title: &'static str,
    pub doc: &'static str,
    /// Why it cannot be done now.
    pub blocked: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct HelpScreen {
    pub lines: Vec<HelpLine>,
    pub scroll: Scroll,
}
