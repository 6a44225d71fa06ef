//! What the recording is: the first line of a replay, why it was done, how it ended.

use ratatui::layout::Rect;

use crate::app::{ReplayScreen, State};
use crate::config::Scope;
use crate::recording::{SessionEnd, Summary};
use crate::view::banner::padded;
use crate::view::canvas::{Canvas, Span, span, width_of};
use crate::view::counts::number;
use crate::view::{cut, keys, notice};

/// How long, what was found, by whom; in at most `room` cells.
pub fn summary(screen: &ReplayScreen, room: u16) -> Vec<Span<'_>> {
    let summary = &screen.recording.summary;
    let whole = of(summary, "%Y-%m-%d %H:%M");
    if width_of(&whole) <= room {
        return whole;
    }
    fit(of(summary, "%m-%d %H:%M"), room)
}

fn of<'s>(summary: &'s Summary, day: &str) -> Vec<Span<'s>> {
    let dot = || span(" · ", Scope::Muted);
    let mut spans = verdict(summary);
    spans.extend([
        span(" ", Scope::Text),
        span(notice::day(summary.started_ms, day), Scope::Text),
        span(format!(" {}", cut::middle(&summary.context, 24)), Scope::Strong),
        dot(),
        span(summary.who.as_str(), Scope::Text),
        dot(),
        span(summary.role.as_str(), Scope::Text),
        dot(),
        span(summary.ticket.as_str(), Scope::Text),
    ]);
    spans
}

/// First, since it must not be cut: what is seen is worth no more than this.
pub fn verdict(summary: &Summary) -> Vec<Span<'_>> {
    let scope = if summary.intact {
        Scope::FreshLive
    } else {
        Scope::Problem
    };
    vec![span("REPLAY ", Scope::Accent), span(summary.verdict.as_str(), scope)]
}

/// The last that has some room is cut with a mark, what is behind it goes.
pub fn fit(spans: Vec<Span>, room: u16) -> Vec<Span> {
    let mut left = usize::from(room);
    let mut kept = Vec::with_capacity(spans.len());
    for (text, scope) in spans {
        let width = cut::width(&text);
        if width > left {
            kept.push((cut::end(&text, left).into_owned().into(), scope));
            break;
        }
        left -= width;
        kept.push((text, scope));
    }
    kept
}

/// Why it was done and how much; what is damaged goes before both, and so does the end once the
/// recording has come to it.
pub fn draw_about(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, line: Rect) {
    let line = padded(line);
    let summary = &screen.recording.summary;
    let help = keys::everywhere(state, "app.help");
    let right = [
        span(number(summary.writes as usize, "write", "writes"), Scope::Muted),
        span(format!("   {help}"), Scope::Key),
        span(" keys", Scope::KeyLabel),
    ];
    let free = line.width.saturating_sub(width_of(&right) + 2);
    if summary.damage.is_none() && is_over(screen) {
        return draw_end(canvas, summary, line, &right);
    }
    canvas.spans_right(line, &right);
    let (text, scope) = match &summary.damage {
        Some(damage) => (damage, Scope::Problem),
        None => (&summary.reason, Scope::TableHeader),
    };
    canvas.spans(line, &[(cut::end(text, free.into()), scope)]);
}

/// How it ended matters more than what stands at the right.
fn draw_end(canvas: &mut Canvas, summary: &Summary, line: Rect, right: &[Span]) {
    let words = end_words(summary, line.width.saturating_sub(width_of(right) + 2));
    let used = canvas.spans(line, &[(cut::end(&words, line.width.into()), Scope::Accent)]);
    if used + width_of(right) + 2 <= line.width {
        canvas.spans_right(line, right);
    }
}

/// Nothing was recorded after this.
pub fn is_over(screen: &ReplayScreen) -> bool {
    let recorded = match screen.recording.screen.duration_ms() {
        0 => screen.recording.duration_ms(),
        ms => ms,
    };
    recorded > 0 && screen.position_ms >= recorded
}

/// `the recording ends here · ended (by hand) 02:32:10 · credential refused after 9.8 s · READ-ONLY since`,
/// from `ended` on where `room` is short.
pub fn end_words(summary: &Summary, room: u16) -> String {
    const HERE: &str = "the recording ends here · ";
    let how = match &summary.end {
        Some(end) => {
            let when = notice::clock(end.wall_ms);
            format!("ended ({}) {when}{} · READ-ONLY since", end.why, refusal(end))
        }
        None => "the journal does not tell of an end".into(),
    };
    let whole = format!("{HERE}{how}");
    if cut::width(&whole) <= usize::from(room) {
        whole
    } else {
        how
    }
}

fn refusal(end: &SessionEnd) -> String {
    match (end.revocation.as_str(), end.refused_after_ms) {
        ("confirmed", Some(ms)) => format!(" · credential refused after {:.1} s", ms as f64 / 1000.0),
        ("confirmed", None) => " · credential refused".into(),
        ("unconfirmed", _) => " · not confirmed that the server refuses the credential".into(),
        _ => String::new(),
    }
}
