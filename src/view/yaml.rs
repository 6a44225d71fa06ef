//! One object as coloured YAML. Draws the lines that are seen.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::Canvas;
use super::layout::line;
use super::text::{self, Piece};
use super::{Drawn, notice, recordable};
use crate::app::YamlScreen;
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::model::term_safe;
use crate::model::yaml::{Line, Token};

pub fn draw(canvas: &mut Canvas, screen: &YamlScreen, heads: Rect, body: Rect, drawn: &mut Drawn) {
    let scroll = screen.scroll;
    let title = format!("{}/{}", screen.object.gvk.kind, screen.object.name);
    let seen = usize::from(body.height);
    text::heads(
        canvas,
        heads,
        &title,
        &screen.search,
        scroll.top,
        seen,
        screen.lines.len(),
    );
    if let Some(error) = &screen.error {
        return notice::failed(canvas, error, body);
    }
    if screen.value.is_none() {
        canvas.put(body.x + 2, body.y, body.width, &format!("loading{CUT}"), Scope::Muted);
        return;
    }
    // Values of Secrets are redacted by the reader; should one ever get through, it is seen here
    // and kept out of the recording.
    if screen.object.gvk.group.is_empty() && screen.object.resource == "secrets" {
        drawn.private.push(recordable(body));
    }
    let styles = Styles::of(canvas);
    let current = screen.search.at.and_then(|at| screen.search.hits.get(at)).copied();
    for (n, yaml) in screen.lines.iter().enumerate().skip(scroll.top).take(seen) {
        let line = line(body, (n - scroll.top) as u16);
        let pieces = styles.pieces(yaml);
        text::draw(canvas, line, scroll.left, &pieces);
        if screen.search.is_on() {
            text::mark_hits(
                canvas,
                line,
                scroll.left,
                0,
                &yaml.text(),
                &screen.search,
                current == Some(n),
            );
        }
        text::mark_cut(canvas, line, scroll.left, &pieces);
    }
}

struct Styles {
    key: Style,
    string: Style,
    number: Style,
    word: Style,
    punctuation: Style,
}

impl Styles {
    fn of(canvas: &Canvas) -> Self {
        Self {
            key: canvas.style(Scope::YamlKey),
            string: canvas.style(Scope::YamlString),
            number: canvas.style(Scope::YamlNumber),
            word: canvas.style(Scope::YamlWord),
            punctuation: canvas.style(Scope::YamlPunctuation),
        }
    }

    fn pieces<'l>(&self, line: &'l Line) -> Vec<Piece<'l>> {
        line.spans
            .iter()
            .map(|span| (term_safe::clean(&span.text), self.of_token(span.token)))
            .collect()
    }

    fn of_token(&self, token: Token) -> Style {
        match token {
            Token::Key => self.key,
            Token::Indent | Token::String => self.string,
            Token::Number => self.number,
            Token::Bool | Token::Null => self.word,
            Token::Punctuation => self.punctuation,
        }
    }
}
