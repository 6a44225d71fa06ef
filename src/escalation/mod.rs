//! THE ONE WRITE DOOR. Petitions, acquiring, executing and ending go through the gate here and
//! nowhere else; each request has a durable intent record before it is sent.

mod contract;
mod drain;
mod error;
mod event;
mod gate;
pub mod kit;
mod live;
mod names;
mod policy;
mod provider;
mod stream;

pub use contract::*;
pub use drain::{
    Budget, Drain, DrainEnd, DrainOptions, DrainPlan, DrainProgress, DrainStep, Needs, NodePod, NodeSurvey, PodNote,
    Stays, plan as plan_drain,
};
pub use error::GateError;
pub use event::GateEvent;
pub use gate::{Approval, Disk, Gate, GateSettings, PendingRequest, Recovery, Timing};
pub use live::{Escalation, Mutation};
pub use names::is_session_hash;
pub use policy::{
    BUILT_IN, Field, FieldError, KIT_NAMESPACE, Offers, Policy, PolicyError, RecordInput, Remote, RemoteRequired, Role,
    RoleOffer, RoleScope, Rule, ServiceAccountRef, Subjects, Ticket, Triggers, format_duration, parse_duration,
    reason_length,
};
pub use provider::{Credential, CredentialProvider, GrantRef, MintDoor};
pub use stream::{
    Input, MAY_GO_ON, Stream, StreamClose, StreamCounts, StreamEnd, StreamEvent, StreamFact, StreamIo, StreamKind,
    TerminalSize,
};
