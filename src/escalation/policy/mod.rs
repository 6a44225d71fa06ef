//! The policy: who may escalate to what, why, for how long, and who consents. Types here, the
//! parser and the checks beside. Must never hold a secret, and never decide anything at run time
//! that the kit does not enforce on the server as well.

mod check;
mod duration;
mod error;
mod offers;
mod parse;
mod parse_remote;
mod parse_role;
mod reason;
mod remote;
pub(super) mod rights;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use regex::Regex;
use sha2::{Digest, Sha256};

pub use duration::{format_duration, parse_duration};
pub use error::PolicyError;
pub use offers::{Field, FieldError, Offers, RoleOffer};
pub use reason::reason_length;
pub(super) use reason::{COUNTED, HIDDEN};
pub use remote::{Remote, RemoteRequired};

/// Where the kit lives. Not configurable: its policies, the guard and every path that the petition
/// transport allows hang on this one name, and a second kit would be a second set of rules.
pub const KIT_NAMESPACE: &str = "kglass-system";

/// Where records go while there are no sinks; pane and banner say it.
pub(crate) const KEPT: &str = "kept on this machine only";

/// The policy that is used when the user has none.
pub const BUILT_IN: &str = include_str!("../../../assets/policy.toml");

#[derive(Clone, Debug)]
pub struct Policy {
    /// The file it came from, or `built-in`.
    pub origin: String,
    /// Lower-case hex SHA-256 over the text.
    pub hash: String,
    pub triggers: Triggers,
    pub ticket: Ticket,
    /// Letters and digits.
    pub minimum_reason: usize,
    /// Seconds before the end, longest first.
    pub warnings: Vec<u32>,
    /// Whether what is typed into shells is recorded.
    pub record_input: RecordInput,
    pub audience: String,
    /// Audience by context name, where it differs.
    pub audiences: BTreeMap<String, String>,
    /// By name, so that whatever is generated from it is deterministic.
    pub roles: BTreeMap<String, Role>,
    /// Where records go beside this machine.
    pub remote: Remote,
}

/// What is kept of the input of shells. Their output is on the screen, and so in the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordInput {
    /// Nothing: passwords are typed.
    #[default]
    None,
    /// Each line, before it is sent.
    Lines,
}

#[derive(Clone, Debug)]
pub struct Triggers {
    pub manual: Vec<String>,
    pub incident: Option<Regex>,
}

#[derive(Clone, Debug)]
pub struct Ticket {
    pub pattern: Regex,
    /// An example, shown beside the field.
    pub example: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: String,
    /// One line for the pane.
    pub about: String,
    pub scope: RoleScope,
    pub max_ttl_seconds: u32,
    pub requesters: Subjects,
    pub approvers: Subjects,
    pub self_approve: bool,
    /// Names in so many words that this role may hold rights that end the guarantees.
    pub unbounded: bool,
    /// `NS/NAME` of an account used where no kit is installed.
    pub service_account: Option<ServiceAccountRef>,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleScope {
    Cluster,
    Namespaces(Vec<String>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    pub groups: Vec<String>,
    pub users: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccountRef {
    pub namespace: String,
    pub name: String,
}

/// One RBAC rule. Two verbs are ours: `restart` on workloads becomes `patch` that may change
/// nothing but `restartedAt`, `cordon` on nodes becomes `patch` that may change nothing but
/// `unschedulable`; policies of the kit pin the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub groups: Vec<String>,
    pub resources: Vec<String>,
    pub verbs: Vec<String>,
}

impl Subjects {
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.users.is_empty()
    }

    pub fn contains(&self, user: &str, groups: &[String]) -> bool {
        self.users.iter().any(|u| u == user) || self.groups.iter().any(|g| groups.contains(g))
    }

    /// `alice, group oncall`
    pub fn describe(&self) -> String {
        let groups = self.groups.iter().map(|g| format!("group {g}"));
        self.users.iter().cloned().chain(groups).collect::<Vec<_>>().join(", ")
    }
}

impl Policy {
    /// Everything that is wrong with `text` at once, or the policy.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Vec<PolicyError>> {
        parse::parse(text, origin)
    }

    /// The policy that is built in.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN, "built-in").expect("assets/policy.toml is parsed by a unit test")
    }

    pub fn audience(&self, context: &str) -> &str {
        self.audiences.get(context).unwrap_or(&self.audience)
    }

    /// Roles that the kit serves; those with a `service_account` are for clusters without one.
    pub fn kit_roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values().filter(|role| role.service_account.is_none())
    }

    /// Their identities on the server, `<role>` or `<role>--<namespace>`, with the role of each.
    pub fn kit_identities(&self) -> Vec<(String, &Role)> {
        self.kit_roles()
            .flat_map(|role| role.identities().into_iter().map(move |identity| (identity, role)))
            .collect()
    }

    /// The role behind an identity on the server.
    pub fn role_of<'a>(&'a self, identity: &'a str) -> Option<(&'a Role, Option<&'a str>)> {
        let (name, namespace) = identity
            .split_once("--")
            .map_or((identity, None), |(n, ns)| (n, Some(ns)));
        self.roles.get(name).map(|role| (role, namespace))
    }
}

impl Role {
    /// The ServiceAccounts of this role.
    pub fn identities(&self) -> Vec<String> {
        match &self.scope {
            RoleScope::Cluster => vec![self.name.clone()],
            RoleScope::Namespaces(list) => list.iter().map(|ns| self.identity(Some(ns))).collect(),
        }
    }

    pub fn identity(&self, namespace: Option<&str>) -> String {
        namespace.map_or_else(|| self.name.clone(), |ns| format!("{}--{ns}", self.name))
    }

    /// A role with the verb `restart`: the kit pins everything else of a workload.
    pub fn restarts_only(&self) -> bool {
        self.has_verb("restart")
    }

    /// A role with the verb `cordon`: the kit pins everything else of a node.
    pub fn cordons_only(&self) -> bool {
        self.has_verb("cordon")
    }

    /// A role that drains.
    pub fn evicts(&self) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.resources.iter().any(|r| r == "pods/eviction"))
    }

    fn has_verb(&self, verb: &str) -> bool {
        self.rules.iter().any(|rule| rule.verbs.iter().any(|v| v == verb))
    }
}

fn hash_of(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}
