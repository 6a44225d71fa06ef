//! A shell under the banner: the remote terminal's cells, one to one. Its text is foreign, and
//! passes the sanitiser like any other.

use ratatui::layout::Rect;

use super::canvas::{Canvas, span};
use super::replay::draw_grid;
use super::{Drawn, bottom, menu};
use crate::app::{ShellScreen, State};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;

pub fn draw(canvas: &mut Canvas, state: &State, shell: &ShellScreen, area: Rect, drawn: &mut Drawn) {
    if let Some(frame) = &shell.frame {
        draw_grid(canvas, &frame.grid, area);
        let (columns, rows) = (area.width, area.height);
        let cursor = frame.cursor.filter(|(x, y)| *x < columns && *y < rows && !shell.menu);
        drawn.cursor = cursor.map(|(x, y)| (area.x + x, area.y + y));
    } else {
        let text = format!("opening {}{CUT}", shell.title);
        canvas.put(
            area.x + 2,
            area.y + 1,
            area.width.saturating_sub(2),
            &text,
            Scope::Muted,
        );
    }
    let line = Rect {
        y: area.bottom().saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    if shell.menu {
        canvas.clear(line);
        let used = canvas.spans(line, &[span(format!(" {}  ", shell.title), Scope::Strong)]);
        let rest = Rect {
            x: line.x + used,
            width: line.width - used,
            ..line
        };
        let keys = menu::all(state, rest.width);
        canvas.spans(rest, &keys);
    } else if let Some(message) = state.messages.newest() {
        // Over the remote's last line until the next key: a warning must be seen.
        bottom::draw_message(canvas, state, message, line);
    }
}
