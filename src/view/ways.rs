//! The right half of the second line: what leads on from here. Normal mode: namespaces, the glass,
//! help. Glass broken: under which identity writes are sent, and who enforces its bounds.

use super::canvas::{Span, span, width_of};
use super::{counts, cut, keys, menu};
use crate::app::{GlassMode, Screen, State, TableSource};
use crate::config::Scope;
use crate::escalation::Grant;

/// In normal mode: the keys of the row where there is no menu line, the glass, help.
pub fn ways_on(state: &State, room: u16, with_menu: bool) -> Vec<Span<'_>> {
    let (glass, help) = (keys::glass(state), keys::everywhere(state, "app.help"));
    let open = if with_menu { " glass" } else { " break the glass" };
    let mut ways = match &state.glass.mode {
        GlassMode::Asking(asking) => {
            let waited = counts::elapsed(state.now.since(asking.since) / 1000);
            let asking = span(format!("asking for {} {waited}", asking.request.role), Scope::Accent);
            vec![asking, span("   ", Scope::Text)]
        }
        // Without a cluster, as in `kglass replay`, there is no glass.
        _ if state.connection.facts.is_none() => Vec::new(),
        _ => vec![
            span(glass, Scope::Key),
            span(open, Scope::KeyLabel),
            span("   ", Scope::Text),
        ],
    };
    ways.extend([span(help, Scope::Key), span(" keys", Scope::KeyLabel)]);
    if !with_menu {
        let mut namespaces = namespace_keys(state);
        if !namespaces.is_empty() {
            namespaces.push(span("   ", Scope::Text));
        }
        if width_of(&namespaces) + width_of(&ways) <= room {
            namespaces.append(&mut ways);
            return namespaces;
        }
    }
    if with_menu {
        let mut row_keys = menu::writes(state, room.saturating_sub(width_of(&ways) + 3));
        if !row_keys.is_empty() {
            row_keys.push(span("   ", Scope::Text));
            row_keys.append(&mut ways);
            return row_keys;
        }
    }
    ways
}

/// Namespaces and help, which are as useful with the glass broken.
pub fn around(state: &State) -> Vec<Span<'_>> {
    let mut ways = namespace_keys(state);
    if !ways.is_empty() {
        ways.push(span("   ", Scope::Text));
    }
    let help = keys::everywhere(state, "app.help");
    ways.extend([span(help, Scope::Key), span(" keys", Scope::KeyLabel)]);
    ways
}

/// `0 all  1 shop  2 default`, where the keys mean something.
fn namespace_keys(state: &State) -> Vec<Span<'_>> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    if !matches!(&table.source, TableSource::Rows(query) | TableSource::RowsIn(query, _) if query.resource.namespaced) {
        return Vec::new();
    }
    let names = std::iter::once(None).chain(state.namespace_keys.names().map(Some));
    let mut spans = Vec::new();
    for (key, name) in names.enumerate() {
        let in_use = table.namespace() == name;
        let scope = if in_use { Scope::Accent } else { Scope::KeyLabel };
        let gap = if spans.is_empty() { "" } else { "  " };
        spans.extend([
            span(format!("{gap}{key}"), Scope::Key),
            span(format!(" {}", cut::middle(name.unwrap_or("all"), 16)), scope),
        ]);
    }
    spans
}

/// `as system:serviceaccount:… · enforced: server · kept on this machine only`: the identity is
/// shortened first, the bounds of the grant go last. The sink only if the banner has no room for it;
/// its trouble is news, and goes after the bounds.
pub fn identity<'a>(grant: &'a Grant, sink: &'a str, in_trouble: bool, room: u16) -> Vec<Span<'a>> {
    let enforced = grant.enforced.as_str();
    let last = grant.identity.rsplit(':').next().unwrap_or_default();
    let (whole, none) = (grant.identity.as_str(), "");
    let forms = if in_trouble {
        [
            [whole, enforced, sink],
            [last, enforced, sink],
            [none, enforced, sink],
            [none, none, sink],
            [none, enforced, none],
        ]
    } else {
        [
            [whole, enforced, sink],
            [last, enforced, sink],
            [last, enforced, none],
            [none, enforced, sink],
            [none, enforced, none],
        ]
    };
    let spans = forms.map(|[identity, enforced, sink]| {
        let mut spans = Vec::new();
        if !identity.is_empty() {
            spans.extend([span("as ", Scope::Muted), span(identity, Scope::Text)]);
        }
        for part in [enforced, sink].into_iter().filter(|part| !part.is_empty()) {
            let dot = if spans.is_empty() { "" } else { " · " };
            spans.extend([span(dot, Scope::Muted), span(part, Scope::Muted)]);
        }
        spans
    });
    spans
        .into_iter()
        .find(|spans| width_of(spans) <= room)
        .unwrap_or_default()
}
