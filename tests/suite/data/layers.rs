//! Built-in, file, environment, flags; and that a broken file never keeps the program from starting.

use std::fs;

use kglass::config::{Key, Keymap, Paths, Settings, load, load_policy, policy_text};
use kglass::escalation::BUILT_IN;
use kglass::registry::Mode;
use tempfile::TempDir;

struct Home {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            variables: Vec::new(),
        }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn env(&self) -> impl Fn(&str) -> Option<String> {
        let folder = self.folder.path().display().to_string();
        let variables = self.variables.clone();
        move |name| match name {
            "KGLASS_CONFIG_DIR" | "KGLASS_STATE_DIR" | "KGLASS_CACHE_DIR" => Some(folder.clone()),
            _ => variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone()),
        }
    }

    fn paths(&self) -> Paths {
        Paths::find(&self.env()).expect("all are named")
    }

    fn load(&self, flags: &[(&str, String)]) -> kglass::config::Loaded {
        load(&self.paths(), &self.env(), flags)
    }

    fn told(&self, flags: &[(&str, String)]) -> Vec<String> {
        self.load(flags).problems.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn without_any_file_the_defaults_hold_and_nothing_is_wrong() {
    let loaded = Home::new().load(&[]);
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.problems, []);
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let mut home = Home::new();
    home.write(
        "settings.toml",
        "log_lines = 200\nascii = false\ntheme = \"no-colour\"\n",
    );
    home.variables = vec![("KGLASS_LOG_LINES", "300".into()), ("KGLASS_ASCII", "true".into())];
    let loaded = home.load(&[("log_lines", "400".into())]);
    let settings = &loaded.settings;
    assert_eq!((settings.log_lines, settings.ascii), (400, true));
    assert_eq!(loaded.theme.name, "no-colour");
}

#[test]
fn what_is_wrong_in_one_layer_leaves_the_layers_below() {
    let mut home = Home::new();
    home.write("settings.toml", "log_lines = 200\n");
    home.variables = vec![("KGLASS_LOG_LINES", "many".into())];
    assert_eq!(home.load(&[]).settings.log_lines, 200);
    assert_eq!(
        home.told(&[("ascii", "perhaps".into())]),
        [
            "KGLASS_LOG_LINES: `log_lines` cannot be `many`; write a number from 100 to 1000000",
            "--ascii: `ascii` cannot be `perhaps`; write true or false",
        ]
    );
}

#[test]
fn an_unreadable_settings_file_is_told_and_the_program_starts() {
    let home = Home::new();
    fs::write(home.folder.path().join("settings.toml"), [0xff, 0xfe]).expect("a file");
    let told = home.told(&[]);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].ends_with("settings.toml: it is not UTF-8 text; save it as UTF-8"),
        "{told:?}"
    );
}

#[test]
fn a_keymap_of_the_user_lies_over_the_shipped_one_key_by_key() {
    let home = Home::new();
    home.write(
        "keymaps/mine.toml",
        "[pods]\n\"x\" = \"view.logs\"\n\"ctrl-k\" = \"none\"\n",
    );
    let loaded = home.load(&[("keymap", "mine".into())]);
    assert_eq!(loaded.problems, []);
    let of = |key: &str| {
        loaded
            .keymap
            .action(Mode::Pods.chain(), key.parse::<Key>().expect("a key"))
            .map(|a| a.id)
    };
    assert_eq!(of("x"), Some("view.logs"));
    assert_eq!(of("ctrl-k"), None);
    assert_eq!(of("l"), Some("view.logs"));
}

#[test]
fn a_keymap_that_would_lock_the_user_out_is_not_used() {
    let home = Home::new();
    home.write("keymaps/mine.toml", "[global]\n\"!\" = \"none\"\n");
    let loaded = home.load(&[("keymap", "mine".into())]);
    assert!(
        loaded.problems[0].cause.contains("`glass.toggle` has no key left"),
        "{:?}",
        loaded.problems
    );
    let key = "!".parse::<Key>().expect("a key");
    assert_eq!(
        loaded.keymap.action(&[Mode::Global], key).map(|a| a.id),
        Some("glass.toggle")
    );
    assert_eq!(Keymap::built_in().lost("x"), []);
}

#[test]
fn a_theme_and_a_keymap_that_do_not_exist_are_told_and_the_defaults_hold() {
    let told = Home::new().told(&[("theme", "drak".into()), ("keymap", "vmi".into())]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("there is no keymap `vmi`"));
    assert!(told[1].contains("there is no theme `drak`") && told[1].contains("dark"));
}

#[test]
fn without_a_policy_file_the_built_in_one_holds_and_a_broken_one_is_no_policy() {
    let home = Home::new();
    let settings = Settings::default();
    assert!(load_policy(&home.paths(), &settings).is_ok_and(|policy| policy.origin == "built-in"));
    home.write("policy.toml", "version = 1\n");
    let problems = load_policy(&home.paths(), &settings).expect_err("it is not complete");
    assert!(!problems.is_empty());
    assert!(
        problems
            .iter()
            .all(|p| p.place.ends_with("policy.toml") && !p.cure.is_empty()),
        "{problems:?}"
    );
}

#[test]
fn a_policy_that_is_named_must_exist() {
    let home = Home::new();
    let settings = Settings {
        policy: Some(home.folder.path().join("nowhere.toml").display().to_string()),
        ..Settings::default()
    };
    let problems = load_policy(&home.paths(), &settings).expect_err("there is none");
    assert!(problems[0].cause.contains("does not exist"));
}

#[test]
fn a_settings_file_that_is_named_is_read_instead_and_must_be_there() {
    let home = Home::new();
    home.write("settings.toml", "log_lines = 200\n");
    home.write("mine.toml", "log_lines = 300\n");
    let with = |name: &str| {
        let paths = home.paths().with_settings(Some(home.folder.path().join(name)));
        load(&paths, &home.env(), &[])
    };
    assert_eq!(with("mine.toml").settings.log_lines, 300);
    let none = with("none.toml").problems;
    assert!(none.len() == 1 && none[0].to_string().contains("none.toml"), "{none:?}");
}

#[test]
fn the_policy_that_is_shown_is_the_one_that_was_named_or_none() {
    let home = Home::new();
    let shown = |settings: &Settings| policy_text(&home.paths(), settings).map_err(|problem| problem.to_string());
    assert_eq!(shown(&Settings::default()), Ok(BUILT_IN.to_owned()));
    let named = Settings {
        policy: Some("/nowhere/policy.toml".into()),
        ..Settings::default()
    };
    let refused = shown(&named).expect_err("another policy is not the one that was named");
    assert!(refused.contains("/nowhere/policy.toml"), "{refused}");
    home.write("policy.toml", "");
    assert_eq!(
        shown(&Settings::default()),
        Ok(BUILT_IN.to_owned()),
        "show > policy.toml fills it"
    );
}
