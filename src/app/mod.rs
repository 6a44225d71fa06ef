//! PURE. State, messages, effects and `update`. Never names tokio, a client, the file system or a
//! clock: time comes with each message.

mod effect;
mod msg;

pub use effect::Effect;
pub use msg::{Fact, Key, KeyCode, Msg, ReadId};
