//! The list of port-forwards, and the box that asks for a container.

use ratatui::layout::Rect;

use super::canvas::{Canvas, span};
use super::layout::{centred, line};
use super::lists::{GUTTER, draw_gutter};
use super::{age, cut};
use crate::app::{ForwardsScreen, OpenStream, Pick, State, bytes};
use crate::config::Scope;

/// Names and cells of the columns on the right.
const COLUMNS: [(&str, u16); 6] = [
    ("STATE", 9),
    ("OPEN", 5),
    ("CONNS", 6),
    ("IN", 9),
    ("OUT", 9),
    ("AGE", 6),
];

pub fn draw(canvas: &mut Canvas, state: &State, list: &ForwardsScreen, heads: Rect, body: Rect) {
    let names = COLUMNS.map(|(name, _)| name.to_owned());
    draw_line(canvas, heads, "FORWARD", &names, Scope::TableHeader);
    if state.streams.forwards().next().is_none() {
        let text = "no port-forward is open: press shift-f on a pod, a service or a workload";
        canvas.put(
            body.x + GUTTER,
            body.y,
            body.width.saturating_sub(GUTTER),
            text,
            Scope::Muted,
        );
        return;
    }
    let shown = state.streams.forwards().enumerate().skip(list.cursor.top);
    for (n, (at, stream)) in (0..body.height).zip(shown) {
        let line = line(body, n);
        draw_line(canvas, line, &stream.words(), &cells(state, stream), Scope::Text);
        draw_gutter(canvas, line, at == list.cursor.index, false);
    }
}

fn cells(state: &State, stream: &OpenStream) -> [String; 6] {
    let counts = stream.counts;
    let word = match (&stream.trouble, stream.is_open) {
        (_, false) => "opening",
        (Some(_), true) => "trouble",
        (None, true) => "open",
    };
    [
        word.to_owned(),
        counts.open.to_string(),
        counts.connections.to_string(),
        bytes(counts.bytes_in),
        bytes(counts.bytes_out),
        age::text(stream.since.wall_ms, state.now.wall_ms),
    ]
}

fn draw_line(canvas: &mut Canvas, line: Rect, name: &str, cells: &[String; 6], scope: Scope) {
    let right: u16 = COLUMNS.iter().map(|(_, width)| width + 2).sum();
    let room = line.width.saturating_sub(right + GUTTER);
    canvas.put(line.x + GUTTER, line.y, room, &cut::middle(name, room.into()), scope);
    let mut x = line.x + GUTTER + room;
    for (at, ((_, width), cell)) in COLUMNS.iter().zip(cells).enumerate() {
        // The state is text, all else numbers.
        let text = if at == 0 {
            format!("  {cell:<w$}", w = usize::from(*width))
        } else {
            format!("  {cell:>w$}", w = usize::from(*width))
        };
        canvas.put(x, line.y, line.right().saturating_sub(x), &text, scope);
        x += width + 2;
    }
}

/// Which container: a small box in the middle.
pub fn draw_pick(canvas: &mut Canvas, pick: &Pick, body: Rect) {
    let height = pick.options.len() as u16 + 4;
    let inner = canvas.boxed(centred(body, 60, height), pick.action.title);
    let about = format!(
        "container of {}",
        cut::middle(&pick.pod.name, usize::from(inner.width).saturating_sub(13))
    );
    canvas.spans(line(inner, 0), &[(about.into(), Scope::Muted)]);
    let rows = inner.height.saturating_sub(2);
    let top = (pick.cursor.index + 1).saturating_sub(rows.into());
    for (n, (at, option)) in (0..rows).zip(pick.options.iter().enumerate().skip(top)) {
        let line = line(inner, n + 1);
        let scope = if option.running { Scope::Text } else { Scope::Muted };
        let note = match (option.running, option.is_default) {
            (false, _) => "  not running",
            (true, true) => "  default",
            (true, false) => "",
        };
        canvas.spans(
            Rect {
                x: line.x + GUTTER,
                width: line.width.saturating_sub(GUTTER),
                ..line
            },
            &[span(option.name.as_str(), scope), span(note, Scope::Muted)],
        );
        draw_gutter(canvas, line, at == pick.cursor.index, false);
    }
    let keys = [
        span("enter", Scope::Key),
        span(" opens  ", Scope::KeyLabel),
        span("esc", Scope::Key),
        span(" leaves", Scope::KeyLabel),
    ];
    canvas.spans(line(inner, inner.height.saturating_sub(1)), &keys);
}
