//! Which rows are shown. A regular expression, its inverse, letters in order, or a label selector that the server
//! applies. An expression that cannot be read says so and filters nothing.

use regex::{Regex, RegexBuilder};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// As typed, without the `/`.
    pub text: String,
    pub kind: FilterKind,
    /// Why the text does not filter.
    pub error: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub enum FilterKind {
    #[default]
    Off,
    Regex(Regex),
    Inverse(Regex),
    /// Letters of namespace and name, in this order.
    Fuzzy(Letters),
    /// Sent to the server.
    Labels(String),
}

/// What a fuzzy filter looks for, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters(Vec<char>);

impl Letters {
    fn new(typed: &str) -> Self {
        Self(
            typed
                .chars()
                .filter(|c| !c.is_whitespace())
                .flat_map(char::to_lowercase)
                .collect(),
        )
    }

    /// Whether `namespace/name` holds them all in this order.
    pub fn fits(&self, namespace: Option<&str>, name: &str) -> bool {
        let slash = namespace.map(|_| '/');
        let place = namespace.unwrap_or_default().chars().chain(slash);
        let mut text = place.chain(name.chars()).flat_map(char::to_lowercase);
        self.0.iter().all(|wanted| text.any(|c| c == *wanted))
    }
}

impl Filter {
    /// Reads what was typed: `!text` is inverse, `-f text` fuzzy, `-l sel` or `key=value` without a blank is labels.
    pub fn parse(typed: &str) -> Self {
        let text = typed.trim();
        let mut filter = Self {
            text: text.into(),
            ..Self::default()
        };
        if text.is_empty() || text == "!" {
            return filter;
        }
        if let Some(labels) = labels(text) {
            filter.kind = FilterKind::Labels(labels);
            return filter;
        }
        if let Some(letters) = text
            .strip_prefix("-f")
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            let letters = Letters::new(letters);
            if !letters.0.is_empty() {
                filter.kind = FilterKind::Fuzzy(letters);
            }
            return filter;
        }
        let (inverse, pattern) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        match RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
        {
            Ok(regex) if inverse => filter.kind = FilterKind::Inverse(regex),
            Ok(regex) => filter.kind = FilterKind::Regex(regex),
            Err(error) => filter.error = Some(short(&error)),
        }
        filter
    }

    /// The filter of a command line's selector.
    pub fn labelled(selector: &str) -> Self {
        Self {
            text: format!("-l {selector}"),
            kind: FilterKind::Labels(selector.into()),
            error: None,
        }
    }

    pub fn is_on(&self) -> bool {
        !self.text.is_empty()
    }

    /// Whether a line of text passes; labels are the server's to apply.
    pub fn fits(&self, text: &str) -> bool {
        match &self.kind {
            FilterKind::Regex(regex) => regex.is_match(text),
            FilterKind::Inverse(regex) => !regex.is_match(text),
            FilterKind::Fuzzy(letters) => letters.fits(None, text),
            FilterKind::Off | FilterKind::Labels(_) => true,
        }
    }

    pub fn labels(&self) -> Option<&str> {
        match &self.kind {
            FilterKind::Labels(labels) => Some(labels),
            _ => None,
        }
    }
}

fn labels(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("-l") {
        let rest = rest.trim();
        return (!rest.is_empty()).then(|| rest.into());
    }
    // `!=` is a selector too, but a leading `!` is the inverse filter.
    (text.contains('=') && !text.contains(' ') && !text.starts_with('!')).then(|| text.into())
}

/// The last line of regex's message is the cause; those before draw a picture.
pub fn short(error: &regex::Error) -> String {
    let text = error.to_string();
    let cause = text.lines().last().unwrap_or_default();
    cause.trim_start_matches("error: ").into()
}
