//! An `Escalation` has no public way to be made.
use kglass::escalation::{Escalation, Grant};

pub fn forge(grant: Grant) -> Option<Escalation> {
    #[cfg(bad)]
    return Some(Escalation { grant }); //~ E0451
    #[cfg(not(bad))]
    {
        let _kept = grant;
        None
    }
}
