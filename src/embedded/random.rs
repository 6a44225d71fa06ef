//! What a server draws: ids of requests and credentials, signatures. From the system, or from a seed
//! where the same run must give the same screens and records every time.

use std::sync::Mutex;

/// A seeded sequence is no secret: it is for screens, and tokens here open nothing else.
#[derive(Default)]
pub(super) struct Random {
    seed: Mutex<Option<u64>>,
}

impl Random {
    pub fn seed(&self, seed: u64) {
        *self.seed.lock().expect("no code panics while it holds the seed") = Some(seed);
    }

    /// A version 4 UUID, as the server's ids are.
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.bytes::<16>())
            .into_uuid()
            .to_string()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &mut *self.seed.lock().expect("no code panics while it holds the seed") {
            Some(state) => bytes.iter_mut().for_each(|byte| *byte = next(state)),
            None => getrandom::fill(&mut bytes).expect("the system has a source of randomness"),
        }
        bytes
    }
}

/// One step of splitmix64.
fn next(state: &mut u64) -> u8 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_and_none_gives_others() {
        let drawn = |seed: Option<u64>| {
            let random = Random::default();
            if let Some(seed) = seed {
                random.seed(seed);
            }
            (random.uuid(), random.uuid())
        };
        assert_eq!(drawn(Some(7)), drawn(Some(7)));
        assert_ne!(drawn(Some(7)), drawn(Some(8)));
        assert_ne!(drawn(None), drawn(None));
        assert_ne!(drawn(Some(7)).0, drawn(Some(7)).1);
    }
}
