//! The menu: what can be done with the row under the cursor, with its key, and why not.

use super::screen::{HelpLine, Screen, TableScreen};
use super::state::State;
use crate::cluster::Freshness;
use crate::config::Key;
use crate::config::theme::glyph::{LEFT, RIGHT};
use crate::model::{ApiResource, Row};
use crate::registry::{Action, Local, Mode, Run, actions};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub key: String,
    pub title: &'static str,
    pub is_write: bool,
    /// Where not all fit, the higher gives way first; by `GIVES_WAY`.
    pub gives_way: u8,
    /// Why it cannot be done now; drawn grey behind it.
    pub blocked: Option<String>,
}

/// Said wherever a write key is pressed or shown in normal mode.
pub const NEEDS_GLASS: &str = "needs the glass: press !";

/// In the STATUS of a node.
const CORDONED: &str = "SchedulingDisabled";

/// Actions in the menu, by mode; the rest is in help.
const IN_MENU: &[&str] = &[
    "table.open",
    "view.logs",
    "view.logs.previous",
    "object.describe",
    "object.yaml",
    "namespace.use",
    "pod.shell",
    "pod.forward",
    "forward.close",
    "workload.scale",
    "workload.restart",
    "node.cordon",
    "node.uncordon",
    "node.drain",
    "pod.kill",
    "object.delete",
    "text.search",
    "text.next",
    "yaml.managed_fields",
    "describe.wrap",
    "logs.pause",
    "logs.wrap",
    "logs.timestamps",
    "logs.previous",
    "logs.since.tail",
    "logs.clear",
    "replay.play",
    "replay.back",
    "replay.forward",
    "replay.next_event",
    "replay.previous_event",
    "replay.next_write",
    "replay.faster",
    "replay.slower",
    "replay.full",
];

/// Left out of a line that is too short, the first of them first, then the rest from the last: what
/// destroys and what opens must not be pushed off by what is rarely wanted.
const GIVES_WAY: &[&str] = &[
    "pod.forward",
    "view.logs.previous",
    "pod.kill",
    "namespace.use",
    "object.yaml",
    "node.uncordon",
    "replay.slower",
    "replay.previous_event",
    "replay.faster",
    "logs.clear",
    "logs.since.tail",
];

/// All that can be done in the menu of a shell.
const IN_SHELL_MENU: &[&str] = &["shell.close", "glass.toggle", "shell.send", "shell.back"];

/// Help is where one learns that it can be narrowed; elsewhere fingers know.
const IN_HELP: &[&str] = &["table.filter"];

/// For the screen that is seen, in the order of the menu.
pub fn hints(state: &State) -> Vec<Hint> {
    let Some(screen) = state.screens.current() else {
        return Vec::new();
    };
    if is_bare(state, screen) {
        return Vec::new();
    }
    let modes = screen.modes();
    let ids = match modes {
        [Mode::ShellMenu] => IN_SHELL_MENU,
        [Mode::Help, ..] => IN_HELP,
        _ => IN_MENU,
    };
    let every_write = every_write(state);
    ids.iter()
        .filter_map(|id| {
            let key = *state.keymap.keys_of(modes, id).first()?;
            let action = state.keymap.action(modes, key).filter(|action| action.id == *id)?;
            // What has ended brings nothing more that could be held.
            if action.id == "logs.pause" && matches!(screen, Screen::Logs(logs) if logs.ended) {
                return None;
            }
            // Not worth a place in the menu; help says why.
            if resource(state).is_some_and(|resource| !action.applies_to.fits(resource)) || is_entered(action, screen) {
                return None;
            }
            Some(Hint {
                key: keys(state, modes, action, key),
                title: title(action, screen),
                is_write: action.is_write(),
                gives_way: gives_way(action.id),
                blocked: blocked_by(state, action, every_write.as_deref()),
            })
        })
        .collect()
}

/// One hint stands for all the keys of a time: `0-6 since`.
fn keys(state: &State, modes: &[Mode], action: &Action, key: Key) -> String {
    let last = state.keymap.keys_of(modes, "logs.since.1h").first().copied();
    match last {
        Some(last) if action.id == "logs.since.tail" => format!("{key}-{last}"),
        _ => spelt(key),
    }
}

