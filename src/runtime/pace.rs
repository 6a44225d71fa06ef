//! When to draw: at once after a key, otherwise at most once per 16 ms, and never when nothing
//! changed. Pure arithmetic over the boot clock.

/// Shortest time between two frames that no key asked for, in milliseconds.
const FRAME_MS: u64 = 16;

#[derive(Debug, Default)]
pub struct Pace {
    dirty: bool,
    urgent: bool,
    drawn_at: u64,
}

impl Pace {
    /// Something visible changed.
    pub fn changed(&mut self) {
        self.dirty = true;
    }

    /// A key changed something: the next frame does not wait.
    pub fn pressed(&mut self) {
        self.dirty = true;
        self.urgent = true;
    }

    /// Milliseconds until the next frame is due; None when there is nothing to draw.
    pub fn due_in(&self, now: u64) -> Option<u64> {
        if !self.dirty {
            return None;
        }
        if self.urgent {
            return Some(0);
        }
        Some((self.drawn_at + FRAME_MS).saturating_sub(now))
    }

    pub fn drawn(&mut self, now: u64) {
        *self = Self {
            dirty: false,
            urgent: false,
            drawn_at: now,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_changed_means_no_frame() {
        let mut pace = Pace::default();
        pace.drawn(100);
        assert_eq!(pace.due_in(10_000), None);
    }

    #[test]
    fn changes_share_a_frame_and_keys_do_not_wait() {
        let mut pace = Pace::default();
        pace.drawn(100);
        pace.changed();
        assert_eq!(pace.due_in(104), Some(12));
        assert_eq!(pace.due_in(200), Some(0));
        pace.pressed();
        assert_eq!(pace.due_in(104), Some(0));
    }
}
