//! While an escalation is being asked for: what has happened, how long it has taken, and the
//! command that an approver can paste, never cut.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span};
use super::layout::line;
use super::{age, cut};
use crate::app::{Asking, State};
use crate::config::Scope;
use crate::config::theme::glyph::{CUT, MARK, UNCHOSEN};
use crate::escalation::AskProgress;

const WIDEST: u16 = 100;

pub fn draw(canvas: &mut Canvas, state: &State, asking: &Asking, area: Rect) {
    let width = area.width.min(WIDEST);
    let lines = lines(state, asking, usize::from(width.saturating_sub(4)));
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        width,
        height: (lines.len() as u16 + 2).min(area.height),
        ..area
    };
    let context = cut::distinct(state.connection.context(), &state.connection.contexts, 40);
    let inner = canvas.boxed(area, &format!("Breaking the glass · {context}"));
    for (n, spans) in lines.iter().enumerate() {
        canvas.spans(line(inner, n as u16), spans);
    }
}

fn lines<'s>(state: &'s State, asking: &'s Asking, width: usize) -> Vec<Vec<Span<'s>>> {
    let request = &asking.request;
    let place = request.namespace.as_deref().unwrap_or("the whole cluster");
    let mut lines = vec![vec![
        span(request.role.as_str(), Scope::Strong),
        span(format!(" in {place} · {}", request.ticket), Scope::Text),
    ]];
    let reason = cut::wrap(&request.reason, width).into_iter().take(3);
    lines.extend(reason.map(|text| vec![span(text, Scope::Muted)]));
    lines.push(Vec::new());
    let mut done = |text: String| lines.push(vec![span(format!("{MARK} "), Scope::RowOk), span(text, Scope::Text)]);
    let mut command = None;
    for progress in &asking.progress {
        match progress {
            AskProgress::Recorded { session } => done(format!("recorded as session {session}")),
            AskProgress::Waiting { command: paste, .. } => {
                done("asked on the server".into());
                command = Some(paste.as_str());
            }
            AskProgress::Approved { by } => done(format!("consented by {by}")),
            AskProgress::Acquired => done("credential acquired, looking at its rights".into()),
        }
    }
    lines.push(vec![
        span(format!("{UNCHOSEN} "), Scope::RowPending),
        span(now(asking), Scope::Text),
    ]);
    let elapsed = age::text(0, state.now.since(asking.since) as i64);
    lines.push(vec![span(format!("  {elapsed}"), Scope::Muted)]);
    let consented = asking
        .progress
        .iter()
        .any(|step| matches!(step, AskProgress::Approved { .. }));
    if let (Some(command), false) = (command, consented) {
        lines.push(Vec::new());
        if let Some(role) = state.offers.as_ref().and_then(|offers| offers.role(&request.role)) {
            let who = format!("Consent comes from {}. They can paste:", role.consent);
            lines.extend(
                cut::wrap(&who, width)
                    .into_iter()
                    .map(|text| vec![span(text.to_owned(), Scope::Text)]),
            );
        }
        let wrapped = cut::wrap(command, width).into_iter();
        lines.extend(wrapped.map(|text| vec![span(text, Scope::Strong)]));
    }
    lines.push(Vec::new());
    lines.push(vec![span("esc", Scope::Key), span(" withdraw", Scope::KeyLabel)]);
    lines
}

/// What is being waited for.
fn now(asking: &Asking) -> String {
    let what = match (asking.withdrawn, asking.progress.last()) {
        (true, _) => "withdrawing the request",
        (_, None) => "writing the first record",
        (_, Some(AskProgress::Recorded { .. })) => "asking on the server",
        (_, Some(AskProgress::Waiting { .. })) => "waiting for consent",
        (_, Some(AskProgress::Approved { .. })) => "acquiring the credential",
        (_, Some(AskProgress::Acquired)) => "verifying identity, rights and end",
    };
    format!("{what}{CUT}")
}
