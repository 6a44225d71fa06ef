//! The message log as a screen. The messages themselves are in `State::messages`.

use crate::app::ListCursor;

/// Newest first; `cursor.index` 0 is the newest.
#[derive(Clone, Debug, Default)]
pub struct MessagesScreen {
    pub cursor: ListCursor,
}
