//! Everything the screen depends on, as one value. Clone, so that tests can keep one; never
//! serialised, never holds a secret or an authority.
//!
//! Where the view finds what:
//! * first line: `glass` (mode, grant, countdown by `Glass::left_ms(now)`, `recorded`), `connection`
//!   (context, rights for READ-ONLY), `namespace`
//! * path and title: `screens.path()`, `Screen::title()`, `TableScreen::{counts, freshness, filter}`
//! * menu: `hints(&State)`
//! * body: `screens.current()`; what lies over it: `overlay`
//! * bottom line: `messages.newest()`, or the prompt in `overlay`

use std::sync::Arc;

use super::connection::{Connection, NamespaceKeys};
use super::draining::Draining;
use super::glass::Glass;
use super::guide::{GUIDE_LINES, Guide};
use super::messages::{Level, Messages};
use super::overlay::Overlay;
use super::screen::{Screen, Screens};
use super::streams::Streams;
use super::{Key, ReadId};
use crate::audit::sinks::SinkStatus;
use crate::config::{Keymap, Settings};
use crate::escalation::Offers;
use crate::model::Moment;
use crate::review::SessionSummary;

/// What the program starts with.
#[derive(Clone, Debug, Default)]
pub struct Start {
    pub keymap: Arc<Keymap>,
    pub settings: Arc<Settings>,
    /// `-n`; none is the context's own.
    pub namespace: Option<String>,
    /// `-A`
    pub all_namespaces: bool,
    /// `-c`: run when a context is open.
    pub command: Option<String>,
    /// A card that leads through a story.
    pub guide: Option<Guide>,
    pub width: u16,
    pub height: u16,
    pub now: Moment,
}

#[derive(Clone, Debug)]
pub struct State {
    /// Time of the newest message.
    pub now: Moment,
    pub width: u16,
    pub height: u16,
    pub keymap: Arc<Keymap>,
    pub settings: Arc<Settings>,
    pub connection: Connection,
    /// In use; none is all of them.
    pub namespace: Option<String>,
    pub namespace_keys: NamespaceKeys,
    pub screens: Screens,
    pub overlay: Option<Overlay>,
    pub glass: Glass,
    /// Shells and port-forwards.
    pub streams: Streams,
    /// Of a node; also when it is over, until it was looked at.
    pub drain: Option<Draining>,
    /// What the policy lets this person ask for on this cluster; none until it is known.
    pub offers: Option<Arc<Offers>>,
    /// How the sinks are doing; empty where records are kept on this machine only.
    pub sinks: Arc<[SinkStatus]>,
    /// Kept on this machine, for `:replay`; none until they are asked for while a line is typed.
    pub sessions: Option<Arc<[SessionSummary]>>,
    pub messages: Messages,
    /// The card of the demo.
    pub guide: Option<Guide>,
    pub(super) start: Start,
    pub(super) history: Vec<String>,
    pub(super) last_key: Option<(Key, Moment)>,
    /// A question closed itself: keys meant for it are no commands until then.
    pub(super) deaf_until: Option<Moment>,
    pub(super) next_read: u64,
    pub(super) next_action: u64,
    /// Something visible changed since it was last drawn.
    pub(super) changed: bool,
    pub(super) drawn_for_age: Moment,
}

impl State {
    pub fn new(start: Start) -> Self {
        Self {
            now: start.now,
            width: start.width,
            height: start.height,
            keymap: start.keymap.clone(),
            settings: start.settings.clone(),
            connection: Connection::default(),
            namespace: None,
            namespace_keys: NamespaceKeys::new(&start.settings.favourite_namespaces),
            screens: Screens::default(),
            overlay: None,
            glass: Glass::default(),
            streams: Streams::default(),
            drain: None,
            offers: None,
            sinks: [].into(),
            sessions: None,
            messages: Messages::default(),
            guide: start.guide.clone(),
            start,
            history: Vec::new(),
            last_key: None,
            deaf_until: None,
            next_read: 1,
            next_action: 1,
            changed: true,
            drawn_for_age: Moment::default(),
        }
    }

    /// True once after something visible changed: draw then.
    pub fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Lines of the body: what is left of the height beside header, rules, heads and bottom line.
    /// The view lays out by the same numbers.
    pub fn body_height(&self) -> usize {
        // The heads of the columns (the title of a text) and the bottom line.
        let chrome = self.header_height() + self.rule_height() * 2 + 2 + self.guide_height();
        usize::from(self.height.saturating_sub(chrome))
    }

    /// The banner's line (in normal mode it holds path and mode), the line of counts and, where
    /// there is room, the menu.
    ///
    /// A replay wants the lines for the recording: in normal mode its own first line is enough.
    pub fn header_height(&self) -> u16 {
        match self.screens.current() {
            Some(Screen::Replay(_)) => 1 + u16::from(self.glass.grant().is_some()),
            _ if self.is_tall() => 3,
            _ => 2,
        }
    }

    /// The rule under the header, and the same again above the bottom line.
    pub fn rule_height(&self) -> u16 {
        let is_replay = matches!(self.screens.current(), Some(Screen::Replay(_)));
        u16::from(self.is_tall() && !is_replay)
    }

    /// The card above the bottom line, if there is one and it is not hidden.
    pub fn guide_height(&self) -> u16 {
        if self.guide.as_ref().is_some_and(|guide| !guide.hidden) {
            GUIDE_LINES
        } else {
            0
        }
    }

    fn is_tall(&self) -> bool {
        self.height >= 36
    }

    pub(super) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.messages.say(self.now, level, text);
        self.changed = true;
    }

    /// In the place of what was said of the same write before.
    pub(super) fn say_of(&mut self, action: u64, level: Level, text: impl Into<String>) {
        self.messages.say_of(action, self.now, level, text);
        self.changed = true;
    }

    pub(super) fn new_read(&mut self) -> ReadId {
        let id = ReadId(self.next_read);
        self.next_read += 1;
        id
    }

    pub(super) fn screen_mut(&mut self) -> Option<&mut Screen> {
        self.screens.current_mut()
    }
}
