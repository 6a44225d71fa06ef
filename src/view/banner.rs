//! The first line of every screen. Normal mode: where, and that nothing can be written. Glass
//! broken: the banner, in its order of what may be cut last. Never scrolls, never moves.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span, width_of};
use super::{age, cut, keys, path, replay, sinks};
use crate::app::{GlassMode, ReplayScreen, Screen, State};
use crate::cluster::ServerAnswer;
use crate::config::Scope;
use crate::escalation::{EndStep, Enforced, Grant};

/// From here on the words say `ends soon`, and the time is bold.
const SOON_MS: u64 = 120_000;
/// From here on they say `ending`.
const ENDING_MS: u64 = 10_000;
/// How long the first of two presses counts.
const ARMED_MS: u64 = 2000;
/// Cells of a pod's name where there is no room for all of it.
const SHORT_POD: usize = 20;
/// From this width on the facts stand left and the countdown right.
const WIDE: u16 = 100;

pub fn draw(canvas: &mut Canvas, state: &State, line: Rect) {
    match state.glass.grant() {
        Some(grant) => draw_broken(canvas, state, grant, line),
        None => draw_normal(canvas, state, line),
    }
}

fn draw_normal(canvas: &mut Canvas, state: &State, line: Rect) {
    let inner = padded(line);
    if let Some(Screen::Replay(screen)) = state.screens.current() {
        return draw_replay(canvas, state, screen, inner);
    }
    let left_width = width_of(&path::spans(state, u16::MAX, true));
    let mode = mode_spans(state, inner.width.saturating_sub(left_width + 2));
    let used = canvas.spans_right(inner, &mode);
    let room = inner.width.saturating_sub(used + 2);
    canvas.spans(Rect { width: room, ..inner }, &path::spans(state, room, true));
}

/// What is replayed; then what holds on the cluster that is open, if one is.
fn draw_replay(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, line: Rect) {
    let used = canvas.spans(line, &replay::summary(screen, line.width));
    if state.connection.facts.is_none() {
        return;
    }
    let room = line.width.saturating_sub(used + 3);
    let mode = mode_spans(state, room);
    if width_of(&mode) <= room {
        canvas.spans_right(line, &mode);
    }
}

/// `READ-ONLY server refuses · alice · v1.36.2`, as much of it as fits; the mode always.
fn mode_spans(state: &State, room: u16) -> Vec<Span<'_>> {
    let connection = &state.connection;
    if connection.facts.is_none() {
        let words = match connection.connecting {
            Some(_) => "READ-ONLY connecting",
            None => "READ-ONLY no cluster",
        };
        return vec![span(words, Scope::ModeUnknown)];
    }
    let Some(rights) = &connection.rights else {
        return vec![span("READ-ONLY server unknown", Scope::ModeUnknown)];
    };
    let (long, short, scope) = match &rights.answer {
        ServerAnswer::Refuses => (
            "READ-ONLY server refuses".into(),
            "READ-ONLY server refuses",
            Scope::ModeRefuses,
        ),
        ServerAnswer::ClientOnly { could } => {
            let first = could.first().map_or("write", String::as_str);
            let more = could.len().saturating_sub(1);
            let rest = if more > 0 { format!(" +{more}") } else { String::new() };
            let long = format!("READ-ONLY client only: could {first}{rest}");
            (long, "READ-ONLY client only", Scope::ModeClientOnly)
        }
        ServerAnswer::Unknown { .. } => (
            "READ-ONLY server unknown".into(),
            "READ-ONLY server unknown",
            Scope::ModeUnknown,
        ),
    };
    let user = [span(" · ", Scope::Muted), span(rights.user.as_str(), Scope::Text)];
    let version = [
        span(" · ", Scope::Muted),
        span(rights.server_version.as_str(), Scope::Muted),
    ];
    let mut mode = vec![span(long, scope)];
    if width_of(&mode) > room {
        mode = vec![span(short, scope)];
    }
    for part in [user, version] {
        let fits = width_of(&mode) + width_of(&part) <= room;
        if fits && !part[1].0.is_empty() {
            mode.extend(part);
        }
    }
    mode
}

