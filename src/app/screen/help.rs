//! Every key of the screen that was seen when help was asked for. Made from registry and keymap.

use super::Filter;
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
    every: Vec<HelpLine>,
    /// Those that pass the filter.
    pub lines: Vec<HelpLine>,
    pub filter: Filter,
    pub scroll: Scroll,
}

impl HelpScreen {
    pub fn new(every: Vec<HelpLine>) -> Self {
        Self {
            lines: every.clone(),
            every,
            ..Self::default()
        }
    }

    /// Every key, shown or not.
    pub fn every(&self) -> &[HelpLine] {
        &self.every
    }

    /// Looks for the text in all that a line says.
    pub fn filter(&mut self, filter: Filter) {
        let passes = |line: &&HelpLine| {
            let said = [line.group, &line.keys, line.title, line.doc].join(" ");
            filter.fits(&said)
        };
        self.lines = self.every.iter().filter(passes).cloned().collect();
        self.filter = filter;
        self.scroll.top = 0;
    }
}
