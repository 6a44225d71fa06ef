//! Plain data that every room shares. Knows no cluster, no terminal, no file and no clock.

mod clock;
mod grid;
mod log_text;
mod object_ref;
mod row;
pub mod term_safe;
mod terminal;
pub mod yaml;

pub use clock::Moment;
pub use grid::{Colour, Grid, GridCell, Rect, Style};
pub use log_text::{LogText, StyleRun};
pub use object_ref::{ApiResource, Gvk, ObjectRef, Verb};
pub use row::{Cell, Column, ColumnKind, Row, RowData, Snapshot, SortKey};
pub use term_safe::TermSafe;
pub use terminal::TerminalFrame;
