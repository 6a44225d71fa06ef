//! Shipped themes are whole; a broken one names everything that is wrong with it.

use super::*;

fn parse(text: &str) -> (Theme, Vec<String>) {
    let (theme, problems) = Theme::parse("mine.toml", text, &|_| None);
    (theme, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_shipped_themes_have_no_faults_and_the_dark_one_speaks_of_every_scope() {
    for name in Theme::built_in_names() {
        let (theme, problems) = Theme::parse(name, built_in_text(name).unwrap_or_default(), &|_| None);
        assert_eq!(problems, []);
        assert_eq!(theme.name, name);
        if name == "dark" {
            for scope in Scope::ALL {
                assert_ne!(theme.style(*scope), ScopeStyle::default(), "{}", scope.as_str());
            }
        }
    }
}

#[test]
fn the_theme_without_colours_has_none() {
    let theme = Theme::built_in("no-colour").expect("shipped");
    for scope in Scope::ALL {
        let style = theme.style(*scope);
        assert_eq!((style.foreground, style.background), (None, None), "{}", scope.as_str());
    }
}

#[test]
fn an_heir_keeps_what_it_does_not_say_itself() {
    let (theme, problems) =
        parse("inherits = \"dark\"\n[palette]\nmine = \"#102030\"\n[scopes]\n\"row.bad\" = \"mine\"\n");
    assert_eq!(problems, [""; 0]);
    assert_eq!(
        theme.style(Scope::RowBad).foreground,
        Some(Colour::Rgb(0x10, 0x20, 0x30))
    );
    assert_eq!(theme.style(Scope::RowOk), Theme::default().style(Scope::RowOk));
}

#[test]
fn every_fault_is_told_at_once_with_place_cause_and_cure() {
    let (_, problems) = parse(
        r#"inherits = "drak"
[palette]
x = 300
[scope]
[scopes]
"row.bat" = 1
"row.ok" = "nocolour"
log.time = 4
key = { fgg = 1 }
frame = { bold = 2 }
"#,
    );
    let expected = [
        "mine.toml:1: there is no theme `drak` to inherit from; did you mean `dark`?",
        "mine.toml:3: `x` is no colour; write 0 to 255",
        "mine.toml:4: a theme has no `scope`; did you mean `scopes`?",
        "mine.toml:6: there is no scope `row.bat`; did you mean `row.bad`?",
        "mine.toml:7: this is no colour; write 0 to 255",
        "mine.toml:8: there is no scope `log`",
        "mine.toml:9: a style has no `fgg`; did you mean `fg`?",
        "mine.toml:10: `bold` is on or off; write true or false",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem} is not {expected}");
    }
    assert!(
        problems[5].ends_with("(names with a dot stand in quotes)"),
        "{}",
        problems[5]
    );
}

#[test]
fn the_hue_of_the_broken_glass_is_refused_elsewhere() {
    let (_, problems) = parse("inherits = \"dark\"\n[scopes]\n\"row.bad\" = \"amber\"\n");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("mine.toml:3: `row.bad` has the hue of the broken glass"),
        "{problems:?}"
    );
}

#[test]
fn a_circle_of_themes_ends() {
    let (_, problems) = Theme::parse("a.toml", "inherits = \"b\"", &|_| Some("inherits = \"b\"".into()));
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[test]
fn an_heirs_palette_paints_what_it_inherits() {
    let (theme, problems) = parse("inherits = \"dark\"\n[palette]\nred = 9\n");
    assert_eq!(problems, [""; 0]);
    assert_eq!(theme.style(Scope::RowBad).foreground, Some(Colour::Indexed(9)));
    assert_eq!(theme.style(Scope::RowOk), Theme::default().style(Scope::RowOk));
}

/// Red, green and blue of a colour of the 256.
fn rgb(colour: Colour) -> [f64; 3] {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let bytes = match colour {
        Colour::Rgb(r, g, b) => [r, g, b],
        Colour::Indexed(n @ 16..=231) => {
            let n = usize::from(n - 16);
            [LEVELS[n / 36], LEVELS[n / 6 % 6], LEVELS[n % 6]]
        }
        Colour::Indexed(n @ 232..) => [8 + (n - 232) * 10; 3],
        other => panic!("{other:?} is whatever the terminal makes of it"),
    };
    bytes.map(|byte| f64::from(byte) / 255.0)
}

/// Relative luminance, WCAG 2.1.
fn luminance(colour: Colour) -> f64 {
    let linear = |part: f64| {
        if part <= 0.03928 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [r, g, b] = rgb(colour).map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_word_of_the_shipped_themes_can_be_read_on_its_ground_and_under_the_cursor() {
    for (name, least) in [("dark", 4.5), ("light", 4.5), ("high-contrast", 7.0)] {
        let theme = Theme::built_in(name).expect("shipped");
        let of = |scope: Scope| theme.style(scope);
        let (ground, text) = (of(Scope::Text).background, of(Scope::Text).foreground);
        let cursor = of(Scope::TableCursor).background.expect("it is a ground");
        for scope in Scope::ALL.iter().copied() {
            // Lines are no words: three to one lets them be seen.
            let least = if matches!(scope, Scope::Frame | Scope::BrokenFrame) {
                3.0
            } else {
                least
            };
            let words = of(scope).foreground.or(text).expect("the ground's own");
            let own = of(scope).background.or(ground).expect("a ground");
            let on_own = contrast(words, own);
            assert!(on_own >= least, "{name}: {} has {on_own:.2} to one", scope.as_str());
            let in_rows = scope.as_str().starts_with("row.")
                || matches!(
                    scope,
                    Scope::Text | Scope::Muted | Scope::Strong | Scope::Accent | Scope::TableMark
                );
            let under = contrast(words, cursor);
            assert!(
                !in_rows || under >= least,
                "{name}: {} has {under:.2} to one under the cursor",
                scope.as_str()
            );
        }
        let seen = contrast(ground.expect("a ground"), cursor);
        assert!(seen > 1.05, "{name}: the cursor is {seen:.2} to one from the ground");
    }
}
