use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::cluster::mock::{Asked, Mock, Reply, Running, status};
use crate::cluster::{Freshness, Query, ReadErrorKind, Reading, RowsQuery};
use crate::model::{ApiResource, Gvk, Snapshot, Verb};

fn query(verbs: &[Verb]) -> Query {
    Query::Rows(RowsQuery {
        resource: Arc::new(ApiResource {
            gvk: Gvk::new("example.com", "v1", "Widget"),
            plural: "widgets".into(),
            namespaced: true,
            verbs: verbs.to_vec(),
            ..ApiResource::default()
        }),
        namespace: Some("shop".into()),
        labels: Some("app=web".into()),
        fields: None,
    })
}

fn widgets() -> Query {
    query(&[Verb::Get, Verb::List, Verb::Watch])
}

fn row(name: &str, version: &str) -> Value {
    json!({"cells": [name], "object": {"metadata": {
        "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "resourceVersion": version,
    }}})
}

fn table(version: &str, next: &str, names: &[&str]) -> Reply {
    let rows: Vec<_> = names.iter().map(|name| row(name, version)).collect();
    Reply::Json(
        200,
        json!({
            "kind": "Table", "metadata": {"resourceVersion": version, "continue": next},
            "columnDefinitions": [{"name": "Name", "type": "string", "format": "name"}], "rows": rows,
        }),
    )
}

fn event(kind: &str, name: &str, version: &str) -> String {
    json!({"type": kind, "object": {"kind": "Table", "rows": [row(name, version)]}}).to_string()
}

fn bookmark(version: &str) -> String {
    json!({"type": "BOOKMARK", "object": {"kind": "Table", "metadata": {"resourceVersion": version}, "rows": []}})
        .to_string()
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    snapshot.rows.iter().map(|row| row.name.to_string()).collect()
}

/// The snapshot that has exactly these rows.
async fn shows(running: &mut Running, wanted: &[&str]) -> Snapshot {
    running
        .find(|reading| match reading {
            Reading::Rows(snapshot) if names(snapshot) == wanted => Some(snapshot.clone()),
            _ => None,
        })
        .await
}

async fn says(running: &mut Running, wanted: impl Fn(&Freshness) -> bool) {
    running
        .find(|reading| match reading {
            Reading::Freshness(freshness) if wanted(freshness) => Some(()),
            _ => None,
        })
        .await;
}

fn is_ping(asked: &Asked) -> bool {
    asked.path == "/readyz"
}

fn lists(mock: &Mock) -> usize {
    mock.seen().iter().filter(|a| !is_ping(a) && !a.is_watch()).count()
}

#[tokio::test]
async fn the_first_page_is_shown_before_the_last_and_then_all_of_it() {
    let mock = Mock::new(|asked| match (asked.is_watch(), asked.get("continue")) {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        (true, _) => Reply::Open(Vec::new()),
        (_, "") => table("5", "page-2", &["a", "b"]),
        (_, "page-2") => table("5", "", &["c"]),
        _ => status(400, "?"),
    });
    let mut running = mock.run(widgets()).await;
    let first = shows(&mut running, &["a", "b"]).await;
    assert!(!first.complete);
    says(&mut running, |f| *f == Freshness::Loading { rows: 2 }).await;
    assert!(shows(&mut running, &["a", "b", "c"]).await.complete);
    says(&mut running, |f| *f == Freshness::Live).await;
    let seen = mock.seen();
    assert_eq!(seen[0].path, "/apis/example.com/v1/namespaces/shop/widgets");
    assert_eq!((seen[0].get("limit"), seen[0].get("labelSelector")), ("500", "app=web"));
    assert_eq!(seen[0].get("includeObject"), "Metadata");
    assert!(seen[0].accept.contains("as=Table"));
    let watch = seen.iter().find(|a| a.is_watch()).unwrap();
    assert_eq!(
        (watch.get("resourceVersion"), watch.get("allowWatchBookmarks")),
        ("5", "true")
    );
}

#[tokio::test]
async fn an_expired_continue_token_lists_anew() {
    let mock = Mock::new(|asked| match (asked.is_watch(), asked.get("continue"), asked.before) {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        (true, ..) => Reply::Open(Vec::new()),
        (_, "", 0) => table("5", "old", &["a"]),
        (_, "old", _) => status(410, "the provided continue parameter is too old"),
        (_, "", _) => table("9", "", &["b"]),
        _ => status(400, "?"),
    });
    let mut running = mock.run(widgets()).await;
    assert!(shows(&mut running, &["b"]).await.complete);
}

