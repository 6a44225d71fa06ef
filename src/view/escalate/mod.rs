//! The escalate pane: what is asked for, what one gains, what will follow. Names what is missing
//! beside its field; the keys that ask are only bright when nothing is.

mod consequences;
mod fields;
mod reason;

use ratatui::layout::Rect;

use super::canvas::{Canvas, span};
use super::layout::line;
use super::{cut, keys, sinks};
use crate::app::{EscalatePane, State};
use crate::config::Scope;
use crate::config::theme::glyph::BLOCKED;
use crate::escalation::{Field, FieldError, Offers, RoleOffer};

/// Cells of the names of fields.
const LABEL: u16 = 10;
const WIDEST: u16 = 120;
/// Below this nothing of the form can be read beside the rest.
const LEAST: (u16, u16) = (46, 17);

/// Draws the pane; says where the caret is.
pub fn draw(canvas: &mut Canvas, state: &State, pane: &EscalatePane, area: Rect) -> Option<(u16, u16)> {
    let width = area.width.min(WIDEST);
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        width,
        height: area.height.min(22 + extra_lines(area)),
        ..area
    };
    let context = cut::distinct(state.connection.context(), &state.connection.contexts, 40);
    let inner = canvas.boxed(area, &format!("Break the glass · {context}"));
    let Some(offers) = &state.offers else {
        let text = "The policy for this cluster is not known yet.";
        canvas.put(inner.x, inner.y, inner.width, text, Scope::Muted);
        return None;
    };
    if inner.width < LEAST.0 || inner.height < LEAST.1 {
        draw_too_small(canvas, inner);
        return None;
    }
    let mut form = Form {
        canvas,
        pane,
        offers,
        glass_key: keys::glass(state),
        kept: sinks::pane(&state.sinks, state.now).unwrap_or_else(|| offers.kept.clone()),
        inner,
        next: 0,
        caret: None,
    };
    if pane.rights {
        form.draw_rights();
        return None;
    }
    form.draw_purpose();
    form.draw_fields();
    form.draw_consequences();
    form.draw_end();
    form.caret
}

/// Lines that a tall screen has for the rights.
fn extra_lines(area: Rect) -> u16 {
    area.height.saturating_sub(26).min(12)
}

fn draw_too_small(canvas: &mut Canvas, inner: Rect) {
    let text = "This form needs a larger terminal: 50 columns, 24 lines. What is filled in stays; esc leaves.";
    for (n, text) in cut::wrap(text, inner.width.into()).iter().enumerate() {
        canvas.spans(line(inner, n as u16), &[span(*text, Scope::Text)]);
    }
}

struct Form<'f, 'b> {
    canvas: &'f mut Canvas<'b>,
    pane: &'f EscalatePane,
    offers: &'f Offers,
    glass_key: String,
    /// Where records go, and how that is doing.
    kept: String,
    inner: Rect,
    next: u16,
    caret: Option<(u16, u16)>,
}

impl Form<'_, '_> {
    fn line(&mut self) -> Rect {
        self.next += 1;
        line(self.inner, self.next - 1)
    }

    fn say(&mut self, text: &str, scope: Scope) {
        let line = self.line();
        let text = cut::end(text, line.width.into());
        self.canvas.spans(line, &[(text, scope)]);
    }

    fn draw_purpose(&mut self) {
        self.say(
            "Normal mode cannot write. You ask for a credential that ends by itself.",
            Scope::Text,
        );
        let kept = format!("Everything you do with it is recorded and {}.", self.kept);
        self.say(&kept, Scope::Text);
        self.line();
    }

    fn role(&self) -> Option<&RoleOffer> {
        self.pane.role_offer(self.offers)
    }

    /// Why the last ask failed, in place of what would follow; and the keys on the last line.
    fn draw_end(&mut self) {
        let last = self.inner.height.saturating_sub(1);
        if let Some(error) = &self.pane.error {
            let room = last.saturating_sub(self.next);
            let lines = cut::wrap(error, self.inner.width.into());
            for (n, text) in lines.iter().take(room.into()).enumerate() {
                self.canvas
                    .spans(line(self.inner, self.next + n as u16), &[span(*text, Scope::Problem)]);
            }
        }
        let is_valid = self.pane.missing.is_empty();
        let (key, label) = if is_valid {
            (Scope::Key, Scope::KeyLabel)
        } else {
            (Scope::KeyBlocked, Scope::KeyBlocked)
        };
        let mut spans = vec![span("ctrl-s", key), span(" ask   ", label)];
        if !is_valid {
            let missing: Vec<&str> = self.pane.missing.iter().map(|error| name(error.field)).collect();
            spans.push(span(
                format!("{BLOCKED} missing: {}   ", missing.join(", ")),
                Scope::KeyBlocked,
            ));
        }
        if matches!(self.pane.field, Field::Trigger | Field::Role | Field::Scope) {
            spans.extend([span("r", Scope::Key), span(" all rights   ", Scope::KeyLabel)]);
        }
        spans.extend([
            span("tab", Scope::Key),
            span(" next   ", Scope::KeyLabel),
            span("esc", Scope::Key),
            span(" leave", Scope::KeyLabel),
        ]);
        self.canvas.spans(line(self.inner, last), &spans);
    }
}

/// What is wrong and what to do, or what is wrong alone where there is no room for both.
fn shortened(error: &FieldError, room: usize) -> String {
    let whole = error.to_string();
    if cut::width(&whole) <= room {
        return whole;
    }
    cut::end(&error.cause, room).into_owned()
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Trigger => "trigger",
        Field::Ticket => "ticket",
        Field::Reason => "reason",
        Field::Role => "role",
        Field::Scope => "scope",
        Field::Ttl => "minutes",
    }
}
