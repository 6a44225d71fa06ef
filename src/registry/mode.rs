//! Where a key has which meaning. A screen names its modes, the most special first; the first one
//! that binds the key decides.

/// One section of a keymap file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// On every screen.
    Global,
    /// Movement in every list and text.
    Move,
    Table,
    Pods,
    /// Whatever has replicas or a rollout.
    Workloads,
    Containers,
    Namespaces,
    Nodes,
    /// YAML, descriptions and logs alike.
    Text,
    Yaml,
    Describe,
    Logs,
    Contexts,
    Help,
    Messages,
    Replay,
    /// The list of port-forwards.
    Forwards,
    /// In a shell: what is bound here does not reach the remote program.
    Shell,
    /// After the key of the shell's menu.
    ShellMenu,
}

impl Mode {
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Move,
        Self::Table,
        Self::Pods,
        Self::Workloads,
        Self::Containers,
        Self::Namespaces,
        Self::Nodes,
        Self::Text,
        Self::Yaml,
        Self::Describe,
        Self::Logs,
        Self::Contexts,
        Self::Help,
        Self::Messages,
        Self::Replay,
        Self::Forwards,
        Self::Shell,
        Self::ShellMenu,
    ];

    /// The section's name in a keymap file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Move => "move",
            Self::Table => "table",
            Self::Pods => "pods",
            Self::Workloads => "workloads",
            Self::Containers => "containers",
            Self::Namespaces => "namespaces",
            Self::Nodes => "nodes",
            Self::Text => "text",
            Self::Yaml => "yaml",
            Self::Describe => "describe",
            Self::Logs => "logs",
            Self::Contexts => "contexts",
            Self::Help => "help",
            Self::Messages => "messages",
            Self::Replay => "replay",
            Self::Forwards => "forwards",
            Self::Shell => "shell",
            Self::ShellMenu => "shell_menu",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == name)
    }

    /// The sections asked for a key where this one is the most special, in order.
    pub fn chain(self) -> &'static [Self] {
        match self {
            Self::Global => &[Self::Global],
            Self::Move => &[Self::Move, Self::Global],
            Self::Table => &[Self::Table, Self::Move, Self::Global],
            Self::Pods => &[Self::Pods, Self::Table, Self::Move, Self::Global],
            Self::Workloads => &[Self::Workloads, Self::Table, Self::Move, Self::Global],
            Self::Containers => &[Self::Containers, Self::Table, Self::Move, Self::Global],
            Self::Namespaces => &[Self::Namespaces, Self::Table, Self::Move, Self::Global],
            Self::Nodes => &[Self::Nodes, Self::Table, Self::Move, Self::Global],
            Self::Text => &[Self::Text, Self::Move, Self::Global],
            Self::Describe => &[Self::Describe, Self::Text, Self::Move, Self::Global],
            Self::Yaml => &[Self::Yaml, Self::Text, Self::Move, Self::Global],
            Self::Logs => &[Self::Logs, Self::Text, Self::Move, Self::Global],
            Self::Contexts => &[Self::Contexts, Self::Move, Self::Global],
            Self::Help => &[Self::Help, Self::Move, Self::Global],
            Self::Messages => &[Self::Messages, Self::Move, Self::Global],
            Self::Replay => &[Self::Replay, Self::Move, Self::Global],
            Self::Forwards => &[Self::Forwards, Self::Move, Self::Global],
            // Nothing else: a key is the remote program's.
            Self::Shell => &[Self::Shell],
            Self::ShellMenu => &[Self::ShellMenu],
        }
    }
}
