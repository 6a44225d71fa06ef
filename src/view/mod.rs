//! PURE. From `State` and `Theme` to cells: no clock, no file, no cluster; the same state gives the
//! same screen. A frame costs what the screen holds, not what the cluster holds.

mod age;
mod banner;
mod bottom;
mod canvas;
mod confirm;
mod contexts;
mod counts;
mod cut;
mod describe;
mod drain;
mod escalate;
mod forwards;
mod guide;
mod keys;
mod layout;
mod lists;
mod logs;
mod menu;
mod notice;
mod path;
mod prompt;
mod replay;
mod shell;
mod sinks;
pub mod style;
mod table;
mod text;
mod waiting;
mod ways;
mod yaml;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::canvas::Canvas;
use self::layout::Layout;
use crate::app::{Overlay, Screen, State};
use crate::config::{Scope, Theme};
use crate::model;
use crate::registry::Friction;

/// What the frame says beside its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Where the terminal's cursor is to be shown, if anywhere.
    pub cursor: Option<(u16, u16)>,
    /// Cells that must not be recorded.
    pub private: Vec<model::Rect>,
}

/// Draws the whole screen.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer) -> Drawn {
    let frame = if state.glass.grant().is_some() {
        Scope::BrokenFrame
    } else {
        Scope::Frame
    };
    let mut drawn = Drawn::default();
    let mut canvas = Canvas::new(buffer, theme, frame);
    let layout = Layout::of(state, canvas.area());
    if draw_alone(&mut canvas, state, &layout, &mut drawn) {
        canvas.finish();
        return drawn;
    }
    counts::draw(&mut canvas, state, layout.counts, layout.menu.is_none());
    if let Some(line) = layout.menu {
        menu::draw(&mut canvas, state, line);
    }
    for rule in [layout.upper_rule, layout.lower_rule].into_iter().flatten() {
        canvas.rule(rule);
    }
    draw_screen(&mut canvas, state, &layout, &mut drawn);
    if let (Some(area), Some(guide)) = (layout.guide, &state.guide) {
        guide::draw(&mut canvas, state, guide, area);
    }
    draw_overlay(&mut canvas, state, &layout, &mut drawn);
    if let Some(caret) = bottom::draw(&mut canvas, state, layout.bottom) {
        drawn.cursor = Some(caret);
    }
    // Last, so that nothing can lie over it.
    banner::draw(&mut canvas, state, layout.banner);
    canvas.finish();
    drawn
}

/// What takes everything but the banner while nothing lies over it; true if that is seen.
fn draw_alone(canvas: &mut Canvas, state: &State, layout: &Layout, drawn: &mut Drawn) -> bool {
    let area = canvas.area();
    let below = |line: Rect| Rect {
        y: line.bottom(),
        height: area.bottom().saturating_sub(line.bottom()),
        ..area
    };
    match (state.screens.current(), &state.overlay) {
        (Some(Screen::Shell(screen)), None) => {
            shell::draw(canvas, state, screen, below(layout.banner), drawn);
            banner::draw(canvas, state, layout.banner);
        }
        (Some(Screen::Replay(screen)), None) if screen.full => match state.glass.grant() {
            Some(_) => {
                replay::draw_alone(canvas, state, screen, below(layout.banner));
                banner::draw(canvas, state, layout.banner);
            }
            None => replay::draw_alone(canvas, state, screen, area),
        },
        _ => return false,
    }
    true
}

fn draw_screen(canvas: &mut Canvas, state: &State, layout: &Layout, drawn: &mut Drawn) {
    let (heads, body) = (layout.heads, layout.body);
    match state.screens.current() {
        Some(Screen::Table(table)) => table::draw(canvas, state, table, heads, body),
        Some(Screen::Describe(screen)) => describe::draw(canvas, state, screen, heads, body, drawn),
        Some(Screen::Yaml(yaml)) => yaml::draw(canvas, yaml, heads, body, drawn),
        Some(Screen::Logs(logs)) => logs::draw(canvas, logs, heads, body),
        Some(Screen::Contexts(list)) => contexts::draw(canvas, state, list, heads, body),
        Some(Screen::Help(help)) => lists::draw_help(canvas, help, heads, body),
        Some(Screen::Messages(list)) => lists::draw_messages(canvas, state, list, heads, body),
        Some(Screen::Replay(replay)) => replay::draw(canvas, state, replay, heads, body),
        Some(Screen::Forwards(list)) => forwards::draw(canvas, state, list, heads, body),
        // Drawn by itself: it has the whole screen under the banner.
        Some(Screen::Shell(_)) => {}
        None => notice::connection(canvas, state, body),
    }
}

fn draw_overlay(canvas: &mut Canvas, state: &State, layout: &Layout, drawn: &mut Drawn) {
    // Panes may take the second line too, but neither the banner nor the bottom line.
    let pane = Rect {
        y: layout.counts.y,
        height: layout.bottom.y.saturating_sub(layout.counts.y),
        ..layout.counts
    };
    match &state.overlay {
        Some(Overlay::Prompt(prompt)) => prompt::draw_suggestions(canvas, prompt, layout.body),
        Some(Overlay::Confirm(confirm)) if confirm.friction != Friction::Line => {
            drawn.cursor = confirm::draw_box(canvas, confirm, layout.body);
        }
        Some(Overlay::Escalate(escalate)) => match state.glass.asking() {
            Some(asking) => waiting::draw(canvas, state, asking, pane),
            None => drawn.cursor = escalate::draw(canvas, state, escalate, pane),
        },
        Some(Overlay::Pick(pick)) => forwards::draw_pick(canvas, pick, layout.body),
        Some(Overlay::Drain) => drain::draw(canvas, state.drain.as_ref(), layout.body),
        Some(Overlay::Confirm(_) | Overlay::Leave(_)) | None => {}
    }
}

/// A ratatui rectangle as the recording knows it.
fn recordable(area: Rect) -> model::Rect {
    model::Rect {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
    }
}
