//! From TOML to a theme. Collects everything that is wrong instead of stopping at the first.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Scope, ScopeStyle, Theme, built_in_text};
use crate::config::problem::{Problem, Problems, suggest};
use crate::model::Colour;

/// Themes that inherit from each other are followed this far; more is a circle.
const MOST_ANCESTORS: usize = 8;
const COLOUR_CURE: &str = "write 0 to 255, \"#rrggbb\", \"default\" or a name of [palette]";
const SECTIONS: &[&str] = &["inherits", "palette", "scopes"];

type Palette = BTreeMap<String, Colour>;

pub(super) fn load(place: &str, text: &str, find: &dyn Fn(&str) -> Option<String>) -> (Theme, Vec<Problem>) {
    let mut problems = Problems::new(place, text);
    let mut layer = Layer::default();
    layer.read(text, find, MOST_ANCESTORS, &mut problems);
    layer.keep_the_warning_hue_alone(&mut problems);
    let name = place.rsplit('/').next().unwrap_or(place);
    let theme = Theme {
        name: name.strip_suffix(".toml").unwrap_or(name).into(),
        styles: Scope::ALL
            .iter()
            .map(|scope| layer.styles.get(scope).copied().unwrap_or_default())
            .collect(),
        ascii: false,
    };
    (theme, problems.finish())
}

/// Everything that a theme and its ancestors say. The palette of the heir goes before that of its
/// ancestors, so that a theme of other colours is a palette and nothing else.
#[derive(Default)]
struct Layer {
    palette: Palette,
    styles: BTreeMap<Scope, ScopeStyle>,
    /// Where the theme itself says it; what is inherited has no place in this file.
    places: BTreeMap<Scope, Range<usize>>,
}