fn draw_broken(canvas: &mut Canvas, state: &State, grant: &Grant, line: Rect) {
    canvas.tint(line, Scope::BrokenBanner);
    let inner = padded(line);
    let parts = Parts::of(state, grant, inner.width);
    let (left, right) = parts.at(parts.fitting(inner.width));
    let used = canvas.spans_right(inner, &right);
    let room = inner.width.saturating_sub(used);
    canvas.spans(Rect { width: room, ..inner }, &left);
}

/// Whether the banner, in `width` cells, says where the records go.
pub fn shows_sink(state: &State, grant: &Grant, width: u16) -> bool {
    let parts = Parts::of(state, grant, width);
    parts.fitting(width) <= u8::from(parts.kept_in_trouble)
}

/// The words of the banner.
struct Parts {
    is_wide: bool,
    time: Span<'static>,
    end: String,
    cluster: String,
    role: String,
    ticket: String,
    /// What has the screen, if a shell has it, whole and cut.
    shell: [String; 2],
    recorded: String,
    kept: String,
    /// Then it is said before how many records there are.
    kept_in_trouble: bool,
    enforced: Enforced,
}

impl Parts {
    /// Sink, records, shell (in two steps), ticket, bounds, role and cluster can go; name, time and end
    /// key stay.
    const LEVELS: u8 = 8;

    /// The parts that still fit into `width` cells.
    fn fitting(&self, width: u16) -> u8 {
        let fits = |level: &u8| {
            let (left, right) = self.at(*level);
            width_of(&left) + width_of(&right) + 2 <= width
        };
        (0..Self::LEVELS).find(fits).unwrap_or(Self::LEVELS)
    }

    fn of(state: &State, grant: &Grant, width: u16) -> Self {
        let is_wide = width + 2 >= WIDE;
        let place = match (&grant.namespace, is_wide) {
            (Some(namespace), true) => format!(" in {namespace}"),
            (Some(namespace), false) => format!("/{namespace}"),
            (None, _) => String::new(),
        };
        let cluster_room = usize::from(width / 4).max(12);
        Self {
            is_wide,
            time: time(state, is_wide),
            end: end_key(state, is_wide),
            cluster: cut::distinct(&grant.context, &state.connection.contexts, cluster_room).into_owned(),
            role: format!("{}{place}", grant.role),
            ticket: grant.ticket.clone(),
            shell: shell(state),
            recorded: format!("{} recorded", state.glass.recorded),
            kept: sinks::words(&state.sinks, state.now).unwrap_or_else(|| grant.kept.clone()),
            kept_in_trouble: sinks::is_in_trouble(&state.sinks),
            enforced: grant.enforced,
        }
    }

    /// Left and right with the parts that are left at this level; each leaves out one more, the
    /// least important first.
    fn at(&self, level: u8) -> (Vec<Span<'_>>, Vec<Span<'_>>) {
        let kept = |part: &str, most: u8| (level <= most).then(|| part.to_owned());
        // That only this program enforces the grant must not go before the ticket does.
        let enforced = match self.enforced {
            Enforced::Server => None,
            Enforced::ClientOnly => kept("client only", 5),
        };
        let [whole, short] = &self.shell;
        let shell = if level <= 2 { whole } else { short };
        let facts = [
            kept(&self.cluster, 7),
            kept(&self.role, 6),
            enforced,
            kept(&self.ticket, 4),
            kept(shell, 3),
        ];
        let (recorded, sink) = if self.kept_in_trouble { (0, 1) } else { (1, 0) };
        let proof = [kept(&self.recorded, recorded), kept(&self.kept, sink)];
        let mut left = vec![span("GLASS BROKEN", Scope::BrokenSoon)];
        let mut right = Vec::new();
        if self.is_wide {
            left.push(span("  ", Scope::BrokenBanner));
            join(&mut left, facts);
            right.push(self.time.clone());
            let after: Vec<_> = proof.into_iter().chain([Some(self.end.clone())]).collect();
            for part in after.into_iter().flatten().filter(|part| !part.is_empty()) {
                right.push(span(" · ", Scope::BrokenBanner));
                right.push(span(part, Scope::BrokenBanner));
            }
        } else {
            left.extend([
                span(" ", Scope::BrokenBanner),
                self.time.clone(),
                span("  ", Scope::BrokenBanner),
            ]);
            join(&mut left, facts.into_iter().chain(proof));
            right.push(span(self.end.clone(), Scope::BrokenBanner));
        }
        (left, right)
    }
}

