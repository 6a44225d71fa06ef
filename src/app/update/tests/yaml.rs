use super::*;
use serde_json::json;

fn shown() -> Stage {
    let mut stage = Stage::with_pods();
    stage.press("y");
    let id = stage.current_read();
    let labels: serde_json::Map<_, _> = (0..60).map(|n| (format!("label-{n:02}"), json!("x"))).collect();
    let object = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cart-1", "labels": labels, "managedFields": [{"manager": "kubelet"}]},
    });
    stage.reading(id, Reading::Object(Arc::new(object)));
    stage
}

fn text(stage: &Stage) -> String {
    let lines = stage.yaml_screen().lines.iter().map(crate::model::yaml::Line::text);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn managed_fields_are_hidden_until_m_shows_them() {
    let mut stage = shown();
    assert!(text(&stage).contains("label-59") && !text(&stage).contains("managedFields"));
    stage.press("m");
    assert!(text(&stage).contains("managedFields"));
    stage.press("m");
    assert!(!text(&stage).contains("managedFields"));
}

#[test]
fn a_search_jumps_while_it_is_typed_and_n_to_the_next() {
    let mut stage = shown();
    stage.press("/").type_text("label-[45]9");
    assert!(stage.yaml_screen().scroll.top > 0);
    let first = stage.yaml_screen().search.at;
    stage.press("enter n");
    assert_ne!(stage.yaml_screen().search.at, first);
    let height = stage.state.body_height();
    let screen = stage.yaml_screen();
    let hit = screen.search.hits[screen.search.at.expect("a hit")];
    assert!((screen.scroll.top..screen.scroll.top + height).contains(&hit));
}

#[test]
fn an_unreadable_search_says_so() {
    let mut stage = shown();
    stage.press("/").type_text("[");
    assert!(stage.prompt().error.is_some());
    stage.press("esc");
    assert!(!stage.yaml_screen().search.is_on());
}

#[test]
fn the_object_is_read_by_the_uid_that_was_seen() {
    let mut stage = Stage::with_pods();
    stage.press("y");
    assert!(matches!(stage.queries()[..], [Query::Object(object)] if object.uid.as_deref() == Some("uid-cart-1")));
}

#[test]
fn c_copies_the_whole_text() {
    let mut stage = shown();
    stage.press("c");
    assert!(matches!(&stage.effects[..], [Effect::Copy(text)] if text.starts_with("apiVersion: v1\nkind: Pod\n")));
}
