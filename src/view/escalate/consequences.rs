//! What follows from consent: what one gains, who decides, when it ends, who enforces it.

use super::{Form, LABEL};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::escalation::Enforced;
use crate::view::canvas::span;
use crate::view::cut;
use crate::view::layout::line;

impl Form<'_, '_> {
    pub(super) fn draw_consequences(&mut self) {
        if self.pane.error.is_some() {
            return;
        }
        let Some(role) = self.role().cloned() else { return };
        self.fact("About", &role.about, 1, Scope::Text);
        if let Some(why) = &role.refused {
            // Nothing would follow: saying what would is saying something untrue.
            let why = format!("{why}; choose another role, or talk to who keeps the policy");
            return self.fact("Refused", &why, 3, Scope::Problem);
        }
        let gain = match self.pane.scope_name(self.offers) {
            Some(namespace) => format!("in {namespace}: {}", gathered(&role.rights)),
            None => gathered(&role.rights),
        };
        let below = 5 + u16::from(role.reach.is_some());
        let lines = usize::from(self.inner.height.saturating_sub(self.next + below)).max(1);
        self.fact("You gain", &gain, lines, Scope::Text);
        if let Some(reach) = &role.reach {
            self.fact("Reaches", reach, 1, Scope::Text);
        }
        self.fact("Consent", &role.consent, 1, Scope::Text);
        let (glass, after) = (&self.glass_key, after_consent(self.pane.minutes.text()));
        let ends = match role.enforced {
            Enforced::Server => format!("at {glass}{glass}, or {after}, by the server even if kglass died"),
            Enforced::ClientOnly => format!("at {glass}{glass}, or {after}, by kglass; if it died, with the token"),
        };
        self.fact("Ends", &ends, 1, Scope::Text);
        let mut bounds = match role.enforced {
            Enforced::Server => role.enforced.as_str().to_owned(),
            Enforced::ClientOnly => "client only: the server knows no reason, approver or minutes".to_owned(),
        };
        if role.unbounded {
            bounds.push_str("; UNBOUNDED: this role can end these guarantees");
        }
        let is_weak = role.unbounded || role.enforced == Enforced::ClientOnly;
        let scope = if is_weak { Scope::Problem } else { Scope::Text };
        self.fact("Bounds", &bounds, 1, scope);
    }

    /// In place of the form: each right on a line of its own.
    pub(super) fn draw_rights(&mut self) {
        let Some(role) = self.role().cloned() else { return };
        let place = self.pane.scope_name(self.offers).unwrap_or("the whole cluster");
        self.say(&format!("{} in {place}: {}", role.name, role.about), Scope::Strong);
        self.line();
        let room = usize::from(self.inner.height.saturating_sub(self.next + 2));
        let all: Vec<&str> = role
            .rights
            .iter()
            .flat_map(|right| cut::wrap(right, self.inner.width.into()))
            .collect();
        let shown = if all.len() > room {
            room.saturating_sub(1)
        } else {
            all.len()
        };
        for text in &all[..shown] {
            self.say(text, Scope::Text);
        }
        if shown < all.len() {
            self.say(
                &format!("{CUT} {} lines more in `kglass policy show`", all.len() - shown),
                Scope::Muted,
            );
        }
        let last = line(self.inner, self.inner.height.saturating_sub(1));
        self.canvas
            .spans(last, &[span("any key", Scope::Key), span(" back", Scope::KeyLabel)]);
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
                format!("{text} {CUT}")
            } else {
                (*text).to_owned()
            };
            let room = line.width.saturating_sub(LABEL);
            self.canvas
                .put(line.x + LABEL, line.y, room, &cut::end(&more, room.into()), scope);
        }
    }
}

/// As typed: what cannot be read is named beside its field.
fn after_consent(minutes: &str) -> String {
    match minutes.trim() {
        "" => "at its time".into(),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("{number} min after consent"),
        other => format!("{other} after consent"),
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
