//! A shop's cluster with something really wrong, for the demo, for screens and for tests: who is
//! there, what they say, what goes wrong and what mends it. Seed and clock decide all of it.

mod apps;
mod build;
mod chance;
mod extras;
mod history;
mod lead;
mod nodes;
mod opened;
mod people;
mod standing;
mod story;
mod template;
#[cfg(test)]
mod tests;
mod usage;
mod voices;
mod world;

pub use lead::Lead;
pub use opened::{CONTEXT, Opened, Shop};
