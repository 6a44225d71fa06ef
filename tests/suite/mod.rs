//! The suites; what each shows stands in the design, section 9.

mod app;
mod contract;
mod data;
mod gate;
mod journal;
mod recording;
mod refused;
mod rooms;
mod sessions;
mod sinks;
mod view;
