//! The list of port-forwards, and the box that asks for a container.

use ratatui::layout::Rect;

use super::canvas::{Canvas, span};
use super::layout::{centred, line};
use super::lists::{GUTTER, draw_gutter};
use super::{age, cut};
use crate::app::{ForwardsScreen, OpenStream, Pick, State, bytes};
use crate::config::Scope;
use crate::model::ObjectRef;

/// Names of the columns, and whether numbers stand in them.
const COLUMNS: [(&str, bool); 9] = [
    ("NAMESPACE", false),
    ("FROM", false),
    ("FORWARD", false),
    ("STATE", false),
    ("OPEN", true),
    ("CONNS", true),
    ("IN", true),
    ("OUT", true),
    ("AGE", true),
];
const FORWARD: usize = 2;
/// Between two columns.
const GAP: u16 = 2;

pub fn draw(canvas: &mut Canvas, state: &State, list: &ForwardsScreen, heads: Rect, body: Rect) {
    let rows: Vec<[String; 9]> = state.streams.forwards().map(|stream| cells(state, stream)).collect();
    let widths = widths(&rows, heads.width.saturating_sub(GUTTER));
    let names = COLUMNS.map(|(name, _)| name.to_owned());
    draw_line(canvas, heads, &names, &widths, Scope::TableHeader);
    if rows.is_empty() {
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
    let shown = rows.iter().enumerate().skip(list.cursor.top);
    for (n, (at, cells)) in (0..body.height).zip(shown) {
        let line = line(body, n);
        draw_line(canvas, line, cells, &widths, Scope::Text);
        draw_gutter(canvas, line, at == list.cursor.index, false);
    }
}

fn cells(state: &State, stream: &OpenStream) -> [String; 9] {
    let counts = stream.counts;
    let word = match (&stream.trouble, stream.is_open) {
        (_, false) => "opening",
        (Some(_), true) => "trouble",
        (None, true) => "open",
    };
    [
        stream.pod.namespace.clone().unwrap_or_default(),
        stream.from.as_ref().map(short).unwrap_or_default(),
        stream.words(),
        word.to_owned(),
        counts.open.to_string(),
        counts.connections.to_string(),
        bytes(counts.bytes_in),
        bytes(counts.bytes_out),
        age::text(stream.since.wall_ms, state.now.wall_ms),
    ]
}

/// `svc/cart`, as kubectl takes it.
fn short(object: &ObjectRef) -> String {
    let kind = match object.resource.as_str() {
        "services" => "svc",
        "deployments" => "deploy",
        "statefulsets" => "sts",
        "daemonsets" => "ds",
        "replicasets" => "rs",
        "replicationcontrollers" => "rc",
        "jobs" => "job",
        other => other,
    };
    format!("{kind}/{}", object.name)
}

/// As wide as what is in them; nothing for one that is left out. Where not all fit, it goes without
/// the origin, then without the namespace, then the forward itself is cut.
fn widths(rows: &[[String; 9]], room: u16) -> [u16; 9] {
    let mut widths = [0; 9];
    for (at, width) in widths.iter_mut().enumerate() {
        let widest = rows.iter().map(|row| cut::width(&row[at])).max().unwrap_or(0);
        // Of a column in which nothing is, only the origin goes: it is known of few.
        let has_head = at != 1 || widest > 0;
        let head = if has_head { COLUMNS[at].0.len() } else { 0 };
        *width = widest.max(head).min(usize::from(room)) as u16;
    }
    for dropped in [1, 0] {
        if all_of(&widths) > room {
            widths[dropped] = 0;
        }
    }
    let over = all_of(&widths).saturating_sub(room);
    widths[FORWARD] = widths[FORWARD].saturating_sub(over);
    widths
}

fn all_of(widths: &[u16; 9]) -> u16 {
    let shown = widths.iter().filter(|width| **width > 0);
    shown.map(|width| width + GAP).sum::<u16>().saturating_sub(GAP)
}

fn draw_line(canvas: &mut Canvas, line: Rect, cells: &[String; 9], widths: &[u16; 9], scope: Scope) {
    let mut x = line.x + GUTTER;
    for ((cell, width), (_, is_number)) in cells.iter().zip(widths).zip(COLUMNS) {
        if *width == 0 {
            continue;
        }
        let text = cut::middle(cell, usize::from(*width));
        let blanks = if is_number { width - cut::width(&text) as u16 } else { 0 };
        let room = line.right().saturating_sub(x + blanks);
        canvas.put(x + blanks, line.y, room, &text, scope);
        x += width + GAP;
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
