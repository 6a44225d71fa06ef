//! A recorded session being watched. Holds nothing that could reach a cluster.

use std::sync::Arc;

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
    /// First column and row seen, where the terminal is smaller than the recording.
    pub pan: (u16, u16),
}
