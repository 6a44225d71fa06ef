//! The escalate pane: what is asked for, what one gains, what will follow. Names what is missing
//! beside its field; the keys that ask are only bright when nothing is.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span, width_of};
use super::layout::line;
use super::{cut, keys, prompt};
use crate::app::{EscalatePane, State};
use crate::config::Scope;
use crate::config::theme::glyph::{
    BOTTOM_LEFT, BOTTOM_RIGHT, CHOICE_LEFT, CHOICE_RIGHT, HORIZONTAL, LEFT, MARK, RIGHT, TOP_LEFT, TOP_RIGHT, UNCHOSEN,
    VERTICAL,
};
use crate::escalation::{Field, FieldError, Offers, RoleOffer, format_duration};

/// Cells of the names of fields.
const LABEL: u16 = 10;
/// Lines of the reason that are seen.
const REASON_LINES: u16 = 2;
const WIDEST: u16 = 100;

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
    let mut form = Form {
        canvas,
        pane,
        offers,
        glass_key: keys::glass(state),
        inner,
        next: 0,
        caret: None,
    };
    form.draw_purpose();
    form.draw_fields();
    form.draw_consequences();
    form.draw_end();
    form.caret
}

/// Lines that a tall screen has for the rights.
fn extra_lines(area: Rect) -> u16 {
    area.height.saturating_sub(26).min(4)
}

