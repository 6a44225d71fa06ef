//! The lint against naming what could write, where it is not expected: shown on a program that the
//! compiler accepts and clippy must not.

use super::library::{Library, Verdict};

const FORBIDDEN: &[(&str, &str)] = &[
    ("disallowed_types", "pub fn f(c: kube::Client) -> kube::Client { c }"),
    (
        "disallowed_types",
        "pub fn f(a: kube::Api<kube::core::DynamicObject>) -> usize { std::mem::size_of_val(&a) }",
    ),
    (
        "disallowed_types",
        "pub fn f() -> bool { std::process::Command::new(\"kubectl\").spawn().is_ok() }",
    ),
    (
        "disallowed_types",
        "pub fn f() -> bool { std::net::TcpStream::connect(\"[::1]:6443\").is_ok() }",
    ),
    ("disallowed_methods", "pub fn f() { std::process::exit(1) }"),
];

#[test]
fn clippy_refuses_what_only_some_rooms_may_name() {
    let library = Library::get();
    if let Verdict::Refused(errors) = library.lint("allowed", "pub fn f() -> u8 { 1 }") {
        panic!("an innocent program is refused: {errors:#?}");
    }
    for (number, (lint, text)) in FORBIDDEN.iter().enumerate() {
        let Verdict::Refused(errors) = library.lint(&format!("forbidden_{number}"), text) else {
            panic!("clippy accepts: {text}");
        };
        let wanted = format!("clippy::{lint}");
        assert!(errors.iter().all(|e| e.code == wanted), "{text}: {errors:#?}");
    }
}

#[test]
fn the_package_denies_those_lints_everywhere() {
    let manifest: toml::Table = toml::from_str(include_str!("../../../Cargo.toml")).expect("Cargo.toml is TOML");
    let clippy = manifest["lints"]["clippy"].as_table().expect("there are clippy lints");
    for lint in [
        "disallowed_types",
        "disallowed_methods",
        "allow_attributes_without_reason",
        "unwrap_used",
    ] {
        assert_eq!(clippy[lint].as_str(), Some("deny"), "{lint}");
    }
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}
