//! The registry tells reads from writes by type.
use kglass::escalation::{Escalation, Mutation};
use kglass::registry::{Order, Run};

fn delete(authority: &Escalation, order: Order) -> Mutation {
    Mutation::delete(authority, order.action, order.targets)
}

pub fn file() -> Run {
    #[cfg(bad)]
    return Run::Read(delete); //~ E0308
    #[cfg(not(bad))]
    return Run::Write(delete);
}
