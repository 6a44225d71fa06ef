//! One table of requests, sent to the embedded server and to a real one, and what clients depend on
//! in each answer. What the real server answered is kept in `facts.json`; where the embedded one
//! answers otherwise stands in `docs/embedded.md`, each with its reason. An unlisted difference
//! fails, and so does a listed one that is none.

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part")]

mod differences;
mod facts;
mod mask;
mod run;
mod step;
mod table;

pub use differences::{Differences, compare};
pub use run::{facts_file, recorded, run};
pub use step::Step;

pub fn steps() -> Vec<Step> {
    table::all()
}
