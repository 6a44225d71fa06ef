//! Where the operator is and how they came there. The last screen is the one seen.

use super::{
    ContextsScreen, DescribeScreen, ForwardsScreen, HelpScreen, LogsScreen, MessagesScreen, ReplayScreen, ShellScreen,
    TableScreen, YamlScreen,
};
use crate::app::ReadId;
use crate::cluster::Query;
use crate::registry::Mode;

#[derive(Clone, Debug)]
pub enum Screen {
    Table(Box<TableScreen>),
    Yaml(Box<YamlScreen>),
    Describe(Box<DescribeScreen>),
    Logs(Box<LogsScreen>),
    Contexts(ContextsScreen),
    Help(HelpScreen),
    Messages(MessagesScreen),
    Replay(Box<ReplayScreen>),
    Forwards(ForwardsScreen),
    Shell(Box<ShellScreen>),
}

impl Screen {
    /// Keymap sections that hold here, the most special first.
    pub fn modes(&self) -> &'static [Mode] {
        let first = match self {
            Self::Table(table) => table.kind.mode,
            Self::Yaml(_) => Mode::Yaml,
            Self::Describe(_) => Mode::Describe,
            Self::Logs(_) => Mode::Logs,
            Self::Contexts(_) => Mode::Contexts,
            Self::Help(_) => Mode::Help,
            Self::Messages(_) => Mode::Messages,
            Self::Replay(_) => Mode::Replay,
            Self::Forwards(_) => Mode::Forwards,
            Self::Shell(shell) if shell.menu => Mode::ShellMenu,
            Self::Shell(_) => Mode::Shell,
        };
        first.chain()
    }

    /// What the screen reads, if it reads at all.
    pub fn query(&self) -> Option<Query> {
        match self {
            Self::Table(table) => Some(table.query()),
            Self::Yaml(yaml) => Some(Query::Object(yaml.object.clone())),
            Self::Describe(screen) => Some(Query::Describe(screen.object.clone())),
            // What a finished log had to say is said.
            Self::Logs(logs) => (!logs.ended).then(|| Query::Logs(logs.query.clone())),
            Self::Contexts(_)
            | Self::Help(_)
            | Self::Messages(_)
            | Self::Replay(_)
            | Self::Forwards(_)
            | Self::Shell(_) => None,
        }
    }

    pub fn read(&self) -> Option<ReadId> {
        match self {
            Self::Table(table) => table.read,
            Self::Yaml(yaml) => yaml.read,
            Self::Describe(screen) => screen.read,
            Self::Logs(logs) => logs.read,
            Self::Contexts(_)
            | Self::Help(_)
            | Self::Messages(_)
            | Self::Replay(_)
            | Self::Forwards(_)
            | Self::Shell(_) => None,
        }
    }

    pub fn set_read(&mut self, read: Option<ReadId>) {
        match self {
            Self::Table(table) => table.read = read,
            Self::Yaml(yaml) => yaml.read = read,
            Self::Describe(screen) => screen.read = read,
            Self::Logs(logs) => logs.read = read,
            Self::Contexts(_)
            | Self::Help(_)
            | Self::Messages(_)
            | Self::Replay(_)
            | Self::Forwards(_)
            | Self::Shell(_) => {}
        }
    }

    /// One word or two for the path in the header: `pods`, `checkout yaml`.
    pub fn title(&self) -> String {
        match self {
            Self::Table(table) => table.title(),
            Self::Yaml(yaml) => format!("{} yaml", yaml.object.name),
            Self::Describe(screen) => format!("describe {}", screen.object.name),
            Self::Logs(logs) => logs.title(),
            Self::Contexts(_) => "contexts".into(),
            Self::Help(_) => "keys".into(),
            Self::Messages(_) => "messages".into(),
            Self::Replay(_) => "replay".into(),
            Self::Forwards(_) => "port-forwards".into(),
            Self::Shell(shell) => shell.title.clone(),
        }
    }
}

/// Screens kept for going forward again, and below the one seen.
const KEPT: usize = 20;

#[derive(Clone, Debug, Default)]
pub struct Screens {
    stack: Vec<Screen>,
    forward: Vec<Screen>,
}

impl Screens {
    pub fn current(&self) -> Option<&Screen> {
        self.stack.last()
    }

    pub fn current_mut(&mut self) -> Option<&mut Screen> {
        self.stack.last_mut()
    }

    pub fn path_mut(&mut self) -> &mut [Screen] {
        &mut self.stack
    }

    /// From the first to the one seen.
    pub fn path(&self) -> &[Screen] {
        &self.stack
    }

    pub fn push(&mut self, screen: Screen) {
        self.forward.clear();
        self.stack.push(screen);
        if self.stack.len() > KEPT {
            self.stack.remove(0);
        }
    }

    pub fn can_go_back(&self) -> bool {
        self.stack.len() > 1
    }

    pub fn back(&mut self) {
        if self.can_go_back() {
            self.forward.extend(self.stack.pop());
        }
    }

    /// The screen seen is gone for good: nobody goes forward to it.
    pub fn drop_current(&mut self) {
        if self.can_go_back() {
            self.stack.pop();
        }
    }

    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }

    pub fn forward(&mut self) {
        self.stack.extend(self.forward.pop());
    }

    /// Swaps the screen seen and the one before it.
    pub fn swap_last(&mut self) {
        if let [.., before, seen] = self.stack.as_mut_slice() {
            std::mem::swap(before, seen);
        }
    }

    /// Forgets everything: another context has another world.
    pub fn clear(&mut self) {
        self.stack.clear();
        self.forward.clear();
    }
}
