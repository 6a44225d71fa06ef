//! What follows from consent: what one gains, who decides, when it ends, who enforces it.

use super::{Form, LABEL};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::view::cut;

impl Form<'_, '_> {
    pub(super) fn draw_consequences(&mut self) {
        if self.pane.error.is_some() {
            return;
        }
        let Some(role) = self.role().cloned() else { return };
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
        let ends = format!(
            "at {0}{0}, or {1} by the server, even if kglass died",
            self.glass_key,
            after_consent(self.pane.minutes.text())
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
