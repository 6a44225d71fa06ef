//! The suites; what each shows stands in the design, section 9.

mod refused;
mod rooms;