#[tokio::test]
async fn a_watch_that_ends_is_resumed_where_it_was_and_nothing_is_listed_again() {
    let mock = Mock::new(|asked| match (asked.is_watch(), asked.get("resourceVersion")) {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        (true, "5") => Reply::Lines(vec![
            event("ADDED", "b", "6"),
            event("MODIFIED", "a", "7"),
            bookmark("20"),
        ]),
        (true, "20") => Reply::Lines(vec![event("DELETED", "a", "21")]),
        (true, "21") => Reply::Open(vec![event("ADDED", "c", "22")]),
        (true, _) => status(400, "?"),
        _ => table("5", "", &["a"]),
    });
    let mut running = mock.run(widgets()).await;
    let last = shows(&mut running, &["b", "c"]).await;
    assert!(last.complete);
    assert_eq!(lists(&mock), 1);
}

#[tokio::test]
async fn a_version_that_the_server_forgot_is_listed_anew_without_a_flash() {
    for gone_by_event in [true, false] {
        let mock = Mock::new(move |asked| match (asked.is_watch(), asked.get("resourceVersion")) {
            _ if is_ping(asked) => Reply::Json(200, json!({})),
            (true, "5") if gone_by_event => Reply::Open(vec![
                json!({"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}).to_string(),
            ]),
            (true, "5") => status(410, "too old"),
            (true, _) => Reply::Open(Vec::new()),
            _ if asked.before == 0 => table("5", "", &["a"]),
            _ => table("9", "", &["a", "z"]),
        });
        let mut running = mock.run(widgets()).await;
        shows(&mut running, &["a"]).await;
        let empty = running
            .find(|reading| match reading {
                Reading::Rows(snapshot) if snapshot.rows.len() == 2 => Some(false),
                Reading::Rows(snapshot) if snapshot.rows.is_empty() => Some(true),
                _ => None,
            })
            .await;
        assert!(!empty);
        assert_eq!(lists(&mock), 2);
    }
}

#[tokio::test]
async fn kinds_without_watch_are_asked_for_again() {
    let mock = Mock::new(|asked| match asked.before {
        0 => table("", "", &["a"]),
        _ => table("", "", &["a", "b"]),
    });
    let mut running = mock.run(query(&[Verb::Get, Verb::List])).await;
    shows(&mut running, &["a"]).await;
    says(&mut running, |f| matches!(f, Freshness::Refreshed { .. })).await;
    shows(&mut running, &["a", "b"]).await;
    assert!(mock.seen().iter().all(|a| !a.is_watch()));
}

#[tokio::test]
async fn who_may_list_but_not_watch_sees_refreshed_rows() {
    let mock = Mock::new(|asked| match asked.is_watch() {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        true => status(403, "cannot watch widgets"),
        false => table("5", "", &["a"]),
    });
    let mut running = mock.run(widgets()).await;
    says(&mut running, |f| matches!(f, Freshness::Refreshed { .. })).await;
    shows(&mut running, &["a"]).await;
}

#[tokio::test]
async fn an_extension_server_without_tables_is_asked_for_plain_lists() {
    let mock = Mock::new(|asked| match asked.accept.contains("as=Table") {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        true => status(406, "only application/json"),
        false if asked.is_watch() => Reply::Open(vec![
            json!({"type": "ADDED", "object": {"kind": "Widget", "metadata": {
                "name": "b", "namespace": "shop", "resourceVersion": "6"}}})
            .to_string(),
        ]),
        false => Reply::Json(
            200,
            json!({"kind": "WidgetList", "metadata": {"resourceVersion": "5"},
                   "items": [{"metadata": {"name": "a", "namespace": "shop"}}]}),
        ),
    });
    let mut running = mock.run(widgets()).await;
    let snapshot = shows(&mut running, &["a", "b"]).await;
    let columns: Vec<&str> = snapshot.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(columns, ["NAME", "AGE"]);
}

#[tokio::test]
async fn refusals_end_the_read_with_cause_and_cure() {
    for (code, kind, words) in [
        (401, ReadErrorKind::Unauthorized, "log in again"),
        (403, ReadErrorKind::Forbidden, "namespace that you may read"),
        (404, ReadErrorKind::NotFound, "no longer serves"),
    ] {
        let mock = Mock::new(move |_| status(code, "widgets is no"));
        let readings = mock.run(widgets()).await.all().await;
        let error = readings
            .iter()
            .find_map(|r| match r {
                Reading::Failed(error) => Some(error.clone()),
                _ => None,
            })
            .unwrap();
        assert_eq!((error.kind, error.retrying), (kind, false));
        assert!(error.cause.contains("list widgets.example.com in shop"), "{error}");
        assert!(error.cure.contains(words), "{error}");
        assert!(matches!(readings.last(), Some(Reading::Ended)));
    }
}

#[tokio::test]
async fn a_refusal_of_what_worked_is_asked_again_before_it_is_believed() {
    // A server that starts refuses people it knows, for a moment.
    let mock = Mock::new(
        |asked| match (asked.is_watch(), asked.get("resourceVersion"), asked.before) {
            _ if is_ping(asked) => Reply::Json(200, json!({})),
            (true, "5", 0) => Reply::Lines(vec![bookmark("8")]),
            (true, "8", 0 | 1) => status(403, "RBAC: clusterrole not found"),
            (true, ..) => Reply::Open(vec![event("ADDED", "b", "9")]),
            _ => table("5", "", &["a"]),
        },
    );
    let mut running = mock.run(widgets()).await;
    shows(&mut running, &["a", "b"]).await;
    assert_eq!(lists(&mock), 1);
}

#[tokio::test]
async fn a_server_that_comes_up_later_is_waited_for() {
    let mock = Mock::new(|asked| match asked.before {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        _ if asked.is_watch() => Reply::Open(Vec::new()),
        0..=4 => status(503, "starting"),
        _ => table("5", "", &["a"]),
    });
    let mut running = mock.run(widgets()).await;
    let told = running
        .find(|reading| match reading {
            Reading::Failed(error) => Some(error.clone()),
            _ => None,
        })
        .await;
    assert!(told.retrying && told.cause.contains("503"), "{told}");
    shows(&mut running, &["a"]).await;
}

#[tokio::test]
async fn a_silent_server_is_called_stale_and_the_watch_is_opened_anew_when_it_speaks() {
    let frozen = Arc::new(AtomicBool::new(false));
    let is_frozen = Arc::clone(&frozen);
    let mock = Mock::new(move |asked| {
        if is_frozen.load(Ordering::SeqCst) {
            return Reply::Silence;
        }
        match (asked.is_watch(), asked.before) {
            _ if is_ping(asked) => Reply::Json(200, json!({})),
            (true, 0) => Reply::Open(Vec::new()),
            (true, _) => Reply::Open(vec![event("ADDED", "b", "6")]),
            _ => table("5", "", &["a"]),
        }
    });
    let mut running = mock.run(widgets()).await;
    says(&mut running, |f| *f == Freshness::Live).await;
    frozen.store(true, Ordering::SeqCst);
    says(&mut running, |f| matches!(f, Freshness::Stale { .. })).await;
    frozen.store(false, Ordering::SeqCst);
    says(&mut running, |f| *f == Freshness::Live).await;
    shows(&mut running, &["a", "b"]).await;
    assert_eq!(lists(&mock), 1, "resumed, not listed again");
}

#[tokio::test]
async fn a_server_that_is_silent_from_the_start_is_not_said_to_be_loading() {
    let mock = Mock::new(|_| Reply::Silence);
    let mut running = mock.run(widgets()).await;
    let mut said = Vec::new();
    running
        .find(|reading| match reading {
            Reading::Freshness(freshness) => {
                said.push(*freshness);
                matches!(freshness, Freshness::Stale { .. }).then_some(())
            }
            Reading::Failed(error) => panic!("that comes later: {error}"),
            _ => None,
        })
        .await;
    assert_eq!(said[0], Freshness::Loading { rows: 0 });
}

#[tokio::test]
async fn a_server_that_ends_every_watch_at_once_is_not_asked_in_a_tight_loop() {
    let mock = Mock::new(|asked| match asked.is_watch() {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        true => Reply::Lines(Vec::new()),
        false => table("5", "", &["a"]),
    });
    let mut running = mock.run(widgets()).await;
    shows(&mut running, &["a"]).await;
    let window = std::time::Duration::from_millis(200);
    let _ = tokio::time::timeout(window, async {
        loop {
            running.next().await;
        }
    })
    .await;
    let watches = mock.seen().iter().filter(|a| a.is_watch()).count();
    assert!((2..=40).contains(&watches), "{watches} watches in {window:?}");
}

#[tokio::test]
async fn a_burst_of_events_becomes_few_pictures_and_the_last_is_complete() {
    let many: Vec<String> = (0..3000)
        .map(|i| event("ADDED", &format!("w{i:04}"), &format!("{}", 6 + i)))
        .collect();
    let mock = Mock::new(move |asked| match asked.is_watch() {
        _ if is_ping(asked) => Reply::Json(200, json!({})),
        true => Reply::Open(many.clone()),
        false => table("5", "", &["a"]),
    });
    let mut running = mock.run(widgets()).await;
    let mut pictures = 0;
    running
        .find(|reading| {
            if let Reading::Rows(snapshot) = reading {
                pictures += 1;
                return (snapshot.rows.len() == 3001).then_some(());
            }
            None
        })
        .await;
    assert!(pictures < 600, "{pictures} pictures of 3000 events");
}

#[test]
fn a_read_can_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let reads = |reader: crate::cluster::Reader, out| async move { reader.run(widgets(), out).await };
    let check = |reader, out| is_send(&reads(reader, out));
    let _ = check;
}
