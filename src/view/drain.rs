//! How the drain of a node gets on: how many are evicted, who waits for which disruption budget,
//! what could not be evicted. Draws what is known and no more.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span};
use super::cut;
use super::layout::{centred, line};
use crate::app::Draining;
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::escalation::{DrainEnd, DrainProgress, DrainStep, PodNote};

const WIDTH: u16 = 76;
/// At least: with a few pods that wait.
const HEIGHT: u16 = 18;
/// Reasons given of each sort, with the pods of each; the rest is counted.
const MOST_NAMED: usize = 5;
/// Lines for the pods that share a reason, and for the reason.
const MOST_LINES: usize = 2;

pub fn draw(canvas: &mut Canvas, drain: Option<&Draining>, body: Rect) {
    let Some(Draining::Running { progress, stopping }) = drain else {
        return;
    };
    let width = usize::from(WIDTH.min(body.width)).saturating_sub(4);
    let content = content(progress, *stopping, width);
    // What waits comes and goes: the box neither grows nor wanders for it while it has room.
    let height = (content.len() as u16 + 4).max(HEIGHT);
    let inner = canvas.boxed(
        centred(body, WIDTH, height),
        &format!("drain · {}", cut::middle(&progress.node, 50)),
    );
    // The keys are always seen; of the rest as much as there is room for.
    let room = inner.height.saturating_sub(2);
    for (n, spans) in content.iter().take(room.into()).enumerate() {
        canvas.spans(line(inner, n as u16), spans);
    }
    canvas.spans(line(inner, inner.height.saturating_sub(1)), &keys(progress, *stopping));
}

fn content(progress: &DrainProgress, stopping: bool, width: usize) -> Vec<Vec<Span<'_>>> {
    let mut lines = vec![vec![span(step(progress, stopping), Scope::Strong)]];
    if progress.total > 0 {
        let mut counts = format!("{} of {} evicted", progress.evicted, progress.total);
        if progress.gone > 0 {
            let _ = write!(counts, ", {} of them gone", progress.gone);
        }
        lines.push(vec![span(counts, Scope::Text)]);
    }
    for (head, notes, scope) in [
        ("waits for", &progress.blocked, Scope::Text),
        ("not evicted", &progress.failed, Scope::Problem),
        ("left", &progress.left, Scope::Problem),
    ] {
        named(&mut lines, head, notes, scope, width);
    }
    lines
}

fn named<'p>(lines: &mut Vec<Vec<Span<'p>>>, head: &'static str, notes: &'p [PodNote], scope: Scope, width: usize) {
    if notes.is_empty() {
        return;
    }
    lines.push(Vec::new());
    lines.push(vec![span(format!("{head}: {}", notes.len()), scope)]);
    let groups = grouped(notes);
    for (why, pods) in groups.iter().take(MOST_NAMED) {
        let all = pods.join(", ");
        let names = cut::wrap(&all, width.saturating_sub(2));
        let more = names.len() > MOST_LINES;
        for (n, text) in names.into_iter().take(MOST_LINES).enumerate() {
            let cut = if more && n + 1 == MOST_LINES { CUT } else { "" };
            lines.push(vec![span(format!("  {text}{cut}"), Scope::Text)]);
        }
        let why = cut::wrap(why, width.saturating_sub(4)).into_iter().take(MOST_LINES);
        lines.extend(why.map(|text| vec![span(format!("    {text}"), Scope::Muted)]));
    }
    let shown: usize = groups.iter().take(MOST_NAMED).map(|(_, pods)| pods.len()).sum();
    if notes.len() > shown {
        let rest = format!("  {CUT} and {} more", notes.len() - shown);
        lines.push(vec![span(rest, Scope::Text)]);
    }
}

/// Pods about which the same is to say, in the order of the first of each: a budget says it of all
/// that it holds.
fn grouped(notes: &[PodNote]) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for note in notes {
        match groups.iter_mut().find(|(why, _)| *why == note.why) {
            Some((_, pods)) => pods.push(&note.pod),
            None => groups.push((&note.why, vec![&note.pod])),
        }
    }
    groups
}

fn step(progress: &DrainProgress, stopping: bool) -> String {
    let text = match progress.step {
        DrainStep::Over(end) => match end {
            DrainEnd::Done => "drained",
            DrainEnd::Incomplete => "not everything could be evicted",
            DrainEnd::Cancelled => "stopped; the node stays cordoned",
            DrainEnd::Cut => "cut by the end of the escalation; the node stays cordoned",
        },
        _ if stopping => "stopping: what is in flight is answered first",
        DrainStep::Cordoning => "cordoning",
        DrainStep::Evicting if progress.blocked.is_empty() => "evicting",
        DrainStep::Evicting => "evicting; some wait for a disruption budget and are tried again",
        DrainStep::Leaving => "evicted; waiting until the pods are gone",
    };
    text.into()
}

fn keys(progress: &DrainProgress, stopping: bool) -> Vec<Span<'static>> {
    let pairs: &[(&'static str, &'static str)] = match progress.step {
        DrainStep::Over(_) => &[("esc", " close")],
        _ if stopping => &[("enter", " look elsewhere")],
        _ => &[("esc", " stop  "), ("enter", " look elsewhere, it goes on")],
    };
    let spans = pairs
        .iter()
        .map(|(key, label)| [span(*key, Scope::Key), span(*label, Scope::KeyLabel)]);
    spans.flatten().collect()
}
