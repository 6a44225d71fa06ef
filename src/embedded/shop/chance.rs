//! What looks like chance in the shop: a function of a seed and of what is asked, so that the same
//! seed and clock give the same cluster, down to the last log line.

/// Characters of generated names: those of the API server, without vowels.
const NAMES: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number for these words, always the same.
    pub fn of(self, words: &[&str]) -> u64 {
        let mut hash = self.0 ^ 0xcbf2_9ce4_8422_2325;
        for word in words {
            for byte in word.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        mixed(hash)
    }

    /// A number for these words at step `n`.
    pub fn at(self, words: &[&str], n: i64) -> u64 {
        mixed(self.of(words) ^ (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// `length` characters as the API server generates them.
    pub fn name(self, words: &[&str], length: usize) -> String {
        let mut number = self.of(words);
        (0..length)
            .map(|_| {
                number = mixed(number);
                char::from(NAMES[(number % NAMES.len() as u64) as usize])
            })
            .collect()
    }

    /// Between 0 and 1, wandering slowly: neighbouring times are close to each other.
    pub fn wander(self, words: &[&str], now_ms: i64, period_ms: i64) -> f64 {
        let step = now_ms.div_euclid(period_ms);
        let along = now_ms.rem_euclid(period_ms) as f64 / period_ms as f64;
        let point = |n| (self.at(words, n) % 10_000) as f64 / 10_000.0;
        let smooth = along * along * (3.0 - 2.0 * along);
        point(step) + (point(step + 1) - point(step)) * smooth
    }
}

fn mixed(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_name_and_others_another() {
        let chance = Chance::new(7);
        assert_eq!(chance.name(&["web", "1"], 5), chance.name(&["web", "1"], 5));
        assert_ne!(chance.name(&["web", "1"], 5), chance.name(&["web", "2"], 5));
        assert_ne!(chance.name(&["web", "1"], 5), Chance::new(8).name(&["web", "1"], 5));
    }

    #[test]
    fn a_value_wanders_and_does_not_jump() {
        let chance = Chance::new(7);
        let mut last = chance.wander(&["cpu"], 0, 60_000);
        for second in 1..600 {
            let next = chance.wander(&["cpu"], second * 1000, 60_000);
            assert!((0.0..=1.0).contains(&next));
            assert!((next - last).abs() < 0.06, "{last} → {next} at {second} s");
            last = next;
        }
    }
}
