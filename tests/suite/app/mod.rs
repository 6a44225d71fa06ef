//! `update` with an authority that is real: State, the reader and the gate on the in-process API
//! server, joined by a runtime of a few lines. What keys do without an authority is tested beside
//! the code.

mod driver;
mod pace;
mod writing;
