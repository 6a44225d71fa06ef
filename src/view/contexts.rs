//! The contexts of the kubeconfig, and what each names. Never cuts a name so that two look alike.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::cut;
use super::layout::line;
use super::lists::{GUTTER, draw_gutter};
use crate::app::{ContextsScreen, State};
use crate::cluster::ContextPlace;
use crate::config::Scope;

const GAP: u16 = 2;
/// The name keeps this much, whatever else there is.
const NARROWEST_NAME: u16 = 24;

type Text = fn(&ContextPlace) -> &str;

/// A column behind the name: its head, its text, its width.
struct Column {
    head: &'static str,
    text: Text,
    width: u16,
}

pub fn draw(canvas: &mut Canvas, state: &State, list: &ContextsScreen, heads: Rect, body: Rect) {
    let places = &state.connection.places;
    let room = heads.width.saturating_sub(GUTTER);
    let names = list.names.iter().map(|name| cut::width(name)).max().unwrap_or(0) as u16;
    let columns = columns(places, room, names);
    let others: u16 = columns.iter().map(|column| column.width + GAP).sum();
    let name_width = names.max(4).min(room.saturating_sub(others));
    let x = heads.x + GUTTER;
    canvas.put(x, heads.y, room, "NAME", Scope::TableHeader);
    let mut at = x + name_width + GAP;
    for column in &columns {
        canvas.put(at, heads.y, column.width, column.head, Scope::TableHeader);
        at += column.width + GAP;
    }
    if list.names.is_empty() {
        canvas.put(x, body.y, room, "the kubeconfig has no contexts", Scope::Muted);
    }
    for n in 0..body.height {
        let at = list.cursor.top + usize::from(n);
        let Some(name) = list.shown.get(at).and_then(|index| list.names.get(*index)) else {
            break;
        };
        let line = line(body, n);
        let in_use = *name == list.current;
        let scope = if in_use { Scope::Accent } else { Scope::Text };
        let text = cut::distinct(name, &list.names, name_width.into());
        canvas.put(line.x + GUTTER, line.y, name_width, &text, scope);
        let mut x = line.x + GUTTER + name_width + GAP;
        let place = places.iter().find(|place| place.name == *name);
        for column in &columns {
            let text = place.map(column.text).unwrap_or_default();
            let text = cut::middle(text, column.width.into());
            canvas.put(x, line.y, column.width, &text, Scope::Muted);
            x += column.width + GAP;
        }
        draw_gutter(canvas, line, at == list.cursor.index, in_use);
    }
}

/// Those that fit beside the name; one in which nothing stands is left out.
fn columns(places: &[ContextPlace], room: u16, names: u16) -> Vec<Column> {
    let all: [(&'static str, Text); 3] = [
        ("CLUSTER", |place| &place.cluster),
        ("USER", |place| &place.user),
        ("NAMESPACE", |place| &place.namespace),
    ];
    let mut left = room.saturating_sub(names.min(room / 2).max(NARROWEST_NAME));
    let mut columns = Vec::new();
    for (head, text) in all {
        let widest = places.iter().map(|place| cut::width(text(place))).max().unwrap_or(0);
        let width = (widest.max(head.len()) as u16).min(left.saturating_sub(GAP));
        if widest > 0 && usize::from(width) >= head.len() {
            left -= width + GAP;
            columns.push(Column { head, text, width });
        }
    }
    columns
}
