//! Actions of YAML, descriptions, logs and replay.

use super::{Action, Local, Mode, local};

const SEARCHED: &[Mode] = &[Mode::Text, Mode::Yaml, Mode::Describe, Mode::Logs];
const Y: &[Mode] = &[Mode::Yaml];
const D: &[Mode] = &[Mode::Describe];
const L: &[Mode] = &[Mode::Logs];
const R: &[Mode] = &[Mode::Replay];

pub const ACTIONS: &[Action] = &[
    local(
        "text.search",
        SEARCHED,
        Local::Search,
        "search",
        "Find a regular expression.",
    ),
    local(
        "text.next",
        SEARCHED,
        Local::NextHit,
        "next hit",
        "Jump to the next hit.",
    ),
    local(
        "text.previous",
        SEARCHED,
        Local::PreviousHit,
        "previous hit",
        "Jump to the hit before.",
    ),
    local("text.copy", SEARCHED, Local::CopyText, "copy", "Copy the whole text."),
    local(
        "yaml.managed_fields",
        Y,
        Local::ManagedFields,
        "managed fields",
        "Show or hide metadata.managedFields.",
    ),
    local(
        "logs.pause",
        L,
        Local::Pause,
        "follow",
        "Stop at this line, or follow the end again.",
    ),
    local("describe.wrap", D, Local::Wrap, "wrap", "Wrap or cut long lines."),
    local("logs.wrap", L, Local::Wrap, "wrap", "Wrap or cut long lines."),
    local(
        "logs.timestamps",
        L,
        Local::Timestamps,
        "timestamps",
        "Show or hide the time of each line.",
    ),
    local(
        "logs.previous",
        L,
        Local::Previous,
        "previous",
        "Show the log of the run before, or the present one.",
    ),
    local(
        "logs.clear",
        L,
        Local::ClearLog,
        "clear",
        "Forget the lines shown so far.",
    ),
    local("logs.since.tail", L, Local::Since(0), "tail", "Show the last lines."),
    local(
        "logs.since.1m",
        L,
        Local::Since(60),
        "last minute",
        "Show the last minute.",
    ),
    local(
        "logs.since.5m",
        L,
        Local::Since(300),
        "last 5 minutes",
        "Show the last five minutes.",
    ),
    local(
        "logs.since.15m",
        L,
        Local::Since(900),
        "last 15 minutes",
        "Show the last quarter of an hour.",
    ),
    local(
        "logs.since.30m",
        L,
        Local::Since(1800),
        "last 30 minutes",
        "Show the last half hour.",
    ),
    local(
        "logs.since.1h",
        L,
        Local::Since(3600),
        "last hour",
        "Show the last hour.",
    ),
    local("replay.play", R, Local::Play, "play", "Play, or pause."),
    local("replay.back", R, Local::SeekBack, "5 s back", "Seek five seconds back."),
    local(
        "replay.forward",
        R,
        Local::SeekForward,
        "5 s on",
        "Seek five seconds on.",
    ),
    local(
        "replay.next_event",
        R,
        Local::NextEvent,
        "next event",
        "Jump to the next event.",
    ),
    local(
        "replay.previous_event",
        R,
        Local::PreviousEvent,
        "previous event",
        "Jump to the event before.",
    ),
    local(
        "replay.next_write",
        R,
        Local::NextWrite,
        "next write",
        "Jump to the next write.",
    ),
    local("replay.faster", R, Local::Faster, "faster", "Play faster."),
    local("replay.slower", R, Local::Slower, "slower", "Play slower."),
    local(
        "replay.full",
        R,
        Local::FullScreen,
        "full screen",
        "Show the recording in the full screen, or its events too.",
    ),
];
