//! The facts of a grant are not authority.
use kglass::escalation::{Escalation, Mutation};
use kglass::model::ObjectRef;

pub fn prepare(authority: &Escalation, targets: Vec<ObjectRef>) -> Mutation {
    #[cfg(bad)]
    return Mutation::scale(authority.grant(), 1, targets, 0); //~ E0308
    #[cfg(not(bad))]
    return Mutation::scale(authority, 1, targets, 0);
}
