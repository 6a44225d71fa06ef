//! What an action is. Its `run` says by type how far it reaches: a function that returns a
//! `Mutation` fits only `Run::Write`, and takes the `&Escalation` that normal mode does not have.

use super::Mode;
use crate::cluster::Query;
use crate::escalation::{Confirmed, Drain, DrainOptions, Escalation, Mutation, Stream, TerminalSize};
use crate::model::{ApiResource, ObjectRef, Verb};

/// One thing that a key, a menu line or a command can do.
#[derive(Debug)]
pub struct Action {
    /// Dotted noun and verb, stable for ever: keymaps and journals hold it.
    pub id: &'static str,
    /// A word or two for menu and help.
    pub title: &'static str,
    /// One sentence for help.
    pub doc: &'static str,
    /// Keymap sections it may be bound in.
    pub modes: &'static [Mode],
    pub run: Run,
    pub applies_to: AppliesTo,
    /// What stands before it, at least; see `Friction::demanded`.
    pub friction: Friction,
    /// For a write: the verb, and the subresource it is sent to, if any.
    pub needs: Option<(Verb, &'static str)>,
}

impl Action {
    pub fn is_write(&self) -> bool {
        matches!(self.run, Run::Write(_) | Run::Stream(_) | Run::Drain(_))
    }

    /// What it takes on this kind, as RBAC has it: `patch`, `deployments/scale`.
    pub fn right(&self, resource: &ApiResource) -> Option<(&'static str, String)> {
        let (verb, subresource) = self.needs?;
        if matches!(self.run, Run::Stream(_)) {
            // Whatever the row is: a stream goes to a pod.
            return Some((verb.as_str(), format!("pods/{subresource}")));
        }
        let name = if subresource.is_empty() {
            resource.plural.clone()
        } else {
            format!("{}/{subresource}", resource.plural)
        };
        Some((verb.as_str(), name))
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Changes only what is on the screen.
    Local(Local),
    /// Asks the cluster; the screen that opens follows from the query.
    Read(fn(&Subject) -> Query),
    /// Changes the cluster, through the gate.
    Write(fn(&Escalation, Order) -> Mutation),
    /// Opens something that lives on: a shell, a port-forward. Through the gate, and ends with the
    /// grant at the latest.
    Stream(fn(&Escalation, Aim) -> Stream),
    /// Changes the cluster for as long as it takes, through the gate: the number of the keystroke,
    /// the node, and what was chosen to be lost.
    Drain(fn(&Escalation, u64, ObjectRef, DrainOptions) -> Drain),
}

/// What a stream leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// The number of the keystroke; names the stream.
    pub action: u64,
    pub pod: ObjectRef,
    /// None: the pod's default.
    pub container: Option<String>,
    /// For a shell.
    pub size: TerminalSize,
    /// For a port-forward: the pod's port, and the local one (0 takes a free one).
    pub remote: u16,
    pub local: u16,
}

/// The row a read is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// In a list of containers: their pod.
    pub object: ObjectRef,
    pub container: Option<String>,
}

/// What the operator confirmed.
#[derive(Clone, Debug)]
pub struct Order {
    /// The number of the keystroke.
    pub action: u64,
    pub targets: Vec<ObjectRef>,
    /// For scaling.
    pub replicas: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    Anything,
    Pods,
    /// Has the subresource `scale`.
    Scalable,
    /// Has a pod template with a rollout: Deployment, StatefulSet, DaemonSet.
    Restartable,
    /// The server serves the verb `delete` for it.
    Deletable,
    /// A pod or one of its containers.
    Shell,
    /// A pod, one of its containers, or what selects pods.
    Forward,
    Nodes,
}

impl AppliesTo {
    pub fn fits(self, resource: &ApiResource) -> bool {
        let (core, apps) = (resource.gvk.group.is_empty(), resource.gvk.group == "apps");
        let plural = resource.plural.as_str();
        match self {
            Self::Anything => true,
            Self::Pods => core && plural == "pods",
            Self::Scalable => resource.subresources.iter().any(|s| s == "scale"),
            Self::Restartable => apps && matches!(plural, "deployments" | "statefulsets" | "daemonsets"),
            Self::Nodes => resource.gvk.group.is_empty() && plural == "nodes",
            Self::Deletable => resource.can(Verb::Delete),
            Self::Shell => core && matches!(plural, "pods" | "containers"),
            Self::Forward => {
                core && matches!(plural, "pods" | "containers" | "services" | "replicationcontrollers")
                    || apps && matches!(plural, "deployments" | "statefulsets" | "daemonsets" | "replicasets")
                    || resource.gvk.group == "batch" && plural == "jobs"
            }
        }
    }
}

/// What the operator has to do before a write is sent, in proportion to what it may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Friction {
    /// Not a write.
    None,
    /// Reversible: one line and `y`.
    Line,
    /// Disruptive: a box with what will be hit; Cancel is the default.
    Box,
    /// Destructive or wide: the name is typed.
    Name,
}

/// More objects than this at once are wide, whatever they are.
const WIDE: usize = 10;

impl Friction {
    /// What was done by the time a write is sent.
    pub fn confirmed(self) -> Option<Confirmed> {
        match self {
            Self::None => None,
            Self::Line => Some(Confirmed::Key),
            Self::Box => Some(Confirmed::Box),
            Self::Name => Some(Confirmed::Typed),
        }
    }

    /// `least`, raised for kinds whose loss loses data and for many objects at once.
    pub fn demanded(least: Self, deletes: bool, resource: &ApiResource, count: usize) -> Self {
        if count > WIDE {
            return Self::Name;
        }
        let precious = matches!(
            resource.plural.as_str(),
            "namespaces" | "persistentvolumeclaims" | "persistentvolumes" | "customresourcedefinitions" | "nodes"
        );
        if deletes && precious { Self::Name } else { least }
    }
}

/// Everything that changes only the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    CommandLine,
    Help,
    Messages,
    Back,
    Quit,
    /// Opens the escalate pane, or ends the escalation.
    Glass,
    HistoryBack,
    HistoryForward,
    LastScreen,
    Refresh,
    /// Offers the way back of the last write.
    Undo,
    /// Hides the card of the demo, or shows it.
    Guide,

    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Left,
    Right,

    /// Enter: drill down, use, switch.
    Open,
    Filter,
    SortName,
    SortAge,
    SortStatus,
    SortNamespace,
    /// By the column of this name.
    SortColumn(&'static str),
    SortLeft,
    SortRight,
    SortFlip,
    Mark,
    MarkRange,
    ClearMarks,
    CopyName,
    CopyNamespace,
    Wide,
    Faults,
    /// 0 is all namespaces, 1-9 the ones used lately.
    Namespace(u8),
    UseNamespace,
    /// The same kind in this row's namespace.
    Warp,
    /// To what owns the row; from an event to its object.
    Owner,

    Search,
    NextHit,
    PreviousHit,
    CopyText,
    ManagedFields,
    Pause,
    Wrap,
    Timestamps,
    Previous,
    ClearLog,
    /// Seconds to look back; 0 is the tail.
    Since(u32),

    Play,
    SeekBack,
    SeekForward,
    NextEvent,
    PreviousEvent,
    NextWrite,
    Faster,
    Slower,
    /// The recording in the full screen, or in its frame.
    FullScreen,

    /// The port-forwards that are open.
    Forwards,
    CloseForward,
    /// In a shell: from here the next key is ours.
    ShellMenu,
    ShellBack,
    ShellClose,
    /// Sends the key of the menu itself.
    ShellSendKey,
}
