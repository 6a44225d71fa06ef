//! Its fields are private, so its session cannot be made up.
use kglass::escalation::{Escalation, Mutation};

pub fn steal(authority: &Escalation) -> Mutation {
    let other = Mutation::restart(authority, 1, Vec::new());
    #[cfg(bad)]
    return Mutation { session: "another".into(), ..other }; //~ E0451
    #[cfg(not(bad))]
    return other;
}
