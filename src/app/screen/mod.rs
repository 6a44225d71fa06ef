//! The screens as data. What is seen of each is here; what keys do to it is in `update`.

mod contexts;
mod describe;
mod filter;
mod forwards;
mod help;
mod logs;
mod messages;
mod replay;
mod search;
mod shell;
mod stack;
mod table;
mod table_marks;
mod table_order;
mod table_take;
mod usage;
mod yaml;

pub use contexts::ContextsScreen;
pub use describe::DescribeScreen;
pub use filter::{Filter, FilterKind};
pub use forwards::ForwardsScreen;
pub use help::{HelpLine, HelpScreen};
pub use logs::{LogBuffer, LogSources, LogsScreen};
pub use messages::MessagesScreen;
pub use replay::{Place, ReplayScreen, Room, STRIP};
pub use search::Search;
pub use shell::ShellScreen;
pub use stack::{Screen, Screens};
pub use table::{Counts, Extent, RowKey, Sort, TableScreen, TableSource};
pub use usage::{TableUsage, UsageColumn};
pub use yaml::YamlScreen;
