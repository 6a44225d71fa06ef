//! How long to wait before the next try: longer each time, bounded, and never the same for two
//! programs that lost their sink together.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);
/// A receiver that asks for more is asked again all the same.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

#[derive(Debug, Default)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    /// Half of it fixed, half by chance.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let full = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        let wait = full / 2 + full.mul_f64(chance() / 2.0);
        asked.map_or(wait, |asked| asked.min(LONGEST_ASKED).max(wait))
    }
}

/// 0 to 1. Without randomness everybody waits the same, which is no reason to fail.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_start_again_after_success() {
        let mut backoff = Backoff::default();
        let first = backoff.next(None);
        assert!((FIRST / 2..=FIRST).contains(&first), "{first:?}");
        let last = (0..50).map(|_| backoff.next(None)).last().unwrap();
        assert!((LONGEST / 2..=LONGEST).contains(&last), "{last:?}");
        backoff.reset();
        assert!(backoff.next(None) <= FIRST);
    }

    #[test]
    fn what_the_receiver_asks_for_is_respected_within_reason() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(backoff.next(Some(Duration::from_secs(86_400))), LONGEST_ASKED);
    }
}
