//! Everything that was said to the operator. The newest stays at the bottom line until a newer one
//! comes or a key dismisses it; the log keeps all.

use std::collections::VecDeque;

use crate::model::Moment;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Note,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub at: Moment,
    pub level: Level,
    /// May hold text from the cluster; the view makes it safe.
    pub text: String,
    /// How often it was said in a row.
    pub times: u32,
}

/// Messages kept.
const KEPT: usize = 1000;

#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// Newest first.
    log: VecDeque<Message>,
    dismissed: bool,
}

impl Messages {
    pub fn say(&mut self, at: Moment, level: Level, text: impl Into<String>) {
        let text = text.into();
        self.dismissed = false;
        if let Some(newest) = self.log.front_mut()
            && newest.text == text
            && newest.level == level
        {
            newest.at = at;
            newest.times += 1;
            return;
        }
        self.log.push_front(Message {
            at,
            level,
            text,
            times: 1,
        });
        self.log.truncate(KEPT);
    }

    /// The one for the bottom line.
    pub fn newest(&self) -> Option<&Message> {
        self.log.front().filter(|_| !self.dismissed)
    }

    /// Newest first.
    pub fn all(&self) -> &VecDeque<Message> {
        &self.log
    }

    pub fn dismiss(&mut self) {
        self.dismissed = true;
    }
}
