//! The fields of the pane: typed and chosen, with what is missing beside each.

use ratatui::layout::Rect;

use super::{Form, LABEL, shortened};
use crate::config::Scope;
use crate::config::theme::glyph::{BLOCKED, CHOICE_LEFT, CHOICE_RIGHT, CURSOR, LEFT, MARK, RIGHT, UNCHOSEN};
use crate::escalation::{Field, FieldError, format_duration};
use crate::view::canvas::{Span, span, width_of};
use crate::view::{cut, prompt};

impl Form<'_, '_> {
    pub(super) fn draw_fields(&mut self) {
        self.draw_trigger();
        let ticket = self.field(Field::Ticket, "Ticket");
        self.input(Field::Ticket, ticket);
        if self.pane.ticket.is_empty() && self.pane.field != Field::Ticket {
            let example = format!("like {}", self.offers.ticket_example);
            self.canvas.spans(ticket, &[span(example, Scope::Suggestion)]);
        }
        self.draw_reason();
        self.draw_role();
        let scope = self.field(Field::Scope, "Scope");
        let scopes = self.role().map(|role| role.scopes.clone()).unwrap_or_default();
        let names: Vec<&str> = scopes
            .iter()
            .map(|scope| scope.as_deref().unwrap_or("the whole cluster"))
            .collect();
        self.choice(scope, &names, self.pane.scope);
        self.draw_minutes();
        self.line();
    }

    /// A field's line: label, and what is missing at the right; returns the room between.
    pub(super) fn field(&mut self, field: Field, label: &'static str) -> Rect {
        let line = self.line();
        let is_focused = self.pane.field == field;
        let scope = if is_focused { Scope::Accent } else { Scope::Muted };
        self.canvas.put(line.x, line.y, LABEL, label, scope);
        if is_focused && line.x > 0 {
            // In the margin, so that where one is can be read without colour.
            self.canvas.put(line.x - 1, line.y, 1, CURSOR, Scope::Accent);
        }
        let mut room = Rect {
            x: line.x + LABEL.min(line.width),
            width: line.width.saturating_sub(LABEL),
            ..line
        };
        // The reason names it in the edge of its own box, the role below the form.
        if !matches!(field, Field::Reason | Field::Role)
            && let Some(missing) = self.missing(field)
        {
            let text = shortened(missing, usize::from(room.width) * 2 / 3);
            let used = self.canvas.spans_right(room, &[span(text, Scope::Problem)]);
            room.width = room.width.saturating_sub(used + 1);
        }
        if is_focused && field != Field::Reason {
            self.canvas.tint(room, Scope::Focus);
        }
        room
    }

    /// Named only after the first try: nobody is scolded for fields not reached yet.
    pub(super) fn missing(&self, field: Field) -> Option<&FieldError> {
        self.pane.missing_in(field).filter(|_| self.pane.tried)
    }

    fn input(&mut self, field: Field, area: Rect) {
        let input = match field {
            Field::Ticket => &self.pane.ticket,
            Field::Ttl => &self.pane.minutes,
            _ => &self.pane.incident,
        };
        let is_focused = self.pane.field == field;
        let scope = if is_focused { Scope::Focus } else { Scope::Strong };
        if is_focused {
            self.canvas.tint(area, Scope::Focus);
        }
        let caret = prompt::draw_input(self.canvas, input, area, scope);
        if is_focused && area.width > 0 {
            self.caret = Some(caret);
        }
    }

    /// `‹ one of many ›   ← → others`
    fn choice(&mut self, area: Rect, all: &[&str], chosen: usize) -> u16 {
        let text = all.get(chosen).copied().unwrap_or("none");
        if all.len() < 2 {
            return self.canvas.spans(area, &[span(text, Scope::Strong)]);
        }
        let others = format!("   {LEFT} {RIGHT} {} of {}", chosen + 1, all.len());
        let room = usize::from(area.width).saturating_sub(cut::width(&others) + 4);
        self.canvas.spans(
            area,
            &[
                span(format!("{CHOICE_LEFT} "), Scope::Muted),
                (cut::end(text, room), Scope::Strong),
                span(format!(" {CHOICE_RIGHT}"), Scope::Muted),
                span(others, Scope::Muted),
            ],
        )
    }

    fn draw_trigger(&mut self) {
        let area = self.field(Field::Trigger, "Trigger");
        let mut names: Vec<&str> = self.offers.triggers.iter().map(String::as_str).collect();
        if self.offers.incident.is_some() {
            names.push("incident");
        }
        let used = self.choice(area, &names, self.pane.trigger);
        if self.pane.is_incident(self.offers) && self.offers.incident.is_some() {
            let typed = Rect {
                x: area.x + used + 2,
                width: area.width.saturating_sub(used + 2),
                ..area
            };
            self.input(Field::Trigger, typed);
        }
    }

    fn draw_role(&mut self) {
        let area = self.field(Field::Role, "Role");
        let mut spans: Vec<Span> = Vec::new();
        for (at, role) in self.offers.roles.iter().enumerate() {
            let chosen = at == self.pane.role;
            let (sign, scope) = match (chosen, &role.refused) {
                (true, None) => (MARK, Scope::Strong),
                (true, Some(_)) => (BLOCKED, Scope::Strong),
                (false, None) => (UNCHOSEN, Scope::Muted),
                (false, Some(_)) => (BLOCKED, Scope::KeyBlocked),
            };
            spans.push(span(format!("{sign} {}   ", role.name), scope));
        }
        if width_of(&spans) <= area.width + 3 {
            self.canvas.spans(area, &spans);
        } else {
            let names: Vec<&str> = self.offers.roles.iter().map(|role| role.name.as_str()).collect();
            self.choice(area, &names, self.pane.role);
        }
    }

    fn draw_minutes(&mut self) {
        let area = self.field(Field::Ttl, "Minutes");
        let field = Rect {
            width: area.width.min(6),
            ..area
        };
        self.input(Field::Ttl, field);
        let Some(role) = self.role() else { return };
        let choices: Vec<String> = role.ttl_choices.iter().map(|ttl| minutes(*ttl)).collect();
        let text = format!("({})", choices.join(" · "));
        let rest = Rect {
            x: field.right() + 1,
            width: area.width.saturating_sub(field.width + 1),
            ..area
        };
        self.canvas.spans(rest, &[span(text, Scope::Muted)]);
    }
}

/// `15`, or `30s` where it is not whole minutes.
fn minutes(seconds: u32) -> String {
    if seconds.is_multiple_of(60) {
        (seconds / 60).to_string()
    } else {
        format_duration(seconds)
    }
}