/// `left 5 s back` would read as one sentence.
fn spelt(key: Key) -> String {
    match key.to_string().as_str() {
        "left" => LEFT.into(),
        "right" => RIGHT.into(),
        other => other.into(),
    }
}

fn gives_way(id: &str) -> u8 {
    let place = GIVES_WAY.iter().position(|other| *other == id);
    place.map_or(0, |place| (GIVES_WAY.len() - place) as u8)
}

/// A list without a row, and none on the way: there is nothing to do anything with.
fn is_bare(state: &State, screen: &Screen) -> bool {
    if matches!(screen, Screen::Forwards(_)) {
        return state.streams.forwards().next().is_none();
    }
    let Screen::Table(table) = screen else { return false };
    let loaded = table.snapshot.is_some() && !matches!(table.freshness, Freshness::Loading { .. });
    table.row(0).is_none() && (loaded || table.error.is_some())
}

/// Enter does it already: said once.
fn is_entered(action: &Action, screen: &Screen) -> bool {
    use crate::registry::Drill;
    let Screen::Table(table) = screen else { return false };
    match table.kind.drill {
        Drill::Describe => action.id == "object.describe",
        Drill::Logs => action.id == "view.logs",
        Drill::UseNamespace => action.id == "namespace.use",
        Drill::Pods | Drill::Jobs | Drill::Instances | Drill::Containers => false,
    }
}

fn title(action: &'static Action, screen: &Screen) -> &'static str {
    use crate::registry::Drill;
    match screen {
        Screen::Table(table) if action.id == "table.open" => match table.kind.drill {
            Drill::Describe => "describe",
            Drill::Pods => "pods",
            Drill::Jobs => "jobs",
            Drill::Instances => "objects",
            Drill::Containers => "containers",
            Drill::Logs => "logs",
            Drill::UseNamespace => "use",
        },
        Screen::Shell(_) if action.id == "glass.toggle" => "twice ends the escalation",
        Screen::Contexts(_) if action.id == "table.open" => "switch",
        // What the key does now, not what it did a moment ago.
        Screen::Logs(logs) if action.id == "logs.pause" && logs.follow => "pause",
        Screen::Logs(_) if action.id == "logs.pause" => "follow",
        Screen::Logs(logs) if action.id == "logs.previous" && logs.query.previous => "present run",
        Screen::Logs(_) if action.id == "logs.since.tail" => "since",
        Screen::Replay(replay) if action.id == "replay.play" && replay.playing => "pause",
        _ => action.title,
    }
}

/// Why `action` cannot run now.
pub fn blocked(state: &State, action: &Action) -> Option<String> {
    blocked_by(state, action, every_write(state).as_deref())
}

/// Why no write at all can run now, whatever it is. Looked for once for all of them: marks are many.
fn every_write(state: &State) -> Option<String> {
    glass_blocks(state).or_else(|| outside(state))
}

fn blocked_by(state: &State, action: &Action, every_write: Option<&str>) -> Option<String> {
    let resource = resource(state);
    if let Some(resource) = resource
        && !action.applies_to.fits(resource)
    {
        return Some(format!("does not apply to {}", resource.plural));
    }
    if !action.is_write() {
        return None;
    }
    every_write
        .map(str::to_owned)
        .or_else(|| lacks(state, action, resource?))
        .or_else(|| done_already(state, action))
}

/// What a write would hit: the marked rows, else the one under the cursor.
fn hit(table: &TableScreen) -> impl Iterator<Item = &Row> {
    let one = table.cursor_line().filter(|_| table.marks.is_empty());
    let rows = table.snapshot.iter().flat_map(|snapshot| snapshot.rows.iter());
    one.into_iter().chain(rows.filter(|row| table.is_marked(row)))
}

/// The role holds in another namespace than that of the rows, or of the table where there is none.
fn outside(state: &State) -> Option<String> {
    let scope = state.glass.grant()?.namespace.as_deref()?;
    let Some(Screen::Table(table)) = state.screens.current() else {
        return None;
    };
    let place = |row: &Row| row.namespace.as_deref().or(table.namespace()) == Some(scope);
    let mut rows = hit(table).peekable();
    let holds = match rows.peek() {
        Some(_) => rows.all(place),
        // Of several namespaces none is chosen yet.
        None => table.resource.namespaced && table.namespace().is_none_or(|namespace| namespace == scope),
    };
    (!holds).then(|| format!("your role holds in {scope} only"))
}

/// What a node is already. The server would take it all the same, as a write that changes nothing.
fn done_already(state: &State, action: &Action) -> Option<String> {
    let (wanted, why) = match action.id {
        "node.cordon" => (true, "cordoned already"),
        "node.uncordon" => (false, "not cordoned"),
        _ => return None,
    };
    let Some(Screen::Table(table)) = state.screens.current() else {
        return None;
    };
    let at = table.health.status?;
    let is_cordoned = |row: &Row| {
        let status = row.cells.get(at);
        status.is_some_and(|cell| cell.text.as_str().split(',').any(|word| word == CORDONED))
    };
    let mut rows = hit(table).peekable();
    (rows.peek().is_some() && rows.all(|row| is_cordoned(row) == wanted)).then(|| why.into())
}

/// Said only when the server's own list of rights has no line for it: where the list is lossy the
/// server decides, and an unjust `lacks` would be worse than its refusal.
fn lacks(state: &State, action: &Action, resource: &ApiResource) -> Option<String> {
    let (verb, name) = action.right(resource)?;
    let rights = &state.glass.grant()?.rights;
    let grants = |line: &String| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let what = words.pop().unwrap_or_default();
        let what = what.split_once('.').map_or(what, |(resource, _)| resource);
        let fits = what == name || what == "*" || what.strip_prefix("*/").is_some_and(|sub| name.ends_with(sub));
        fits && words.iter().any(|word| *word == verb || *word == "*")
    };
    (!rights.is_empty() && !rights.iter().any(grants)).then(|| format!("your role lacks {verb} {name}"))
}

