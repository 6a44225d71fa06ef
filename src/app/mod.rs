//! PURE. State, messages, effects and `update`. Never names tokio, a client, the file system or a
//! clock: time comes with each message.

mod connection;
mod draining;
mod effect;
mod glass;
mod guide;
mod hints;
mod input_line;
mod list_cursor;
mod messages;
mod msg;
mod overlay;
mod screen;
mod state;
mod streams;
mod update;

pub use crate::config::{Key, KeyCode};
pub use connection::{Connection, NamespaceKeys, Why};
pub use draining::{DrainQuestion, Draining};
pub use effect::Effect;
pub use glass::{Asking, Batch, Ending, Glass, Mode as GlassMode, Undo, WayBack};
pub use guide::{GUIDE_LINES, Guide, GuideStep, GuideTask, Sign};
pub use hints::{Hint, NEEDS_GLASS, blocked, hints};
pub use input_line::InputLine;
pub use list_cursor::{ListCursor, Move, Scroll};
pub use messages::{Level, Message, Messages};
pub use msg::{Fact, Msg, ReadId};
pub use overlay::{
    Choice, Confirm, Desired, EscalatePane, FIELDS, Leave, LeaveFor, Overlay, Pick, PickOption, Prompt, PromptKind,
    Suggestion, as_minutes,
};
pub use screen::{
    ContextsScreen, Counts, DescribeScreen, Extent, Filter, FilterKind, ForwardsScreen, HelpLine, HelpScreen,
    LogBuffer, LogSources, LogsScreen, MessagesScreen, Place, ReplayScreen, Room, RowKey, STRIP, Screen, Screens,
    Search, ShellScreen, Sort, TableScreen, TableSource, TableUsage, UsageColumn, YamlScreen,
};
pub use state::{Start, State};
pub use streams::{OpenStream, Streams};
pub use update::{bytes, update};
