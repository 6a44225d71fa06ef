//! The kit as it is shipped, on a real API server: every attempt of an attacker, every hole that
//! was ever found, and that it touches nothing outside its namespace.

mod attacker;
mod check;
mod deadline;
mod end;
mod grant;
mod guard;
mod house;
mod mint;
mod pins;
mod race;
mod request;
mod smoke;
pub mod stage;
mod workload;
