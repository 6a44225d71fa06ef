//! A recorded session being watched, and how much of its screen is seen. Holds nothing that could
//! reach a cluster.

use std::sync::Arc;

use crate::app::State;
use crate::model::Moment;
use crate::recording::Recording;

#[derive(Clone, Debug)]
pub struct ReplayScreen {
    pub recording: Arc<Recording>,
    /// Milliseconds from the start of the recording.
    pub position_ms: u64,
    pub playing: bool,
    /// Times real time: 1, 2, 4, 8, 16.
    pub speed: u32,
    /// When the position was last moved on by playing.
    pub moved_at: Moment,
    /// First recorded column that is seen.
    pub left: u16,
    /// Recorded rows above those that are seen, where not all are; none keeps the last row in sight.
    pub top: Option<u16>,
    /// Nothing but the recording and one line.
    pub full: bool,
}

/// Columns that the events take beside the screen, at least.
pub const EVENTS_WIDTH: u16 = 48;
/// Lines of the strip below, at least.
pub const STRIP: u16 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The events are to the right.
    Beside,
    /// They are below.
    Above,
    /// There are none.
    Alone,
}

/// What the recorded screen is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub place: Place,
    /// Recorded columns and rows that are seen.
    pub columns: u16,
    pub rows: u16,
}

impl ReplayScreen {
    /// By the size that the recording has at this time. A line that is typed or a question needs the
    /// frame's last line.
    pub fn room(&self, state: &State) -> Room {
        let (columns, rows) = self.recording.size_at(self.position_ms);
        if self.full && state.overlay.is_none() {
            let rows = rows.min(state.height.saturating_sub(state.header_height()));
            return Room {
                place: Place::Alone,
                columns: columns.min(state.width),
                rows,
            };
        }
        let body = state.body_height() as u16;
        // The edge above, and the line of time below.
        let within = body.saturating_sub(2);
        if columns > 0 && state.width >= columns.saturating_add(EVENTS_WIDTH + 2) {
            return Room {
                place: Place::Beside,
                columns,
                rows: rows.min(within.saturating_sub(1)),
            };
        }
        // Edges at the sides too, unless they took columns of the recording.
        let inner = if columns < state.width.saturating_sub(1) {
            state.width.saturating_sub(2)
        } else {
            state.width
        };
        Room {
            place: Place::Above,
            columns: columns.min(inner),
            rows: rows.min(within.saturating_sub(STRIP.min(body / 4))),
        }
    }
}
