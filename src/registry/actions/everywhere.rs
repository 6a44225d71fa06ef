//! Actions of every screen, and movement.

use super::{Action, Local, Mode, local};

const G: &[Mode] = &[Mode::Global];
const M: &[Mode] = &[Mode::Move];

pub const ACTIONS: &[Action] = &[
    local(
        "app.command",
        G,
        Local::CommandLine,
        "command",
        "Type a kind, a context or a command.",
    ),
    local("app.help", G, Local::Help, "keys", "Show every key of this screen."),
    local(
        "app.messages",
        G,
        Local::Messages,
        "messages",
        "Show everything that was said.",
    ),
    local(
        "app.back",
        G,
        Local::Back,
        "back",
        "Clear the filter, else go back to where you came from.",
    ),
    local(
        "app.quit",
        G,
        Local::Quit,
        "quit",
        "Go back, and from the first screen leave; may ask first.",
    ),
    local(
        "glass.toggle",
        &[Mode::Global, Mode::ShellMenu],
        Local::Glass,
        "glass",
        "Ask for a credential that may write; twice ends it.",
    ),
    local(
        "history.back",
        G,
        Local::HistoryBack,
        "history back",
        "Go to the screen before this one.",
    ),
    local(
        "history.forward",
        G,
        Local::HistoryForward,
        "history forward",
        "Return to the screen you came back from.",
    ),
    local(
        "history.last",
        G,
        Local::LastScreen,
        "last screen",
        "Swap this screen and the one before.",
    ),
    local("view.refresh", G, Local::Refresh, "refresh", "Read again."),
    local(
        "write.undo",
        G,
        Local::Undo,
        "undo",
        "Offer the way back of the last write, as a new write.",
    ),
    local(
        "guide.toggle",
        G,
        Local::Guide,
        "card",
        "Hide the card of the demo, or show it again.",
    ),
    local("move.up", M, Local::Up, "up", "One line up."),
    local("move.down", M, Local::Down, "down", "One line down."),
    local("move.page_up", M, Local::PageUp, "page up", "One page up."),
    local("move.page_down", M, Local::PageDown, "page down", "One page down."),
    local("move.top", M, Local::Top, "top", "To the first line."),
    local("move.bottom", M, Local::Bottom, "bottom", "To the last line."),
    local("move.left", M, Local::Left, "left", "Scroll or pan to the left."),
    local("move.right", M, Local::Right, "right", "Scroll or pan to the right."),
];
