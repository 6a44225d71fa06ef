//! The gate on a real API server: what it sends is judged by the server's own audit log.

mod drain;
mod ends;
mod expiry;
mod gone;
mod killed;
mod outlive;
mod people;
mod story;
mod streams;
mod twice;