/// Why nothing can be written now.
pub fn glass_blocks(state: &State) -> Option<String> {
    match &state.glass.mode {
        super::glass::Mode::Broken(grant) if state.now.boot_ms >= grant.deadline.boot_ms => {
            Some("the escalation has expired".into())
        }
        super::glass::Mode::Broken(_) => None,
        super::glass::Mode::Ending(_) => Some("the escalation is ending".into()),
        _ => Some(NEEDS_GLASS.into()),
    }
}

/// Every key of the screen that is seen, or of none yet, for help.
pub fn help_lines(state: &State) -> Vec<HelpLine> {
    let modes = state.screens.current().map_or(&[Mode::Global][..], Screen::modes);
    let every_write = every_write(state);
    let mut lines = Vec::new();
    for &mode in modes {
        for action in actions().filter(|action| action.modes.contains(&mode) && is_of_this_start(state, action)) {
            let keys = state.keymap.keys_of(&[mode], action.id);
            // A key that a more special section binds to something else does not reach here.
            let live = keys
                .iter()
                .filter(|key| state.keymap.action(modes, **key).is_some_and(|a| a.id == action.id));
            let keys: Vec<String> = live.map(ToString::to_string).collect();
            if !keys.is_empty() {
                if let Some(folded) = lines.last_mut().filter(|_| is_next_of_many(action)) {
                    fold(folded, &keys);
                    continue;
                }
                lines.push(HelpLine {
                    group: mode.as_str(),
                    keys: keys.join(" "),
                    title: action.title,
                    doc: action.doc,
                    blocked: blocked_by(state, action, every_write.as_deref()),
                });
            }
        }
    }
    lines
}

/// Without a card there is none to hide.
fn is_of_this_start(state: &State, action: &Action) -> bool {
    !matches!(action.run, Run::Local(Local::Guide)) || state.guide.is_some()
}

/// `namespace.2` to `namespace.9` do what `namespace.1` does: one line for all.
fn is_next_of_many(action: &Action) -> bool {
    action
        .id
        .strip_prefix("namespace.")
        .is_some_and(|n| matches!(n.as_bytes(), [b'2'..=b'9']))
}

const TO: &str = " to ";

/// `1` and `2` become `1 to 2`, then `1 to 3`.
fn fold(line: &mut HelpLine, keys: &[String]) {
    let first = line.keys.split(TO).next().unwrap_or_default().to_owned();
    line.keys = format!("{first}{TO}{}", keys.join(" "));
    line.title = "namespace on key";
    line.doc = "Show the namespace on that key, as named above the table.";
}

fn resource(state: &State) -> Option<&ApiResource> {
    match state.screens.current() {
        Some(Screen::Table(table)) => Some(&table.resource),
        _ => None,
    }
}
