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
    /// The write that it counts; the next count takes its place.
    pub of: Option<u64>,
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
        self.push(at, level, text, None);
    }

    /// How a write of many objects gets on: one message, that of its newest count.
    pub fn say_of(&mut self, action: u64, at: Moment, level: Level, text: impl Into<String>) {
        self.dismissed = false;
        self.log.retain(|message| message.of != Some(action));
        self.push(at, level, text.into(), Some(action));
    }

    /// Takes away what is said no longer, if it is the newest.
    pub fn dismiss_if(&mut self, is_over: impl Fn(&str) -> bool) {
        if self.newest().is_some_and(|message| is_over(&message.text)) {
            self.dismissed = true;
        }
    }

    fn push(&mut self, at: Moment, level: Level, text: String, of: Option<u64>) {
        if let Some(newest) = self.log.front_mut()
            && newest.text == text
            && newest.level == level
            && newest.of == of
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
            of,
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