impl Layer {
    fn read(&mut self, text: &str, find: &dyn Fn(&str) -> Option<String>, depth: usize, problems: &mut Problems) {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            problems.add(error.span().unwrap_or(0..0), error.message(), "mend the TOML there");
        }
        let document = document.get_ref();
        for name in document.keys() {
            if !SECTIONS.contains(&name.get_ref().as_ref()) {
                let cause = format!("a theme has no `{}`", name.get_ref());
                problems.add(name.span(), cause, suggest(name.get_ref(), SECTIONS));
            }
        }
        if let Some(palette) = section(document, "palette", problems) {
            for (name, value) in palette {
                match colour(value.get_ref(), &Palette::new()) {
                    // An heir has named it already, and means it for the scopes it inherits too.
                    Some(colour) => {
                        self.palette
                            .entry(name.get_ref().clone().into_owned())
                            .or_insert(colour);
                    }
                    None => problems.add(value.span(), format!("`{}` is no colour", name.get_ref()), COLOUR_CURE),
                }
            }
        }
        if let Some(parent) = document.get("inherits") {
            self.inherit(parent, find, depth, problems);
        }
        self.places.clear();
        if let Some(scopes) = section(document, "scopes", problems) {
            for (name, value) in scopes {
                self.scope(name, value, problems);
            }
        }
    }

    fn inherit(
        &mut self,
        parent: &Spanned<DeValue>,
        find: &dyn Fn(&str) -> Option<String>,
        depth: usize,
        problems: &mut Problems,
    ) {
        let DeValue::String(name) = parent.get_ref() else {
            return problems.add(parent.span(), "`inherits` is no text", "name one theme in quotes");
        };
        // The user's own theme lies over the shipped one of the same name, except for itself.
        let text = find(name).or_else(|| built_in_text(name).map(Into::into));
        let Some(text) = text else {
            let known: Vec<_> = Theme::built_in_names().collect();
            let cause = format!("there is no theme `{name}` to inherit from");
            return problems.add(parent.span(), cause, suggest(name, &known));
        };
        if depth == 0 {
            let cause = "themes inherit from each other in a circle";
            return problems.add(
                parent.span(),
                cause,
                "let the oldest of them inherit from `dark`, or from none",
            );
        }
        let mut of_parent = Problems::new(name, &text);
        self.read(&text, find, depth - 1, &mut of_parent);
        if let Some(first) = of_parent.finish().into_iter().next() {
            let cause = format!("the theme it inherits from has a fault of its own ({first})");
            problems.add(parent.span(), cause, "mend that theme first");
        }
    }

    fn scope(&mut self, name: &Spanned<DeString>, value: &Spanned<DeValue>, problems: &mut Problems) {
        let Some(scope) = Scope::parse(name.get_ref()) else {
            let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            let mut cure = suggest(name.get_ref(), &known);
            if matches!(value.get_ref(), DeValue::Table(_)) {
                cure.push_str(" (names with a dot stand in quotes)");
            }
            return problems.add(name.span(), format!("there is no scope `{}`", name.get_ref()), cure);
        };
        self.places.insert(scope, name.span());
        let style = match value.get_ref() {
            DeValue::Table(fields) => self.style(fields, problems),
            short => ScopeStyle {
                foreground: self.colour_at(short, value.span(), problems),
                ..ScopeStyle::default()
            },
        };
        self.styles.insert(scope, style);
    }

    fn style(&self, fields: &DeTable, problems: &mut Problems) -> ScopeStyle {
        let mut style = ScopeStyle::default();
        for (name, value) in fields {
            let flag = match name.get_ref().as_ref() {
                "fg" => {
                    style.foreground = self.colour_at(value.get_ref(), value.span(), problems);
                    continue;
                }
                "bg" => {
                    style.background = self.colour_at(value.get_ref(), value.span(), problems);
                    continue;
                }
                "bold" => &mut style.bold,
                "dim" => &mut style.dim,
                "italic" => &mut style.italic,
                "underline" => &mut style.underline,
                "reversed" => &mut style.reversed,
                other => {
                    let known = ["fg", "bg", "bold", "dim", "italic", "underline", "reversed"];
                    problems.add(name.span(), format!("a style has no `{other}`"), suggest(other, &known));
                    continue;
                }
            };
            match value.get_ref() {
                DeValue::Boolean(on) => *flag = *on,
                _ => problems.add(
                    value.span(),
                    format!("`{}` is on or off", name.get_ref()),
                    "write true or false",
                ),
            }
        }
        style
    }

    fn colour_at(&self, value: &DeValue, span: Range<usize>, problems: &mut Problems) -> Option<Colour> {
        let found = colour(value, &self.palette);
        if found.is_none() {
            problems.add(span, "this is no colour", COLOUR_CURE);
        }
        found
    }

    /// A hue that is seen in normal mode too would say nothing any more.
    fn keep_the_warning_hue_alone(&self, problems: &mut Problems) {
        let warning: Vec<Colour> = [
            self.styles.get(&Scope::BrokenBanner).and_then(|style| style.background),
            self.styles.get(&Scope::BrokenFrame).and_then(|style| style.foreground),
        ]
        .into_iter()
        .flatten()
        .filter(|colour| *colour != Colour::Default)
        .collect();
        for (scope, style) in &self.styles {
            let own = [style.foreground, style.background];
            if scope.is_of_the_broken_glass() || !own.into_iter().flatten().any(|colour| warning.contains(&colour)) {
                continue;
            }
            let at = self.places.get(scope).or_else(|| self.places.get(&Scope::BrokenBanner));
            problems.add(
                at.cloned().unwrap_or(0..0),
                format!("`{}` has the hue of the broken glass", scope.as_str()),
                "choose another: the warning hue must appear nowhere but in `broken.*`",
            );
        }
    }
}

fn section<'a, 'i>(document: &'a DeTable<'i>, name: &str, problems: &mut Problems) -> Option<&'a DeTable<'i>> {
    let value = document.get(name)?;
    if let DeValue::Table(table) = value.get_ref() {
        return Some(table);
    }
    let cure = format!("write `[{name}]` and a line each");
    problems.add(value.span(), format!("`{name}` is not a section"), cure);
    None
}

fn colour(value: &DeValue, palette: &Palette) -> Option<Colour> {
    match value {
        DeValue::Integer(number) => number.as_str().parse().ok().map(Colour::Indexed),
        DeValue::String(text) if text.as_ref() == "default" => Some(Colour::Default),
        DeValue::String(text) => match text.strip_prefix('#') {
            Some(hex) if hex.len() == 6 => {
                let rgb = u32::from_str_radix(hex, 16).ok()?;
                Some(Colour::Rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8))
            }
            Some(_) => None,
            None => palette.get(text.as_ref()).copied(),
        },
        _ => None,
    }
}
