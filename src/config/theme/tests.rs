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
