//! Where the operator is: `prod-eu ▸ shop ▸ pods`. Cut so that the end stays, and so that no two
//! contexts look alike.

use super::canvas::{Span, span, width_of};
use super::cut;
use crate::app::{Screen, State};
use crate::config::Scope;
use crate::config::theme::glyph::CRUMB;

/// A context is not cut below this.
const NARROWEST_CONTEXT: usize = 12;

/// The path in at most `room` cells. The banner of the broken glass names the context itself.
pub fn spans(state: &State, room: u16, with_context: bool) -> Vec<Span<'_>> {
    let title = state.screens.current().map(Screen::title).unwrap_or_default();
    let namespace = namespace(state);
    let mut context = if with_context { state.connection.context() } else { "" };
    let parts = |context: std::borrow::Cow<'static, str>, title: String| -> Vec<Span<'_>> {
        let mut spans = Vec::new();
        for (text, scope) in [
            (context, Scope::Strong),
            (namespace.clone().into(), Scope::Text),
            (title.into(), Scope::Accent),
        ] {
            if text.is_empty() {
                continue;
            }
            if !spans.is_empty() {
                spans.push(span(format!(" {CRUMB} "), Scope::Muted));
            }
            spans.push((text, scope));
        }
        spans
    };
    // A replay needs no cluster.
    let needs_context = !matches!(state.screens.current(), Some(Screen::Replay(_)));
    if context.is_empty() && with_context && needs_context {
        context = "no context";
    }
    let whole = parts(context.to_owned().into(), title.clone());
    let over = usize::from(width_of(&whole).saturating_sub(room));
    if over == 0 {
        return whole;
    }
    let context_width = cut::width(context);
    let context_room = context_width
        .saturating_sub(over)
        .max(NARROWEST_CONTEXT)
        .min(context_width);
    let still_over = over.saturating_sub(context_width - context_room);
    let title_room = cut::width(&title).saturating_sub(still_over);
    parts(
        cut::distinct(context, &state.connection.contexts, context_room)
            .into_owned()
            .into(),
        cut::middle(&title, title_room).into_owned(),
    )
}

/// Of what is seen, or in use; empty where namespaces mean nothing.
fn namespace(state: &State) -> String {
    match state.screens.current() {
        Some(Screen::Table(table)) => match table.namespace() {
            Some(namespace) => namespace.to_owned(),
            None if !table.namespaces.is_empty() => several(&table.namespaces),
            None if table.shows_namespace() => "all namespaces".into(),
            None => String::new(),
        },
        Some(Screen::Describe(screen)) => screen.object.namespace.clone().unwrap_or_default(),
        Some(Screen::Yaml(yaml)) => yaml.object.namespace.clone().unwrap_or_default(),
        Some(Screen::Logs(logs)) => logs.query.source.namespace().unwrap_or_default().to_owned(),
        Some(
            Screen::Contexts(_)
            | Screen::Help(_)
            | Screen::Messages(_)
            | Screen::Replay(_)
            | Screen::Forwards(_)
            | Screen::Shell(_),
        )
        | None => String::new(),
    }
}

/// `shop, web +3`: where not all may be listed, the ones that are shown.
fn several(namespaces: &[String]) -> String {
    const NAMED: usize = 3;
    let mut text = namespaces[..namespaces.len().min(NAMED)].join(", ");
    if namespaces.len() > NAMED {
        text = format!("{text} +{}", namespaces.len() - NAMED);
    }
    text
}
