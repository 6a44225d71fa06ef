//! What a remote terminal shows: cells, cursor, and the modes that decide what keys become. Filled
//! by `runtime`, which feeds an emulator; nothing of what the remote wrote is left in it but text
//! and colours.

use super::Grid;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalFrame {
    pub grid: Grid,
    /// Column and row; none while it is hidden.
    pub cursor: Option<(u16, u16)>,
    /// Arrow keys are sent as `ESC O A`.
    pub application_cursor: bool,
    /// A paste is sent between marks.
    pub bracketed_paste: bool,
}
