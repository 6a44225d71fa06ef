//! Settings layer by layer: built-in, file, environment, flags. What is wrong in one layer is told
//! and left out; the layers below still hold.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::paths::Env;
use super::problem::{Problem, Problems, suggest};
use super::settings::{Given, SETTINGS, Setting, Settings};

impl Settings {
    /// Lays what a settings file says over these.
    pub fn lay_file(&mut self, place: &str, text: &str) -> Vec<Problem> {
        let mut problems = Problems::new(place, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            problems.toml(&error);
        }
        for (name, value) in document.get_ref() {
            let Some(setting) = Setting::find(name.get_ref()) else {
                let cause = format!("there is no setting `{}`", name.get_ref());
                problems.add(name.span(), cause, suggest(name.get_ref(), &names()));
                continue;
            };
            if let Err(cure) = setting.put(self, given(value)) {
                let cause = format!("`{}` cannot be {}", setting.name, shown(value, text));
                problems.add(value.span(), cause, cure);
            }
        }
        problems.finish()
    }

    /// `KGLASS_THEME` and so on.
    pub fn lay_environment(&mut self, env: Env) -> Vec<Problem> {
        SETTINGS
            .iter()
            .filter_map(|setting| {
                let variable = format!("KGLASS_{}", setting.name.to_uppercase());
                let text = env(&variable)?;
                self.lay_text(setting, &variable, &text)
            })
            .collect()
    }

    /// Flags of the command line, by the name of their setting.
    pub fn lay_flags(&mut self, flags: &[(&str, String)]) -> Vec<Problem> {
        flags
            .iter()
            .filter_map(|(name, text)| {
                let setting = Setting::find(name)?;
                self.lay_text(setting, &format!("--{}", name.replace('_', "-")), text)
            })
            .collect()
    }

    fn lay_text(&mut self, setting: &Setting, place: &str, text: &str) -> Option<Problem> {
        let cure = setting.put_text(self, text).err()?;
        Some(Problem {
            place: place.into(),
            line: 0,
            cause: format!("`{}` cannot be `{text}`", setting.name),
            cure,
        })
    }
}

fn names() -> Vec<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).collect()
}

fn given(value: &Spanned<DeValue>) -> Given {
    match value.get_ref() {
        DeValue::String(text) => Given::Text(text.as_ref().into()),
        DeValue::Boolean(flag) => Given::Flag(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Given::Other("a number too large"), Given::Number),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.as_ref().into()),
                    _ => None,
                })
                .collect();
            texts.map_or(Given::Other("a list of other things than texts"), Given::List)
        }
        DeValue::Float(_) => Given::Other("a fraction"),
        DeValue::Datetime(_) => Given::Other("a time"),
        DeValue::Table(_) => Given::Other("a section"),
    }
}

/// As it stands in the file, cut where it is long.
fn shown(value: &Spanned<DeValue>, text: &str) -> String {
    if let Given::Other(what) = given(value) {
        return what.into();
    }
    let raw = text.get(value.span()).unwrap_or_default();
    let short: String = raw.chars().take(40).collect();
    if short.len() < raw.len() {
        format!("`{short}…`")
    } else {
        format!("`{short}`")
    }
}
