//! What of the policy is about remote sinks: which there are, and what may not happen without them.

use crate::audit::sinks::{Bound, SinkConfig};

/// What must be acknowledged before what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemoteRequired {
    /// Nothing waits for a sink.
    #[default]
    None,
    /// The request, before anybody is asked, and the grant, before the glass opens.
    AtEntry,
    /// And each intent, before its request is sent.
    EachAction,
}

impl RemoteRequired {
    pub const ALL: [Self; 3] = [Self::None, Self::AtEntry, Self::EachAction];

    /// As the policy spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::AtEntry => "at_entry",
            Self::EachAction => "each_action",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    pub required: RemoteRequired,
    /// How long an acknowledgement is waited for.
    pub deadline_seconds: u32,
    /// Past it nothing more is written.
    pub bound: Option<Bound>,
    pub sinks: Vec<SinkConfig>,
}

impl Remote {
    /// Whether anything must wait for a sink.
    pub fn needs_sinks(&self) -> bool {
        self.required > RemoteRequired::None || self.bound.is_some()
    }

    /// Where records go, to follow `recorded and`.
    pub fn kept(&self) -> String {
        let hosts: Vec<String> = self.sinks.iter().map(SinkConfig::host).collect();
        match hosts.as_slice() {
            [] => super::KEPT.into(),
            hosts => format!("sent to {}", hosts.join(", ")),
        }
    }
}
