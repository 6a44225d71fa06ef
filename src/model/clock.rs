//! Points in time as plain data. Nothing here reads a clock: `runtime` and the gate do.

use serde::{Deserialize, Serialize};

/// One instant on both clocks.
///
/// `boot_ms` is CLOCK_BOOTTIME in milliseconds: monotonic, and it goes on while the machine is
/// suspended (`std::time::Instant` stops on Linux), so it alone decides about deadlines.
/// `wall_ms` is Unix time in milliseconds, for people and for comparison with the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    pub boot_ms: u64,
    pub wall_ms: i64,
}

impl Moment {
    /// Milliseconds from `earlier` to `self` on the boot clock; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.boot_ms.saturating_sub(earlier.boot_ms)
    }

    /// This moment moved by `ms` on both clocks.
    pub fn plus_ms(self, ms: u64) -> Self {
        Self {
            boot_ms: self.boot_ms + ms,
            wall_ms: self.wall_ms + ms as i64,
        }
    }
}
