//! People with few rights have a working program, and are told what is missing.

use super::{Stage, pod};
use crate::app::TableSource;
use crate::cluster::{Query, ReadError, ReadErrorKind, Reading};

fn forbidden() -> Reading {
    Reading::Failed(ReadError {
        kind: ReadErrorKind::Forbidden,
        cause: "list pods in all namespaces: forbidden".into(),
        cure: "ask for it".into(),
        retrying: false,
    })
}

fn refuse(stage: &mut Stage) {
    let id = stage.current_read();
    stage.reading(id, forbidden());
}

#[test]
fn a_refused_list_over_all_namespaces_falls_back_to_those_that_are_known() {
    let mut stage = Stage::with_pods();
    stage.command("ns web").rows(Vec::new());
    stage.press("0");
    refuse(&mut stage);
    let Some(Query::RowsIn(query, namespaces)) = stage.queries().pop() else {
        panic!("no other read: {:?}", stage.effects);
    };
    assert_eq!(
        (query.namespace.as_deref(), namespaces.as_ref()),
        (None, &["shop".to_owned(), "web".into()][..])
    );
    assert!(
        stage.said().contains("you may not list pods in all namespaces"),
        "{}",
        stage.said()
    );
    assert!(stage.table().shows_namespace() && stage.table().error.is_none());
    // The reader tells which of them may be read.
    let id = stage.current_read();
    stage.reading(id, Reading::Namespaces(["shop".to_owned()].into()));
    assert_eq!(stage.table().namespaces.as_ref(), ["shop"]);
    // All of them are refused: cause and cure, and no second fallback.
    refuse(&mut stage);
    assert!(stage.queries().is_empty() && stage.table().error.is_some());
}

#[test]
fn a_kind_in_one_namespace_or_without_any_has_nothing_to_fall_back_to() {
    let mut stage = Stage::with_pods();
    refuse(&mut stage);
    assert!(stage.effects.is_empty() && stage.table().error.is_some());
    stage.command("nodes");
    refuse(&mut stage);
    assert!(stage.effects.is_empty() && stage.table().error.is_some());
}

#[test]
fn without_the_right_to_list_namespaces_those_that_are_known_are_listed_and_used() {
    let mut stage = Stage::with_pods();
    stage.command("po web").rows(vec![pod("cart-1", "1/1", "Running", 300)]);
    stage.command("ns");
    refuse(&mut stage);
    assert_eq!(stage.shown(), ["shop", "web"]);
    assert!(stage.said().contains("you may not list namespaces"), "{}", stage.said());
    assert!(stage.table().error.is_some(), "the title goes on saying so");
    stage.press("j enter");
    assert_eq!(stage.state.namespace.as_deref(), Some("web"));
    assert!(matches!(&stage.table().source, TableSource::Rows(query) if query.namespace.as_deref() == Some("web")));
    // A typed name needs no list.
    stage.command("ns elsewhere");
    assert_eq!(stage.state.namespace.as_deref(), Some("elsewhere"));
}

#[test]
fn a_refused_list_of_namespaces_is_not_asked_for_at_each_prompt() {
    let mut stage = Stage::with_pods();
    stage.press(":");
    let id = stage.read_of(|query| matches!(query, Query::Rows(rows) if rows.resource.plural == "namespaces"));
    stage.reading(id, forbidden());
    stage.type_text("po sh");
    assert_eq!(stage.prompt().suggestions[0].line, "po shop");
    stage.press("esc :");
    assert!(stage.queries().is_empty(), "{:?}", stage.effects);
}

#[test]
fn an_unknown_kind_may_be_one_of_a_group_that_is_down() {
    let mut stage = Stage::with_pods();
    let mut catalog = super::catalog();
    catalog
        .failed_groups
        .push(("metrics.k8s.io".into(), "does not answer".into()));
    stage.state.connection.catalog = Some(std::sync::Arc::new(catalog));
    stage.command("zzqx");
    assert!(
        stage.said().contains("those of metrics.k8s.io are unavailable now"),
        "{}",
        stage.said()
    );
}
