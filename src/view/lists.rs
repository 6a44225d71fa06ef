//! The short lists: messages, help.

use ratatui::layout::Rect;

use super::bottom::scope_of;
use super::canvas::{Canvas, span};
use super::layout::line;
use super::{cut, notice};
use crate::app::{HelpLine, HelpScreen, Level, MessagesScreen, State};
use crate::config::Scope;
use crate::config::theme::glyph::{BLOCKED, CURSOR, MARK, TIMES};

/// Cells of the cursor bar and the mark.
pub const GUTTER: u16 = 2;

pub fn draw_gutter(canvas: &mut Canvas, line: Rect, under_cursor: bool, marked: bool) {
    if under_cursor {
        canvas.tint(line, Scope::TableCursor);
        canvas.put(line.x, line.y, 1, CURSOR, Scope::Accent);
    }
    if marked {
        canvas.put(line.x + 1, line.y, 1, MARK, Scope::Accent);
    }
}

pub fn draw_messages(canvas: &mut Canvas, state: &State, list: &MessagesScreen, heads: Rect, body: Rect) {
    canvas.spans(heads, &[span("  TIME (UTC) AGO         MESSAGE", Scope::TableHeader)]);
    let messages = state.messages.all();
    for n in 0..body.height {
        let at = list.cursor.top + usize::from(n);
        let Some(message) = messages.get(at) else { break };
        let line = line(body, n);
        let mut spans = vec![span("  ", Scope::Text)];
        spans.extend(notice::when(message.at.wall_ms, state.now.wall_ms));
        spans.push(span(format!("{:<8}", word_of(message.level)), scope_of(message.level)));
        if message.times > 1 {
            spans.push(span(format!("{TIMES}{} ", message.times), Scope::Muted));
        }
        let used = canvas.spans(line, &spans);
        let room = line.width - used;
        let one_line = message.text.replace('\n', " ");
        canvas.put(
            line.x + used,
            line.y,
            room,
            &cut::end(&one_line, room.into()),
            scope_of(message.level),
        );
        draw_gutter(canvas, line, at == list.cursor.index, false);
    }
    draw_whole_message(canvas, state, list, body);
}

fn word_of(level: Level) -> &'static str {
    match level {
        Level::Note => "",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// The message under the cursor in full, where its line is too short for it.
fn draw_whole_message(canvas: &mut Canvas, state: &State, list: &MessagesScreen, body: Rect) {
    const BEFORE_TEXT: u16 = 26;
    let Some(message) = state.messages.all().get(list.cursor.index) else {
        return;
    };
    let fits = body.width.saturating_sub(BEFORE_TEXT);
    if cut::width(&message.text) <= fits.into() && !message.text.contains('\n') {
        return;
    }
    let lines = cut::wrap(&message.text, usize::from(body.width.saturating_sub(4)));
    let height = (lines.len() as u16 + 2).min(body.height / 2);
    let cursor_row = list.cursor.index.saturating_sub(list.cursor.top) as u16;
    let at_bottom = cursor_row < body.height.saturating_sub(height);
    let area = Rect {
        y: if at_bottom { body.bottom() - height } else { body.y },
        height,
        ..body
    };
    let inner = canvas.boxed(area, "");
    for (n, text) in lines.iter().take(inner.height.into()).enumerate() {
        canvas.spans(line(inner, n as u16), &[span(*text, scope_of(message.level))]);
    }
}

/// Cells from which help has a word and a sentence for each key.
const BOTH: u16 = 100;

pub fn draw_help(canvas: &mut Canvas, help: &HelpScreen, heads: Rect, body: Rect) {
    // Of every line: a filter moves no column.
    let every = help.every().iter();
    let widest = |text: fn(&HelpLine) -> &str| every.clone().map(|line| cut::width(text(line))).max().unwrap_or(0);
    let group = widest(|line| line.group) as u16 + 2;
    let keys = (widest(|line| &line.keys) as u16).min(20) + 2;
    // Where both do not fit, the sentence says more than the word.
    let title = if heads.width < BOTH {
        0
    } else {
        (widest(|line| line.title) as u16).min(20) + 2
    };
    let columns = [("WHERE", 0), ("KEYS", group), ("DOES", group + keys)];
    for (name, x) in columns {
        canvas.put(
            heads.x + 1 + x,
            heads.y,
            heads.width.saturating_sub(1 + x),
            name,
            Scope::TableHeader,
        );
    }
    let room = body.width.saturating_sub(group + keys + title + 2);
    let above = said_once(help, room.into());
    if let Some(why) = above {
        let why = cut::end(why, usize::from(room).saturating_sub(BLOCKED.len() + 8)).into_owned();
        canvas.spans_right(heads, &[span(format!("{BLOCKED} {why} "), Scope::KeyBlocked)]);
    }
    let shown = help.lines.iter().enumerate().skip(help.scroll.top);
    for (n, (at, entry)) in (0..body.height).zip(shown) {
        let line = line(body, n);
        let starts = n == 0
            || at
                .checked_sub(1)
                .and_then(|before| help.lines.get(before))
                .is_none_or(|before| before.group != entry.group);
        if starts {
            canvas.put(line.x + 1, line.y, group, entry.group, Scope::Accent);
        }
        let is_blocked = entry.blocked.is_some();
        let key_scope = if is_blocked { Scope::KeyBlocked } else { Scope::Key };
        let x = line.x + 1 + group;
        canvas.put(
            x,
            line.y,
            keys - 2,
            &cut::end(&entry.keys, usize::from(keys - 2)),
            key_scope,
        );
        let word_scope = if is_blocked { Scope::KeyBlocked } else { Scope::KeyLabel };
        let room = title.saturating_sub(2);
        canvas.put(x + keys, line.y, room, &cut::end(entry.title, room.into()), word_scope);
        let doc_x = x + keys + title;
        let room = line.right().saturating_sub(doc_x + 1);
        let doc = does(entry, above, room.into(), title == 0);
        canvas.put(
            doc_x,
            line.y,
            room,
            &cut::end(&doc, room.into()),
            if is_blocked { Scope::KeyBlocked } else { Scope::Muted },
        );
    }
}

/// The reason that most of what is blocked has, where it does not fit behind each of them.
fn said_once(help: &HelpScreen, room: usize) -> Option<&str> {
    let blocked = help.every().iter().filter_map(|line| line.blocked.as_deref());
    let often = |why: &str| blocked.clone().filter(|other| *other == why).count();
    let most = blocked.clone().max_by_key(|why| often(why))?;
    let mut lines = help.every().iter().filter(|line| line.blocked.as_deref() == Some(most));
    (!lines.all(|line| cut::width(&both(line, most)) <= room)).then_some(most)
}

/// What it does, and why not now: that alone where there is no room for both and nothing above says it.
fn does(entry: &HelpLine, above: Option<&str>, room: usize, without_title: bool) -> String {
    let Some(why) = entry.blocked.as_deref() else {
        return entry.doc.to_owned();
    };
    let both = both(entry, why);
    if above == Some(why) {
        format!("{BLOCKED} {}", entry.doc)
    } else if cut::width(&both) <= room {
        both
    } else if without_title {
        format!("{} {BLOCKED} {why}", entry.title)
    } else {
        format!("{BLOCKED} {why}")
    }
}

fn both(entry: &HelpLine, why: &str) -> String {
    format!("{} {BLOCKED} {why}", entry.doc)
}
