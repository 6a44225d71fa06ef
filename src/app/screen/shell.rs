//! A shell: what the remote terminal shows. Every key goes there, but the one of the menu.

use std::sync::Arc;

use crate::model::TerminalFrame;

#[derive(Clone, Debug)]
pub struct ShellScreen {
    /// The stream it shows.
    pub action: u64,
    /// `shell in web-0:web`
    pub title: String,
    /// None until the remote has drawn something.
    pub frame: Option<Arc<TerminalFrame>>,
    /// The next keys are ours.
    pub menu: bool,
}