struct Form<'f, 'b> {
    canvas: &'f mut Canvas<'b>,
    pane: &'f EscalatePane,
    offers: &'f Offers,
    glass_key: String,
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
        let kept = format!("Everything you do with it is recorded and {}.", self.offers.kept);
        self.say(&kept, Scope::Text);
        self.line();
    }

    fn draw_fields(&mut self) {
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
    fn field(&mut self, field: Field, label: &'static str) -> Rect {
        let line = self.line();
        let is_focused = self.pane.field == field;
        let scope = if is_focused { Scope::Accent } else { Scope::Muted };
        self.canvas.put(line.x, line.y, LABEL, label, scope);
        let mut room = Rect {
            x: line.x + LABEL.min(line.width),
            width: line.width.saturating_sub(LABEL),
            ..line
        };
        // The reason names it in the edge of its own box.
        if field != Field::Reason
            && let Some(missing) = self.missing(field)
        {
            let text = cut::end(&missing.to_string(), usize::from(room.width) * 2 / 3).into_owned();
            let used = self.canvas.spans_right(room, &[span(text, Scope::Problem)]);
            room.width = room.width.saturating_sub(used + 1);
        }
        if is_focused && field != Field::Reason {
            self.canvas.tint(room, Scope::Focus);
        }
        room
    }

    /// Named only after the first try: nobody is scolded for fields not reached yet.
    fn missing(&self, field: Field) -> Option<&FieldError> {
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

    /// Its own small box, with the count in the lower edge.
    fn draw_reason(&mut self) {
        let frame = self.canvas.style(self.canvas.frame_scope());
        let top = self.field(Field::Reason, "Reason");
        self.edge(top, TOP_LEFT, TOP_RIGHT);
        let first = self.next;
        for _ in 0..REASON_LINES {
            let line = self.line();
            if line.height > 0 {
                self.canvas.symbol(line.x + LABEL, line.y, VERTICAL, frame);
                self.canvas.symbol(line.right() - 1, line.y, VERTICAL, frame);
            }
        }
        let area = Rect {
            x: self.inner.x + LABEL + 2,
            y: self.inner.y + first,
            width: self.inner.width.saturating_sub(LABEL + 4),
            height: REASON_LINES.min(self.inner.height.saturating_sub(first)),
        };
        let is_focused = self.pane.field == Field::Reason;
        let scope = if is_focused { Scope::Focus } else { Scope::Strong };
        if is_focused {
            self.canvas.tint(area, Scope::Focus);
        }
        let caret = prompt::draw_input_wrapped(self.canvas, &self.pane.reason, area, scope);
        if is_focused && area.height > 0 {
            self.caret = Some(caret);
        }
        let bottom = self.line();
        let bottom = Rect {
            x: bottom.x + LABEL,
            width: bottom.width.saturating_sub(LABEL),
            ..bottom
        };
        self.edge(bottom, BOTTOM_LEFT, BOTTOM_RIGHT);
        self.draw_reason_count(bottom);
    }

    fn draw_reason_count(&mut self, edge: Rect) {
        let length = self.pane.reason.text().trim().chars().count();
        let (text, scope) = match self.missing(Field::Reason) {
            Some(missing) => (
                format!(
                    " {} ",
                    cut::end(&missing.to_string(), usize::from(edge.width).saturating_sub(6))
                ),
                Scope::Problem,
            ),
            None => (
                format!(" {length}, at least {} ", self.offers.minimum_reason),
                Scope::Muted,
            ),
        };
        let inside = Rect {
            width: edge.width.saturating_sub(2),
            ..edge
        };
        self.canvas.spans_right(inside, &[span(text, scope)]);
    }

    fn edge(&mut self, line: Rect, left: &str, right: &str) {
        if line.width < 2 || line.height == 0 {
            return;
        }
        let frame = self.canvas.style(self.canvas.frame_scope());
        for x in line.left()..line.right() {
            self.canvas.symbol(x, line.y, HORIZONTAL, frame);
        }
        self.canvas.symbol(line.x, line.y, left, frame);
        self.canvas.symbol(line.right() - 1, line.y, right, frame);
    }

    fn role(&self) -> Option<&RoleOffer> {
        self.pane.role_offer(self.offers)
    }

    fn draw_role(&mut self) {
        let area = self.field(Field::Role, "Role");
        let mut spans: Vec<Span> = Vec::new();
        for (at, role) in self.offers.roles.iter().enumerate() {
            let chosen = at == self.pane.role;
            let (sign, scope) = if chosen {
                (MARK, Scope::Strong)
            } else {
                (UNCHOSEN, Scope::Muted)
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

    fn draw_consequences(&mut self) {
        if self.pane.error.is_some() {
            return;
        }
        let Some(role) = self.role().cloned() else { return };
        let gain = match self.pane.scope_name(self.offers) {
            Some(namespace) => format!("in {namespace}: {}", gathered(&role.rights)),
            None => gathered(&role.rights),
        };
        let lines = usize::from(self.inner.height.saturating_sub(self.next + 5)).max(1);
        self.fact("You gain", &gain, lines, Scope::Text);
        self.fact("Consent", &role.consent, 1, Scope::Text);
        let ends = format!(
            "at {0}{0}, or at its time by the server, even if kglass died",
            self.glass_key
        );
        self.fact("Ends", &ends, 1, Scope::Text);
        let bounds = if role.unbounded {
            format!(
                "{}; UNBOUNDED: this role can end these guarantees",
                role.enforced.as_str()
            )
        } else {
            role.enforced.as_str().to_owned()
        };
        let scope = if role.unbounded || bounds.ends_with("client only") {
            Scope::Problem
        } else {
            Scope::Text
        };
        self.fact("Bounds", &bounds, 1, scope);
    }

    fn fact(&mut self, label: &'static str, text: &str, height: usize, scope: Scope) {
        let room = usize::from(self.inner.width.saturating_sub(LABEL));
        let lines = cut::wrap(text, room);
        let is_cut = lines.len() > height;
        for (n, text) in lines.iter().take(height).enumerate() {
            let line = self.line();
            let label = if n == 0 { label } else { "" };
            self.canvas.put(line.x, line.y, LABEL, label, Scope::Muted);
            let more = if is_cut && n + 1 == height {
                format!("{text} …")
            } else {
                (*text).to_owned()
            };
            let room = line.width.saturating_sub(LABEL);
            self.canvas
                .put(line.x + LABEL, line.y, room, &cut::end(&more, room.into()), scope);
        }
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
            spans.push(span(format!("⊘ missing: {}   ", missing.join(", ")), Scope::KeyBlocked));
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

/// Rights that differ in the resource alone, together: `create update pods, services; get nodes`.
fn gathered(rights: &[String]) -> String {
    let mut out = String::new();
    let mut before = "";
    for right in rights {
        let (verbs, resource) = right.rsplit_once(' ').unwrap_or(("", right));
        if !out.is_empty() && verbs == before {
            out.push_str(", ");
            out.push_str(resource);
        } else {
            if !out.is_empty() {
                out.push_str("; ");
            }
            out.push_str(right);
        }
        before = verbs;
    }
    out
}

/// `15`, or `30s` where it is not whole minutes.
fn minutes(seconds: u32) -> String {
    if seconds.is_multiple_of(60) {
        (seconds / 60).to_string()
    } else {
        format_duration(seconds)
    }
}
