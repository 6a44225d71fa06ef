//! Growing pauses between attempts, with jitter, so that a server that comes back is not met by
//! everybody at once.

use std::time::Duration;

pub struct Backoff {
    first: Duration,
    last: Duration,
    failures: u32,
}

impl Backoff {
    pub fn new((first, last): (Duration, Duration)) -> Self {
        Self {
            first,
            last,
            failures: 0,
        }
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The pause before the next attempt; a server's own `Retry-After` is obeyed.
    pub fn next(&mut self, retry_after: Option<u64>) -> Duration {
        let grown = self.first.saturating_mul(1 << self.failures.min(16)).min(self.last);
        self.failures += 1;
        let pause = retry_after.map_or(grown, |seconds| Duration::from_secs(seconds.min(120)));
        // From 100 to 125 %: never earlier than asked for.
        pause + pause.mul_f64(f64::from(jitter()) / 1024.0)
    }
}

/// 0 to 255. A clock is random enough to spread clients.
fn jitter() -> u8 {
    let now = jiff::Timestamp::now().subsec_nanosecond();
    (now / 1_000 % 256) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_obey_the_server() {
        let mut backoff = Backoff::new((Duration::from_millis(100), Duration::from_secs(1)));
        let pauses: Vec<_> = (0..6).map(|_| backoff.next(None)).collect();
        assert!(pauses[0] >= Duration::from_millis(100) && pauses[0] <= Duration::from_millis(125));
        assert!(pauses[1] >= Duration::from_millis(200), "{pauses:?}");
        assert!(pauses[5] >= Duration::from_secs(1) && pauses[5] <= Duration::from_millis(1250));
        assert!(backoff.next(Some(7)) >= Duration::from_secs(7));
        backoff.reset();
        assert!(backoff.next(None) < Duration::from_millis(126));
    }
}
