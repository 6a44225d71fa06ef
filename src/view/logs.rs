//! Log lines: the end while following, else from where it is held; wrapped or moved to the side.
//! Costs no more than the lines that are seen.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::layout::line;
use super::text::{self, Piece};
use super::{cut, notice, style};
use crate::app::{LogSources, LogsScreen};
use crate::cluster::LogLine;
use crate::config::Scope;
use crate::config::theme::glyph::CUT;

/// Cells that pod and container may take before a line on the narrowest screen.
const LEAST_SOURCE: usize = 24;
/// `2026-11-24T02:15:40.123456789Z` is cut to milliseconds.
const TIME_WIDTH: usize = 23;

pub fn draw(canvas: &mut Canvas, logs: &LogsScreen, heads: Rect, body: Rect) {
    let lines = &logs.buffer.lines;
    let (first, skip) = start(canvas, logs, body);
    let title = logs.title();
    text::heads(
        canvas,
        heads,
        &title,
        &logs.search,
        first,
        usize::from(body.height),
        lines.len(),
    );
    if lines.is_empty() {
        return draw_nothing(canvas, logs, body);
    }
    let current = logs.search.at.and_then(|at| logs.search.hits.get(at)).copied();
    let room = usize::from(body.width.max(1));
    let mut row = 0;
    for (n, log) in lines.iter().enumerate().skip(first) {
        let (pieces, indent) = pieces(canvas, logs, log);
        let rows = if logs.wrap {
            text::width(&pieces).div_ceil(room).max(1)
        } else {
            1
        };
        let hidden = if n == first { skip } else { 0 };
        for part in hidden..rows {
            if row >= body.height {
                return;
            }
            let line = line(body, row);
            let left = if logs.wrap { part * room } else { logs.scroll.left };
            text::draw(canvas, line, left, &pieces);
            if logs.search.is_on() {
                text::mark_hits(
                    canvas,
                    line,
                    left,
                    indent,
                    log.text.as_str(),
                    &logs.search,
                    current == Some(n),
                );
            }
            if !logs.wrap {
                text::mark_cut(canvas, line, left, &pieces);
            }
            row += 1;
        }
    }
}

fn draw_nothing(canvas: &mut Canvas, logs: &LogsScreen, body: Rect) {
    if let Some(error) = &logs.error {
        return notice::failed(canvas, error, body);
    }
    let text = if logs.ended {
        "the log is empty".to_owned()
    } else {
        format!("waiting for lines{CUT}")
    };
    canvas.put(body.x + 2, body.y, body.width.saturating_sub(2), &text, Scope::Muted);
}

/// The first line that is seen, and how many of its wrapped rows are above.
fn start(canvas: &Canvas, logs: &LogsScreen, body: Rect) -> (usize, usize) {
    let lines = &logs.buffer.lines;
    let height = usize::from(body.height);
    if !logs.follow {
        return (logs.scroll.top.min(lines.len()), 0);
    }
    if !logs.wrap {
        return (lines.len().saturating_sub(height), 0);
    }
    let room = usize::from(body.width.max(1));
    let mut rows = 0;
    for (n, log) in lines.iter().enumerate().rev() {
        rows += text::width(&pieces(canvas, logs, log).0).div_ceil(room).max(1);
        if rows >= height {
            return (n, rows - height);
        }
    }
    (0, 0)
}

/// Time, source and text of a line as far as they are shown, and where the text begins.
fn pieces<'l>(canvas: &Canvas, logs: &LogsScreen, log: &'l LogLine) -> (Vec<Piece<'l>>, usize) {
    let mut pieces: Vec<Piece> = Vec::with_capacity(4);
    if logs.timestamps {
        let time = log.time.trim_end_matches('Z');
        let time = cut::prefix(time, TIME_WIDTH);
        pieces.push((format!("{time:TIME_WIDTH$} ").into(), canvas.style(Scope::LogTime)));
    }
    if logs.mixes_containers() && !log.note {
        let widths = source_widths(&logs.sources, canvas.area().width, logs.mixes_pods());
        pieces.push((source(log, widths).into(), canvas.style(hue(logs, log))));
    }
    let indent = text::width(&pieces);
    if log.note {
        pieces.push((Cow::Borrowed(log.text.as_str()), canvas.style(Scope::FreshWait)));
        return (pieces, indent);
    }
    let plain = canvas.style(Scope::Text);
    let text = log.text.as_str();
    let mut at = 0;
    for run in log.text.runs() {
        let (start, end) = (run.start as usize, run.end as usize);
        if start > at {
            pieces.push((Cow::Borrowed(&text[at..start]), plain));
        }
        let styled = plain.patch(style::of_recorded(run.style));
        pieces.push((Cow::Borrowed(&text[start..end]), styled));
        at = end;
    }
    if at < text.len() {
        pieces.push((Cow::Borrowed(&text[at..]), plain));
    }
    (pieces, indent)
}

/// Cells of pod and container in front of a line; none for a part that is not shown. As wide as the
/// widest name that was seen, up to a part of the screen.
fn source_widths(sources: &LogSources, width: u16, with_pod: bool) -> (usize, usize) {
    let most = usize::from(width / 3);
    if !with_pod {
        return (0, sources.container_width.min(most));
    }
    // Names of pods are long, and told apart by their ends.
    let container = sources.container_width.min(most / 2);
    let room = usize::from(width * 2 / 5)
        .max(LEAST_SOURCE)
        .saturating_sub(container + 1);
    (sources.pod_width.min(room), container)
}

/// `checkout-…-x2kqp web  `: the end of the pod's name tells pods apart. In the log of one pod its
/// name is in the title.
fn source(log: &LogLine, (pod, container): (usize, usize)) -> String {
    let padded = |name: &str, width: usize| {
        let name = cut::middle(name, width);
        let blanks = width.saturating_sub(cut::width(&name)) + 1;
        format!("{name}{}", " ".repeat(blanks))
    };
    let pod = if pod == 0 { String::new() } else { padded(&log.pod, pod) };
    format!("{pod}{}", padded(&log.container, container))
}

/// Neighbours differ by a quiet hue; the words say the same without it.
fn hue(logs: &LogsScreen, log: &LogLine) -> Scope {
    const HUES: [Scope; 3] = [Scope::LogSource, Scope::YamlKey, Scope::YamlWord];
    let place = if logs.mixes_pods() {
        logs.sources.pod(&log.pod)
    } else {
        logs.sources.container(&log.container)
    };
    HUES[place % HUES.len()]
}
