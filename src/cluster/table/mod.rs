//! From what a server sends (a Table, or a plain list where it has none) to rows. Pure: no request
//! is made here, and times are given.

mod cells;
mod collection;
mod sort_key;
mod texts;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use cells::{Shape, age, column};
pub(super) use collection::{Collection, Keep};
pub use sort_key::quantity;
pub(super) use wire::{Event, Page, WatchObject};

/// Asks for a Table, and takes plain JSON from extension API servers that have none.
pub(super) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