/// `shop/web-0:app`, and the same without what the role says already: after the first key nothing
/// else on the screen tells where one types.
fn shell(state: &State) -> [String; 2] {
    let Some(Screen::Shell(screen)) = state.screens.current() else {
        return Default::default();
    };
    let Some(stream) = state.streams.find(screen.action) else {
        return Default::default();
    };
    let container = match &stream.container {
        Some(container) => format!(":{container}"),
        None => String::new(),
    };
    let namespace = match &stream.pod.namespace {
        Some(namespace) => format!("{namespace}/"),
        None => String::new(),
    };
    let whole = format!("{namespace}{}{container}", stream.pod.name);
    let short = format!("{}{container}", cut::middle(&stream.pod.name, SHORT_POD));
    [whole, short]
}

fn join(spans: &mut Vec<Span>, parts: impl IntoIterator<Item = Option<String>>) {
    let mut first = true;
    for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
        if !first {
            spans.push(span(" · ", Scope::BrokenBanner));
        }
        first = false;
        spans.push(span(part, Scope::BrokenBanner));
    }
}

/// `14:32 left`, `ends soon 1:43`, `ending 0:08`.
fn time(state: &State, is_wide: bool) -> Span<'static> {
    if let GlassMode::Ending(ending) = &state.glass.mode {
        let seconds = state.now.since(ending.since) / 1000;
        let step = match ending.step {
            EndStep::Flight => "awaiting answers",
            EndStep::Disk => "writing to disk",
            EndStep::Server => "deleting the grant",
            EndStep::Confirm => "waiting until the server refuses the token",
        };
        return span(format!("ended, {step} {seconds} s"), Scope::BrokenSoon);
    }
    let left = state.glass.left_ms(state.now).unwrap_or(0);
    let clock = age::countdown(left);
    if left < ENDING_MS {
        span(format!("ending {clock}"), Scope::BrokenSoon)
    } else if left < SOON_MS {
        span(format!("ends soon {clock}"), Scope::BrokenSoon)
    } else if is_wide {
        span(format!("{clock} left"), Scope::BrokenBanner)
    } else {
        // As wide with nine minutes as with ten: the line never moves.
        span(format!("{clock:>5}"), Scope::BrokenBanner)
    }
}

fn end_key(state: &State, is_wide: bool) -> String {
    let key = keys::glass(state);
    if matches!(state.screens.current(), Some(Screen::Shell(shell)) if !shell.menu) {
        // The keys are the remote's: the way out is the menu.
        return format!("{} menu", keys::shell_menu(state));
    }
    let armed = state.glass.end_armed.is_some_and(|at| state.now.since(at) < ARMED_MS);
    match &state.glass.mode {
        GlassMode::Ending(_) => String::new(),
        _ if key.is_empty() => ":end".into(),
        _ if armed => format!("{key} again ends"),
        _ if is_wide => format!("{key}{key} end"),
        _ => format!("{key}{key} ends"),
    }
}

/// One blank at both ends.
pub fn padded(line: Rect) -> Rect {
    Rect {
        x: line.x + line.width.min(1),
        width: line.width.saturating_sub(2),
        ..line
    }
}
