//! A receipt says that an intent is on disk; only the journal can say so.
use kglass::audit::Receipt;

pub fn mint(real: Receipt) -> Receipt {
    #[cfg(bad)]
    return Receipt { seq: 1, ..real }; //~ E0451
    #[cfg(not(bad))]
    return real;
}
