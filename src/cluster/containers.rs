//! (live) The containers of one pod as a table, init and ephemeral ones too. The pod is watched as
//! a table row, which is small; at each change it is read whole once.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

use super::live;
use super::pods_of::pods;
use super::query::Reading;
use super::reader::{Out, Reader, Unheard};
use super::table::{Shape, age, column};
use crate::model::{ApiResource, Cell, Column, Gvk, ObjectRef, Row, RowData, Snapshot, SortKey, TermSafe};

pub(super) async fn run(reader: &Reader, pod: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let mut query = pods(pod.namespace.clone());
    query.fields = Some(format!("metadata.name={}", pod.name));
    let (sender, mut changes) = mpsc::channel(1);
    // Each block owns its end of the channel, so that the end of one ends the other.
    let watching = async move {
        let inner = Out::new(sender);
        live::run(reader, &query, &inner).await
    };
    let showing = async move {
        while let Some(reading) = changes.recv().await {
            match reading {
                Reading::Rows(_) => show(reader, pod, out).await?,
                other => out.send(other).await?,
            }
        }
        Ok(())
    };
    let (_, shown) = tokio::join!(watching, showing);
    shown
}

async fn show(reader: &Reader, pod: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    match reader.get_json::<Value>(&pod.path()).await {
        Ok(value) => out.send(Reading::Rows(table(&value))).await,
        Err(fault) => {
            if fault.code() == Some(404) {
                out.send(Reading::Rows(table(&Value::Null))).await?;
            }
            out.send(Reading::Failed(fault.read_error(&format!("get {pod}"), true)))
                .await
        }
    }
}

/// The table of a whole Pod.
fn table(pod: &Value) -> Snapshot {
    let mut rows = Vec::new();
    for (kind, specs, statuses) in [
        ("init", "initContainers", "initContainerStatuses"),
        ("container", "containers", "containerStatuses"),
        ("ephemeral", "ephemeralContainers", "ephemeralContainerStatuses"),
    ] {
        let statuses = list(pod, &format!("/status/{statuses}"));
        for spec in list(pod, &format!("/spec/{specs}")) {
            let status = statuses
                .iter()
                .find(|s| s["name"] == spec["name"])
                .unwrap_or(&Value::Null);
            rows.push(row(pod, kind, spec, status));
        }
    }
    Snapshot {
        resource: Arc::new(ApiResource {
            gvk: Gvk::new("", "v1", "Container"),
            plural: "containers".into(),
            singular: "container".into(),
            namespaced: true,
            ..ApiResource::default()
        }),
        columns: columns(),
        rows: rows.into(),
        complete: true,
    }
}

fn columns() -> Arc<[Column]> {
    [
        column("Name", Shape::Name, false),
        column("Image", Shape::Free, false),
        column("Ready", Shape::Free, false),
        column("State", Shape::Free, false),
        column("Restarts", Shape::Number, false),
        column("Age", Shape::Since, false),
        column("Type", Shape::Free, true),
    ]
    .into()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn row(pod: &Value, kind: &str, spec: &Value, status: &Value) -> Row {
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text_of(&spec["name"]);
    let restarts = status["restartCount"].as_u64().unwrap_or(0);
    let ended_before = time(&status["lastState"]["terminated"]["finishedAt"]);
    let kind = if kind == "init" && spec["restartPolicy"] == "Always" {
        "sidecar"
    } else {
        kind
    };
    let cells = [
        text(&name),
        text(&text_of(&spec["image"])),
        text(if status["ready"] == true { "true" } else { "false" }),
        text(&state(&status["state"])),
        Cell {
            text: TermSafe::new(&restarts.to_string()),
            sort: SortKey::Number(restarts as f64),
            since_ms: ended_before.filter(|_| restarts > 0),
        },
        age(since(&status["state"]).or(ended_before)),
        text(kind),
    ];
    let meta = &pod["metadata"];
    Row(Arc::new(RowData {
        uid: None,
        namespace: meta["namespace"].as_str().map(Into::into),
        name: name.into(),
        resource_version: meta["resourceVersion"].as_str().map(Into::into),
        created_ms: time(&meta["creationTimestamp"]),
        deleting: !meta["deletionTimestamp"].is_null(),
        owner: meta["name"].as_str().map(|pod| format!("Pod/{pod}").into()),
        cells: cells.into(),
    }))
}

/// `Running`, `CrashLoopBackOff`, `Completed`, `Error (3)`.
fn state(state: &Value) -> String {
    if !state["running"].is_null() {
        return "Running".to_owned();
    }
    if let Some(waiting) = state.get("waiting").filter(|s| !s.is_null()) {
        return waiting["reason"].as_str().unwrap_or("Waiting").to_owned();
    }
    let Some(terminated) = state.get("terminated").filter(|s| !s.is_null()) else {
        return "Waiting".to_owned();
    };
    let reason = terminated["reason"].as_str().unwrap_or("Terminated");
    match terminated["exitCode"].as_i64() {
        Some(code) if code != 0 => format!("{reason} ({code})"),
        _ => reason.to_owned(),
    }
}

fn since(state: &Value) -> Option<i64> {
    time(&state["running"]["startedAt"]).or_else(|| time(&state["terminated"]["finishedAt"]))
}

fn time(value: &Value) -> Option<i64> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

fn text(text: &str) -> Cell {
    Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_of_every_kind_are_rows() {
        let pod = json!({
            "metadata": {"name": "web-0", "namespace": "shop"},
            "spec": {
                "initContainers": [
                    {"name": "setup", "image": "a"},
                    {"name": "proxy", "image": "b", "restartPolicy": "Always"},
                ],
                "containers": [{"name": "web", "image": "c"}, {"name": "new", "image": "d"}],
                "ephemeralContainers": [{"name": "debug", "image": "e"}],
            },
            "status": {
                "initContainerStatuses": [
                    {"name": "setup", "ready": true, "restartCount": 0, "state": {"terminated": {
                        "reason": "Completed", "exitCode": 0, "finishedAt": "2026-01-01T00:00:00Z"}}},
                ],
                "containerStatuses": [{
                    "name": "web", "ready": false, "restartCount": 17,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "finishedAt": "2026-01-01T00:00:05Z"}},
                }],
            },
        });
        let table = table(&pod);
        let shown: Vec<Vec<&str>> = table
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect())
            .collect();
        assert_eq!(
            shown,
            [
                ["setup", "a", "true", "Completed", "0", "", "init"],
                ["proxy", "b", "false", "Waiting", "0", "", "sidecar"],
                ["web", "c", "false", "CrashLoopBackOff", "17", "", "container"],
                ["new", "d", "false", "Waiting", "0", "", "container"],
                ["debug", "e", "false", "Waiting", "0", "", "ephemeral"],
            ]
        );
        let ended = 1_767_225_605_000;
        assert_eq!(table.rows[2].cells[4].since_ms, Some(ended), "since the last restart");
        assert_eq!(table.rows[2].owner.as_deref(), Some("Pod/web-0"));
        assert!(table.rows.iter().all(|row| row.cells.len() == table.columns.len()));
    }

    #[test]
    fn a_failed_container_shows_its_exit_code() {
        assert_eq!(
            state(&json!({"terminated": {"reason": "Error", "exitCode": 137}})),
            "Error (137)"
        );
        assert_eq!(
            state(&json!({"terminated": {"reason": "OOMKilled", "exitCode": 0}})),
            "OOMKilled"
        );
        assert_eq!(
            state(&json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}})),
            "Running"
        );
    }
}
