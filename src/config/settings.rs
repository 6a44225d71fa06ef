//! What the user may set, each once: name, meaning, type, default. Every layer (file, environment,
//! flag) puts values in through this list, so that none knows a setting the others do not.

/// Values after all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub theme: String,
    pub keymap: String,
    pub ascii: bool,
    pub favourite_namespaces: Vec<String>,
    pub log_lines: u32,
    pub policy: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "dark".into(),
            keymap: "default".into(),
            ascii: false,
            favourite_namespaces: Vec::new(),
            log_lines: 10_000,
            policy: None,
        }
    }
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    pub doc: &'static str,
    pub put: Put,
}

/// How a value gets into `Settings`.
#[derive(Clone, Copy, Debug)]
pub enum Put {
    Text(fn(&mut Settings) -> &mut String),
    /// A text that may be missing.
    Maybe(fn(&mut Settings) -> &mut Option<String>),
    Flag(fn(&mut Settings) -> &mut bool),
    /// From, to.
    Number(fn(&mut Settings) -> &mut u32, u32, u32),
    List(fn(&mut Settings) -> &mut Vec<String>),
}

pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "theme",
        doc: "Name of a theme, shipped or in themes/.",
        put: Put::Text(|s| &mut s.theme),
    },
    Setting {
        name: "keymap",
        doc: "Name of a keymap, shipped or in keymaps/.",
        put: Put::Text(|s| &mut s.keymap),
    },
    Setting {
        name: "ascii",
        doc: "Draw with ASCII only. Unless set: where LANG or TERM want it.",
        put: Put::Flag(|s| &mut s.ascii),
    },
    Setting {
        name: "favourite_namespaces",
        doc: "Namespaces on the keys 1-9 from the start.",
        put: Put::List(|s| &mut s.favourite_namespaces),
    },
    Setting {
        name: "log_lines",
        doc: "Lines that a log keeps.",
        put: Put::Number(|s| &mut s.log_lines, 100, 1_000_000),
    },
    Setting {
        name: "policy",
        doc: "Path of the break-glass policy; policy.toml beside the settings if not set.",
        put: Put::Maybe(|s| &mut s.policy),
    },
];

/// What a setting was given, from whichever layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Text(String),
    Flag(bool),
    Number(i64),
    List(Vec<String>),
    /// Anything else, by its TOML name.
    Other(&'static str),
}

impl Setting {
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Puts a typed value; the error says what it must be.
    pub fn put(&self, settings: &mut Settings, given: Given) -> Result<(), String> {
        match (self.put, given) {
            (Put::Text(at), Given::Text(text)) if !text.is_empty() => *at(settings) = text,
            (Put::Maybe(at), Given::Text(text)) => *at(settings) = Some(text).filter(|text| !text.is_empty()),
            (Put::Flag(at), Given::Flag(flag)) => *at(settings) = flag,
            (Put::Number(at, from, to), Given::Number(number)) => {
                let number = u32::try_from(number).ok().filter(|n| (from..=to).contains(n));
                *at(settings) = number.ok_or_else(|| self.must_be())?;
            }
            (Put::List(at), Given::List(list)) => *at(settings) = list,
            _ => return Err(self.must_be()),
        }
        Ok(())
    }

    /// Puts a value written as text, as variables and flags have it.
    pub fn put_text(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        let given = match self.put {
            Put::Text(_) | Put::Maybe(_) => Given::Text(text.into()),
            Put::Flag(_) => match text.to_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => Given::Flag(true),
                "" | "0" | "false" | "no" | "off" => Given::Flag(false),
                _ => return Err(self.must_be()),
            },
            Put::Number(..) => Given::Number(text.parse().map_err(|_| self.must_be())?),
            Put::List(_) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Given::List(parts.map(Into::into).collect())
            }
        };
        self.put(settings, given)
    }

    fn must_be(&self) -> String {
        match self.put {
            Put::Text(_) => "write a text in quotes that is not empty".into(),
            Put::Maybe(_) => "write a text in quotes".into(),
            Put::Flag(_) => "write true or false".into(),
            Put::Number(_, from, to) => format!("write a number from {from} to {to}"),
            Put::List(_) => "write a list of texts, like [\"shop\", \"web\"]".into(),
        }
    }
}
