//! Broken input of every kind: a message that names place, cause and cure, and the program stays
//! up where it can.

use super::Home;
use super::terminal::{PATIENCE, Terminal};

/// Opens the message log and waits until each of `words` stands on the screen.
fn says(home: &Home, args: &[&str], words: &[&str]) -> Terminal {
    let mut kglass = home.open(args, (200, 60));
    kglass.wait_for("? keys");
    kglass.keys(":messages");
    kglass.wait_for(":messages");
    kglass.keys("<enter>");
    for word in words {
        // A long message is shown whole when the cursor is on it.
        let seen = (0..20).any(|_| {
            let seen = kglass.soon(|screen| screen.contains(word));
            if !seen {
                kglass.keys("j");
            }
            seen
        });
        assert!(seen, "{word:?} is in no message; the screen:\n{}", kglass.text());
        kglass.keys("g");
    }
    kglass
}

fn stays_up_and_leaves(mut kglass: Terminal) {
    kglass.keys(":q");
    kglass.wait_for(":q");
    kglass.keys("<enter>");
    assert!(kglass.exit().success());
}

fn kubeconfig(server: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- {{name: k, cluster: {{server: '{server}'}}}}\n\
         users:\n- {{name: u, user: {user}}}\ncontexts:\n- {{name: c, context: {{cluster: k, user: u}}}}\n"
    )
}

#[test]
fn no_kubeconfig() {
    stays_up_and_leaves(says(
        &Home::new(),
        &[],
        &["kubeconfig", "name a file with --kubeconfig or KUBECONFIG"],
    ));
}

#[test]
fn a_broken_kubeconfig() {
    let home = Home::new();
    home.write("kubeconfig", "apiVersion: v1\nkind: Config\nclusters: [\n  name: : x\n");
    stays_up_and_leaves(says(&home, &[], &["kubeconfig", "line"]));
}

#[test]
fn a_context_that_does_not_exist() {
    let home = Home::new();
    home.write("kubeconfig", &kubeconfig("https://127.0.0.1:1", "{token: x}"));
    stays_up_and_leaves(says(&home, &["--context", "prod"], &["prod", "c"]));
}

#[test]
fn a_server_that_does_not_answer() {
    let home = Home::new();
    // Port 1 of loopback: nobody listens.
    home.write("kubeconfig", &kubeconfig("https://127.0.0.1:1", "{token: x}"));
    stays_up_and_leaves(says(&home, &[], &["https://127.0.0.1:1: nothing listens"]));
}

#[test]
fn an_exec_plugin_that_fails_is_quoted_and_does_not_paint_over_the_screen() {
    let home = Home::new();
    let plugin = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never, \
                  args: [-c, 'echo the badge has run out >&2; exit 3']}}";
    home.write("kubeconfig", &kubeconfig("https://127.0.0.1:1", plugin));
    stays_up_and_leaves(says(&home, &[], &["the badge has run out"]));
}

#[test]
fn broken_settings_keymap_and_theme_are_told_all_at_once() {
    let home = Home::new();
    home.write(
        "config/kglass/settings.toml",
        "them = \"dark\"\nlog_lines = \"many\"\nkeymap = \"mine\"\ntheme = \"mine\"\n",
    )
    .write(
        "config/kglass/keymaps/mine.toml",
        "[table]\n\"ctrl-d\" = \"object.destroy\"\n",
    )
    .write(
        "config/kglass/themes/mine.toml",
        "[scopes]\n\"nothing.real\" = \"red\"\n",
    );
    let words = [
        "settings.toml:1",
        "settings.toml:2",
        "mine.toml:2",
        "object.destroy",
        "nothing.real",
    ];
    stays_up_and_leaves(says(&home, &[], &words));
}

#[test]
fn a_broken_policy_keeps_the_glass_closed() {
    let home = Home::new();
    home.write(
        "config/kglass/policy.toml",
        "version = 1\nremote_required = \"each_action\"\nminimum_raeson = 3\n",
    );
    stays_up_and_leaves(says(
        &home,
        &[],
        &["the glass stays closed", "remote_required", "minimum_raeson"],
    ));
}

#[test]
fn a_damaged_recording_is_played_as_far_as_it_goes_or_refused_with_its_place() {
    let home = Home::new();
    home.write(
        "state/kglass/sessions/abcdefghijklmnop/journal.jsonl",
        "{\"no\": \"record\"}\n",
    )
    .write("state/kglass/sessions/abcdefghijklmnop/screen.cast", "no header\n");
    let mut kglass = home.open(&["replay", "abcd"], (120, 40));
    kglass.wait_until("what is wrong", PATIENCE, |screen| {
        screen.contains("edited") || screen.contains("not")
    });
    kglass.keys("q");
    kglass.exit();
}

#[test]
fn a_token_file_that_is_a_pipe_is_told_and_keeps_nobody_from_leaving() {
    let home = Home::new();
    let pipe = home.place("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let user = format!("{{tokenFile: '{}'}}", pipe.display());
    home.write("kubeconfig", &kubeconfig("https://127.0.0.1:1", &user));
    stays_up_and_leaves(says(&home, &[], &["it is no regular file"]));
}

#[test]
fn what_was_typed_on_the_command_line_obeys_no_terminal() {
    let home = Home::new();
    home.write("state/kglass/sessions/.keep", "");
    let hostile = "wrong\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    let path = format!("/nonexistent/{hostile}");
    let runs: [&[&str]; 7] = [
        &["replay", hostile],
        &["replay", &path],
        &["audit", "verify", hostile],
        &["audit", "show", &path],
        &["audit", "ship", "--within", hostile],
        &["kit", hostile],
        &["--context", "c", hostile],
    ];
    for args in runs {
        // In a terminal: into a pipe clap writes less.
        let mut kglass = home.open(args, (200, 24));
        assert_eq!(kglass.exit().exit_code(), 2, "{args:?}");
        let said = String::from_utf8(kglass.raw()).expect("text");
        assert!(said.contains("wrong"), "it is shown what was wrong: {said:?}");
        for obeyed in ["\u{1b}]", "\u{1b}[2J", "\u{9b}", "\u{7}", "\u{202e}"] {
            assert!(!said.contains(obeyed), "{args:?} says {said:?}");
        }
    }
}
