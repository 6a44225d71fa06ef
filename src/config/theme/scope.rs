//! The closed list of what a theme can colour. `view` names scopes, never colours.

macro_rules! scopes {
    ($($variant:ident = $name:literal $doc:literal)*) => {
        /// One thing on the screen that has a style of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope {
            $(#[doc = $doc] $variant,)*
        }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As a theme file spells it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

scopes! {
    Text = "text" "The ground of the whole screen, and ordinary words."
    Muted = "text.muted" "Units, labels, what may be overlooked."
    Strong = "text.strong" "What the eye should find first."
    Accent = "text.accent" "The one hue of normal mode: where you are."
    Frame = "frame" "Lines and boxes."
    ModeRefuses = "mode.refuses" "READ-ONLY, and the server refuses writes."
    ModeClientOnly = "mode.client_only" "READ-ONLY by this program alone."
    ModeUnknown = "mode.unknown" "READ-ONLY, the server was not asked yet."
    FreshLive = "fresh.live" "A watch delivers."
    FreshWait = "fresh.wait" "Loading, or refreshed a while ago."
    FreshOld = "fresh.old" "Stale, forbidden, gone."
    Key = "key" "A key, where it is named."
    KeyLabel = "key.label" "What the key does."
    KeyBlocked = "key.blocked" "A key that cannot run now, with its reason."
    TableHeader = "table.header" "Names of columns."
    TableSort = "table.sort" "Name of the sorted column."
    TableCursor = "table.cursor" "Ground of the row under the cursor."
    TableMark = "table.mark" "A marked row."
    RowOk = "row.ok" "Well."
    RowPending = "row.pending" "On its way, or leaving."
    RowBad = "row.bad" "Not well."
    RowDone = "row.done" "Finished, as it should."
    Changed = "row.changed" "A cell that changed within two seconds."
    Prompt = "prompt" "The sign before what is typed."
    Suggestion = "prompt.suggestion" "What could be typed."
    Note = "message.note" "Newest message."
    Problem = "message.problem" "Newest message, if something failed; what is missing beside a field."
    Hit = "hit" "Found text."
    HitCurrent = "hit.current" "The found text at the cursor."
    Focus = "field.focus" "The field that takes the keys."
    YamlKey = "yaml.key" "Keys of YAML."
    YamlString = "yaml.string" "Strings of YAML."
    YamlNumber = "yaml.number" "Numbers of YAML."
    YamlWord = "yaml.word" "true, false and null."
    YamlPunctuation = "yaml.punctuation" "Colons, dashes, block signs."
    LogTime = "log.time" "Time of a log line."
    LogSource = "log.source" "Pod and container of a log line."
    EventGranted = "event.granted" "Replay: a grant."
    EventWrite = "event.write" "Replay: a write that was done."
    EventRefused = "event.refused" "Replay: a write that was refused."
    EventOther = "event.other" "Replay: everything else."
    BrokenBanner = "broken.banner" "The first line while the glass is broken. Its hue appears nowhere else."
    BrokenSoon = "broken.soon" "The time in that line, in the last two minutes."
    BrokenFrame = "broken.frame" "Lines and boxes while the glass is broken."
}

impl Scope {
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == name)
    }

    /// Those that may carry the warning hue.
    pub fn is_of_the_broken_glass(self) -> bool {
        self.as_str().starts_with("broken.")
    }
}
