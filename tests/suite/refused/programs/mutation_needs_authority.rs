//! A write cannot be prepared without a live escalation.
use kglass::escalation::{Escalation, Mutation};
use kglass::model::ObjectRef;

pub fn prepare(authority: &Escalation, targets: Vec<ObjectRef>) -> Mutation {
    #[cfg(bad)]
    {
        let _ = authority;
        Mutation::delete(1, targets) //~ E0061
    }
    #[cfg(not(bad))]
    Mutation::delete(authority, 1, targets)
}
