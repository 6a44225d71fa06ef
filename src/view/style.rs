//! From the words of a theme, and from recorded styles, to ratatui's. Knows no screen.

use ratatui::style::{Color, Modifier, Style};

use crate::config::{Scope, ScopeStyle, Theme};
use crate::model;

/// What a scope lays over the ground.
pub fn of_scope(theme: &Theme, scope: Scope) -> Style {
    let ScopeStyle {
        foreground,
        background,
        bold,
        dim,
        italic,
        underline,
        reversed,
    } = theme.style(scope);
    Style {
        fg: foreground.map(colour),
        bg: background.map(colour),
        ..Style::default()
    }
    .add_modifier(modifiers(bold, dim, italic, underline, reversed))
}

/// A recorded cell, or a run of log text, over our ground: a default colour is left to the ground,
/// so that a recording made on black is readable on white.
pub fn of_recorded(style: model::Style) -> Style {
    let set = |c: model::Colour| (c != model::Colour::Default).then(|| colour(c));
    Style {
        fg: set(style.foreground),
        bg: set(style.background),
        ..Style::default()
    }
    .add_modifier(modifiers(
        style.bold,
        style.dim,
        style.italic,
        style.underline,
        style.reversed,
    ))
}

pub fn colour(colour: model::Colour) -> Color {
    match colour {
        model::Colour::Default => Color::Reset,
        model::Colour::Indexed(index) => Color::Indexed(index),
        model::Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[expect(
    clippy::fn_params_excessive_bools,
    reason = "each is one attribute of a terminal, told by its name"
)]
fn modifiers(bold: bool, dim: bool, italic: bool, underline: bool, reversed: bool) -> Modifier {
    [
        (bold, Modifier::BOLD),
        (dim, Modifier::DIM),
        (italic, Modifier::ITALIC),
        (underline, Modifier::UNDERLINED),
        (reversed, Modifier::REVERSED),
    ]
    .into_iter()
    .filter_map(|(on, modifier)| on.then_some(modifier))
    .collect()
}
