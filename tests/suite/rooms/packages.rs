//! What the lock file and the feature tree may hold: one terminal library, one time library, one
//! cryptographic provider, and JSON whose keys are in order.

use std::collections::BTreeMap;
use std::process::Command;

/// Versions by name, from Cargo.lock.
fn locked() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../../../Cargo.lock");
    let lock: toml::Table = toml::from_str(text).expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("a list of packages");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        let field = |name: &str| package[name].as_str().expect("text").to_owned();
        found.entry(field("name")).or_default().push(field("version"));
    }
    found
}

#[test]
fn the_terminal_is_one_library_only() {
    // Two crossterms mean two raw modes, of which a panic restores one.
    let locked = locked();
    for name in ["crossterm", "ratatui-core"] {
        assert_eq!(locked[name].len(), 1, "{name}: {:?}", locked[name]);
    }
}

#[test]
fn times_are_of_one_library() {
    let locked = locked();
    assert!(
        locked["jiff"].iter().all(|v| v.starts_with("0.2.")),
        "{:?}",
        locked["jiff"]
    );
    assert!(!locked.contains_key("chrono"));
}

/// Every package that is compiled for this machine, without those that only tests use, as
/// `name version features`.
fn compiled() -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "-e",
            "normal,build",
            "--prefix",
            "none",
            "-f",
            "{p} [{f}]",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs where it compiled this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn there_is_one_cryptographic_provider_and_json_keeps_its_keys_in_order() {
    let compiled = compiled();
    let of = |name: &str| {
        compiled
            .iter()
            .filter(|l| l.starts_with(&format!("{name} v")))
            .collect::<Vec<_>>()
    };
    assert!(!of("kube").is_empty() && !of("aws-lc-rs").is_empty(), "{compiled:?}");
    // With two of them rustls refuses to choose and panics at the first connection.
    assert!(of("ring").is_empty(), "{:?}", of("ring"));
    // Canonical JSON relies on sorted keys: with preserve_order a record's bytes would depend on
    // the order in which a field was inserted.
    let json = of("serde_json");
    assert!(
        !json.is_empty() && json.iter().all(|l| !l.contains("preserve_order")),
        "{json:?}"
    );
}
