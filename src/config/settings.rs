//! What the user may set, with every default. Read by layers: built-in, file, environment, flags.

/// Values after all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Name of a theme, shipped or in the user's `themes/`.
    pub theme: String,
    /// Name of a keymap, shipped or in the user's `keymaps/`.
    pub keymap: String,
    /// Glyphs from the ASCII set.
    pub ascii: bool,
    /// Seconds between two asks of a collection that cannot be watched.
    pub refresh_seconds: u32,
    /// On the keys 1-9 from the start.
    pub favourite_namespaces: Vec<String>,
    /// Lines that a log view keeps.
    pub log_lines: usize,
    /// User that the base identity impersonates, so that the server itself refuses its writes.
    pub impersonate_user: Option<String>,
    pub impersonate_groups: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "dark".into(),
            keymap: "default".into(),
            ascii: false,
            refresh_seconds: 30,
            favourite_namespaces: Vec::new(),
            log_lines: 10_000,
            impersonate_user: None,
            impersonate_groups: Vec::new(),
        }
    }
}
