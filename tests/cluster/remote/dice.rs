//! Chance that can be repeated: the seed is printed, and `KGLASS_SEED` sets it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub struct Dice(u64);

impl Dice {
    /// Seed of this run.
    pub fn seed() -> u64 {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        let given = std::env::var("KGLASS_SEED").ok();
        given.map_or_else(
            || u64::from(now()),
            |text| text.parse().expect("KGLASS_SEED is a number"),
        )
    }

    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// xorshift64*
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    pub fn between_ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}
