//! What a drain does with each pod of a node. A pure function of what is there and what was chosen,
//! by the same rules as kubectl; must never evict what kubectl would leave or refuse.

use super::{DrainOptions, NodePod, NodeSurvey};

/// Every pod of the node is in exactly one of these lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainPlan {
    pub evict: Vec<NodePod>,
    /// Ends already; is only waited for.
    pub ending: Vec<NodePod>,
    pub stays: Vec<(NodePod, Stays)>,
    /// What has to be chosen first. While there is one, nothing is done at all.
    pub needs: Vec<(NodePod, Needs)>,
}

/// Why a pod stays on a drained node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// Its DaemonSet would put it back at once.
    DaemonSet,
    /// The kubelet made it from a file; the API server holds only its mirror.
    Static,
}

/// What a pod needs to be chosen for it. The one that loses more is named where both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing brings it back.
    Force,
    /// The data of its `emptyDir` is lost.
    DeleteEmptyDir,
}

pub fn plan(survey: &NodeSurvey, options: DrainOptions) -> DrainPlan {
    let mut plan = DrainPlan::default();
    for pod in survey.pods.iter() {
        let pod = pod.clone();
        if pod.is_mirror {
            plan.stays.push((pod, Stays::Static));
        } else if pod.is_of_daemon_set() && !pod.is_over {
            plan.stays.push((pod, Stays::DaemonSet));
        } else if pod.is_ending {
            plan.ending.push(pod);
        } else if let Some(needs) = needs(&pod, options) {
            plan.needs.push((pod, needs));
        } else {
            plan.evict.push(pod);
        }
    }
    plan
}

fn needs(pod: &NodePod, options: DrainOptions) -> Option<Needs> {
    // What has ended keeps nobody waiting and loses nothing that its owner still wants.
    if pod.is_over {
        return None;
    }
    if pod.controller.is_none() && !options.force {
        return Some(Needs::Force);
    }
    (pod.has_empty_dir && !options.delete_empty_dir).then_some(Needs::DeleteEmptyDir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectRef;

    fn pod(name: &str) -> NodePod {
        NodePod {
            object: ObjectRef {
                name: name.into(),
                namespace: Some("shop".into()),
                ..ObjectRef::default()
            },
            controller: Some(("ReplicaSet".into(), "web".into())),
            ..NodePod::default()
        }
    }

    fn of(pods: Vec<NodePod>, options: DrainOptions) -> DrainPlan {
        let survey = NodeSurvey {
            pods: pods.into(),
            ..NodeSurvey::default()
        };
        plan(&survey, options)
    }

    const NOTHING: DrainOptions = DrainOptions {
        force: false,
        delete_empty_dir: false,
    };
    const EVERYTHING: DrainOptions = DrainOptions {
        force: true,
        delete_empty_dir: true,
    };

    #[test]
    fn pods_of_controllers_are_evicted() {
        let plan = of(vec![pod("web-1"), pod("web-2")], NOTHING);
        assert_eq!((plan.evict.len(), plan.stays.len(), plan.needs.len()), (2, 0, 0));
    }

    #[test]
    fn what_would_come_back_or_cannot_go_stays_whatever_was_chosen() {
        let daemon = NodePod {
            controller: Some(("DaemonSet".into(), "agent".into())),
            has_empty_dir: true,
            ..pod("agent-x")
        };
        let mirror = NodePod {
            is_mirror: true,
            controller: Some(("Node".into(), "a".into())),
            ..pod("etcd-a")
        };
        let plan = of(vec![daemon, mirror], EVERYTHING);
        let why: Vec<_> = plan.stays.iter().map(|(_, why)| *why).collect();
        assert_eq!(why, [Stays::DaemonSet, Stays::Static]);
        assert!(plan.evict.is_empty());
    }

    #[test]
    fn what_is_lost_for_good_has_to_be_chosen() {
        let lone = NodePod {
            controller: None,
            ..pod("debug")
        };
        let cache = NodePod {
            has_empty_dir: true,
            ..pod("cache-0")
        };
        let both = NodePod {
            controller: None,
            has_empty_dir: true,
            ..pod("scratch")
        };
        let all = || vec![lone.clone(), cache.clone(), both.clone()];
        let needed = |options| of(all(), options).needs.into_iter().map(|(_, n)| n).collect::<Vec<_>>();
        assert_eq!(needed(NOTHING), [Needs::Force, Needs::DeleteEmptyDir, Needs::Force]);
        let force = DrainOptions { force: true, ..NOTHING };
        assert_eq!(needed(force), [Needs::DeleteEmptyDir, Needs::DeleteEmptyDir]);
        assert_eq!(needed(EVERYTHING), []);
        assert_eq!(of(all(), EVERYTHING).evict.len(), 3);
    }

    #[test]
    fn what_has_ended_goes_without_a_choice_and_what_is_ending_is_waited_for() {
        let over = NodePod {
            controller: None,
            has_empty_dir: true,
            is_over: true,
            ..pod("job-1")
        };
        let ending = NodePod {
            controller: None,
            is_ending: true,
            ..pod("old")
        };
        let plan = of(vec![over, ending], NOTHING);
        assert_eq!((plan.evict.len(), plan.ending.len(), plan.needs.len()), (1, 1, 0));
    }
}
