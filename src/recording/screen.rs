//! The recorded screen at any time.

use std::sync::Arc;

use crate::model::Grid;

/// A parsed screen recording.
#[derive(Debug, Default)]
pub struct Screen {
    frames: Vec<(u64, Arc<Grid>)>,
}

impl Screen {
    pub fn grid_at(&self, ms: u64) -> Arc<Grid> {
        let next = self.frames.partition_point(|(at, _)| *at <= ms);
        self.frames
            .get(next.saturating_sub(1))
            .map_or_else(Arc::default, |(_, grid)| Arc::clone(grid))
    }

    pub fn size_at(&self, ms: u64) -> (u16, u16) {
        let grid = self.grid_at(ms);
        (grid.width, grid.height)
    }

    pub fn duration_ms(&self) -> u64 {
        self.frames.last().map_or(0, |(at, _)| *at)
    }
}
