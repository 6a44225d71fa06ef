//! Nor is there a function that makes one.
use kglass::audit::Receipt;

pub fn mint(real: Receipt) -> u64 {
    #[cfg(bad)]
    let _forged = Receipt::new(1, unreachable!()); //~ E0624
    real.seq()
}
