//! Actions that change the cluster. Each is a function from the authority and the operator's order
//! to a `Mutation`; without `&Escalation` none of them can be called.

use super::{Action, AppliesTo, Friction, Mode, Run};
use crate::escalation::{Drain, Escalation, Mutation};
use crate::model::Verb;
use crate::registry::Order;

pub const ACTIONS: &[Action] = &[
    Action {
        id: "object.delete",
        title: "delete",
        doc: "Delete the row, or all marked rows.",
        modes: &[Mode::Table],
        run: Run::Write(delete),
        applies_to: AppliesTo::Deletable,
        friction: Friction::Box,
        needs: Some((Verb::Delete, "")),
    },
    Action {
        id: "pod.kill",
        title: "kill",
        doc: "Delete the pod; its controller makes a new one.",
        modes: &[Mode::Pods],
        run: Run::Write(delete),
        applies_to: AppliesTo::Pods,
        friction: Friction::Box,
        needs: Some((Verb::Delete, "")),
    },
    Action {
        id: "workload.scale",
        title: "scale",
        doc: "Set the number of replicas.",
        modes: &[Mode::Workloads],
        run: Run::Write(scale),
        applies_to: AppliesTo::Scalable,
        friction: Friction::Line,
        needs: Some((Verb::Patch, "scale")),
    },
    Action {
        id: "workload.restart",
        title: "restart",
        doc: "Replace every pod, a few at a time.",
        modes: &[Mode::Workloads],
        run: Run::Write(restart),
        applies_to: AppliesTo::Restartable,
        friction: Friction::Line,
        needs: Some((Verb::Patch, "")),
    },
    Action {
        id: "node.cordon",
        title: "cordon",
        doc: "Let no new pods come to the node.",
        modes: &[Mode::Nodes],
        run: Run::Write(cordon),
        applies_to: AppliesTo::Nodes,
        friction: Friction::Line,
        needs: Some((Verb::Patch, "")),
    },
    Action {
        id: "node.uncordon",
        title: "uncordon",
        doc: "Let new pods come to the node again.",
        modes: &[Mode::Nodes],
        run: Run::Write(uncordon),
        applies_to: AppliesTo::Nodes,
        friction: Friction::Line,
        needs: Some((Verb::Patch, "")),
    },
    Action {
        id: "node.drain",
        title: "drain",
        doc: "Cordon it and evict its pods; again: how it gets on.",
        modes: &[Mode::Nodes],
        run: Run::Drain(Drain::new),
        applies_to: AppliesTo::Nodes,
        friction: Friction::Box,
        needs: Some((Verb::Patch, "")),
    },
];

fn delete(authority: &Escalation, order: Order) -> Mutation {
    Mutation::delete(authority, order.action, order.targets)
}

fn scale(authority: &Escalation, order: Order) -> Mutation {
    // Asked for before the confirmation opened; without a number the least harmful is no change,
    // which the caller guarantees by never confirming a scale without one.
    let replicas = order.replicas.expect("a scale is confirmed only with its number");
    Mutation::scale(authority, order.action, order.targets, replicas)
}

fn restart(authority: &Escalation, order: Order) -> Mutation {
    Mutation::restart(authority, order.action, order.targets)
}

fn cordon(authority: &Escalation, order: Order) -> Mutation {
    Mutation::cordon(authority, order.action, order.targets)
}

fn uncordon(authority: &Escalation, order: Order) -> Mutation {
    Mutation::uncordon(authority, order.action, order.targets)
}
