//! Against fixed text that kubectl printed, and by round trip.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn parsed(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn an_object_is_written_as_kubectl_writes_it() {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-0", "creationTimestamp": "2026-11-23T02:14:00Z", "labels": {"a10": "x", "a2": "on"}},
        "spec": {"containers": [{"name": "web", "args": ["-c", "echo one\necho two\n"], "env": [], "resources": {}}],
                 "nested": [["a", 1], [true, null]]},
    });
    let expected = "\
apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: \"2026-11-23T02:14:00Z\"
  labels:
    a2: \"on\"
    a10: x
  name: web-0
spec:
  containers:
  - args:
    - -c
    - |
      echo one
      echo two
    env: []
    name: web
    resources: {}
  nested:
  - - a
    - 1
  - - true
    - null
";
    assert_eq!(to_string(&pod), expected);
    assert_eq!(parsed(expected), pod);
}

#[test]
fn a_string_is_quoted_only_where_it_would_read_back_as_something_else() {
    let cases = [
        ("nginx:1.27", "nginx:1.27"),
        ("1.2.3", "1.2.3"),
        ("a - b", "a - b"),
        ("-c", "-c"),
        ("yes", "\"yes\""),
        ("1:20", "\"1:20\""),
        ("0e5", "\"0e5\""),
        ("0x1F", "\"0x1F\""),
        ("1_000", "\"1_000\""),
        ("2026-11-23", "\"2026-11-23\""),
        ("", "\"\""),
        ("~", "\"~\""),
        ("*", "'*'"),
        ("it's: so", "'it''s: so'"),
        ("ends ", "'ends '"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("tab\there", "\"tab\\there\""),
        ("\u{1b}[31m", "\"\\e[31m\""),
        ("\u{1f600}", "\"\\U0001F600\""),
        ("größer", "größer"),
    ];
    for (raw, expected) in cases {
        assert_eq!(to_string(&json!(raw)).trim_end_matches('\n'), expected);
    }
}

#[test]
fn a_block_says_how_it_begins_and_ends() {
    let header = |text: &str| {
        to_string(&json!({ "k": text }))
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(header("a\nb"), "k: |-");
    assert_eq!(header("a\nb\n"), "k: |");
    assert_eq!(header("a\n\n"), "k: |+");
    assert_eq!(header("  a\nb"), "k: |2-");
    assert_eq!(header("a \nb"), r#"k: "a \nb""#);
    assert_eq!(header("a\tb\nc"), r#"k: "a\tb\nc""#);
}

#[test]
fn keys_follow_natural_order_and_long_ones_stand_alone() {
    let long = "k".repeat(130);
    let value = json!({"b": 1, "a10": 1, "a9": 1, "a": 1, "a-b": 1, "01": 1, "1": 1, long.as_str(): {"x": 1}});
    let text = to_string(&value);
    let keys: Vec<&str> = text.lines().map(|line| line.trim_end_matches(": 1")).collect();
    assert_eq!(keys[..7], ["\"1\"", "\"01\"", "a", "a-b", "a9", "a10", "b"]);
    assert_eq!(keys[7..], [&format!("? {long}"), ":", "  x"]);
    assert_eq!(parsed(&text), value);
}

#[test]
fn keys_that_goyaml_orders_in_a_circle_are_sorted_all_the_same() {
    let keys = ["10", "1a", "9", "0", "00", "01", "1", "-", "a", "é"];
    let map: Map<String, Value> = (0..40)
        .flat_map(|i| keys.map(|key| (format!("{}{key}", "x".repeat(i % 4)), json!(i))))
        .collect();
    assert_eq!(parsed(&to_string(&Value::Object(map.clone()))), Value::Object(map));
}

#[test]
fn each_span_has_its_class() {
    let document = lines(&json!({"a": [1, null], "b": {"c": true, "d": "x"}}));
    let classes = |line: usize| document[line].spans.iter().map(|s| s.token).collect::<Vec<_>>();
    assert_eq!(classes(0), [Token::Key, Token::Punctuation]);
    assert_eq!(classes(1), [Token::Punctuation, Token::Number]);
    assert_eq!(classes(2), [Token::Punctuation, Token::Null]);
    assert_eq!(
        classes(4),
        [
            Token::Indent,
            Token::Key,
            Token::Punctuation,
            Token::Punctuation,
            Token::Bool
        ]
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,12}",
        "([a-z:#'\"\\-. \n\t]|\\PC|[\u{0}-\u{1f}\u{7f}-\u{a0}\u{2028}\u{feff}]){0,14}",
        "[-+.0-9_:eExob]{1,8}",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn what_is_written_reads_back_the_same(value in any_value()) {
        prop_assert_eq!(parsed(&to_string(&value)), value);
    }
}
