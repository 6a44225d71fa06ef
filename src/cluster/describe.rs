//! (live) One object with its events and what belongs to it. Watched as a table of one row, which is small; at each change
//! it is read whole, at most once a second. Who may get but neither list nor watch has it asked for
//! again every half minute.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::clock::boot_ms;
use super::live;
use super::query::{Freshness, Reading, RowsQuery};
use super::reader::{Out, Reader, Unheard};
use super::redact::redact;
use super::related;
use crate::model::{ApiResource, Gvk, ObjectRef, Snapshot, Verb};

pub(super) async fn run(reader: &Reader, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let (sender, changes) = mpsc::channel(1);
    let (events_sender, mut events) = mpsc::channel(1);
    // Each block owns its end of its channel, so that the end of one ends the other.
    let watching = async move {
        let inner = Out::new(sender);
        live::run(reader, &itself(object), &inner).await
    };
    let (sight, seen) = watch::channel(None);
    let showing = Shown::new(reader, object, out, sight).follow(changes);
    let showing_related = related::run(reader, object, seen, out);
    let watching_events = async move {
        let inner = Out::new(events_sender);
        live::run(reader, &events_of(object), &inner).await
    };
    let showing_events = async move {
        while let Some(reading) = events.recv().await {
            match reading {
                Reading::Rows(snapshot) if snapshot.complete => out.send(Reading::Events(Ok(snapshot))).await?,
                Reading::Failed(error) => out.send(Reading::Events(Err(error))).await?,
                _ => {}
            }
        }
        Ok(())
    };
    let (_, shown, related, _, told) =
        tokio::join!(watching, showing, showing_related, watching_events, showing_events);
    shown.and(related).and(told)
}

/// The table that has this one object.
fn itself(object: &ObjectRef) -> RowsQuery {
    RowsQuery {
        resource: Arc::new(ApiResource {
            gvk: object.gvk.clone(),
            plural: object.resource.clone(),
            namespaced: object.namespace.is_some(),
            verbs: vec![Verb::Get, Verb::List, Verb::Watch],
            ..ApiResource::default()
        }),
        namespace: object.namespace.clone(),
        labels: None,
        fields: Some(format!("metadata.name={}", object.name)),
    }
}

impl RowsQuery {
    /// The events of an object. Those of objects without a namespace lie in `default`.
    pub fn events_of(object: &ObjectRef) -> Self {
        events_of(object)
    }
}

fn events_of(object: &ObjectRef) -> RowsQuery {
    let mut fields = vec![
        format!("involvedObject.name={}", object.name),
        format!("involvedObject.kind={}", object.gvk.kind),
    ];
    // The kubelet writes a node's name in the place of its uid.
    if let Some(uid) = object.uid.as_ref().filter(|_| object.namespace.is_some()) {
        fields.push(format!("involvedObject.uid={uid}"));
    }
    RowsQuery {
        resource: Arc::new(ApiResource {
            gvk: Gvk::new("", "v1", "Event"),
            plural: "events".into(),
            singular: "event".into(),
            namespaced: true,
            verbs: vec![Verb::Get, Verb::List, Verb::Watch],
            ..ApiResource::default()
        }),
        namespace: Some(object.namespace.clone().unwrap_or_else(|| "default".to_owned())),
        labels: None,
        fields: Some(fields.join(",")),
    }
}

struct Shown<'a> {
    reader: &'a Reader,
    object: &'a ObjectRef,
    out: &'a Out,
    /// Of what was shown last.
    version: Option<String>,
    read: Option<Instant>,
    /// For what is read beside it.
    sight: watch::Sender<Option<Arc<serde_json::Value>>>,
}

impl<'a> Shown<'a> {
    fn new(
        reader: &'a Reader,
        object: &'a ObjectRef,
        out: &'a Out,
        sight: watch::Sender<Option<Arc<serde_json::Value>>>,
    ) -> Self {
        Self {
            reader,
            object,
            out,
            version: None,
            read: None,
            sight,
        }
    }

    async fn follow(mut self, mut changes: mpsc::Receiver<Reading>) -> Result<(), Unheard> {
        self.show().await?;
        while let Some(reading) = changes.recv().await {
            match reading {
                Reading::Rows(snapshot) if snapshot.complete && self.differs(&snapshot) => {
                    self.pause().await;
                    self.show().await?;
                }
                Reading::Freshness(freshness) => self.out.send(Reading::Freshness(freshness)).await?,
                _ => {}
            }
        }
        // Neither list nor watch: the object itself is all that may be asked for.
        let refresh = self.reader.pace().refresh;
        loop {
            let at_boot_ms = boot_ms();
            self.out
                .send(Reading::Freshness(Freshness::Refreshed { at_boot_ms }))
                .await?;
            tokio::time::sleep(refresh).await;
            self.show().await?;
        }
    }

    /// Whether the watch knows another version than the one shown; a deleted object has none.
    fn differs(&self, snapshot: &Snapshot) -> bool {
        let row = snapshot.rows.iter().find(|row| *row.name == *self.object.name);
        row.and_then(|row| row.resource_version.as_deref()) != self.version.as_deref()
    }

    /// An object that changes all the time is read once per interval.
    async fn pause(&self) {
        if let Some(read) = self.read {
            tokio::time::sleep_until(read + self.reader.pace().reread).await;
        }
    }

    async fn show(&mut self) -> Result<(), Unheard> {
        self.read = Some(Instant::now());
        match self.reader.get_json::<serde_json::Value>(&self.object.path()).await {
            Ok(mut value) => {
                redact(&mut value);
                self.version = value["metadata"]["resourceVersion"].as_str().map(ToOwned::to_owned);
                let value = Arc::new(value);
                self.sight.send_replace(Some(Arc::clone(&value)));
                self.out.send(Reading::Object(value)).await
            }
            Err(fault) => {
                if fault.code() == Some(404) {
                    self.version = None;
                }
                let error = fault.read_error(&format!("get {}", self.object), fault.may_pass());
                self.out.send(Reading::Failed(error)).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::mock::{Asked, Mock, Reply, Running, status};
    use crate::cluster::{Query, ReadErrorKind};

    fn pod() -> ObjectRef {
        ObjectRef {
            gvk: Gvk::new("", "v1", "Pod"),
            resource: "pods".into(),
            namespace: Some("shop".into()),
            name: "web-0".into(),
            uid: Some("u-1".into()),
            resource_version: None,
        }
    }

    fn table(version: &str, names: &[&str]) -> Value {
        let row = |name: &&str| {
            json!({"cells": [name], "object": {"metadata": {
                "name": name, "namespace": "shop", "uid": format!("u-{name}"), "resourceVersion": version,
            }}})
        };
        let columns = json!([{"name": "Name", "type": "string", "format": "name"}]);
        json!({"kind": "Table", "metadata": {"resourceVersion": version}, "columnDefinitions": columns,
            "rows": names.iter().map(row).collect::<Vec<_>>()})
    }

    fn event(kind: &str, version: &str) -> String {
        json!({"type": kind, "object": table(version, &["web-0"])}).to_string()
    }

    async fn object(running: &mut Running) -> Value {
        running
            .find(|reading| match reading {
                Reading::Object(value) => Some((**value).clone()),
                _ => None,
            })
            .await
    }

    fn is_about_events(asked: &Asked) -> bool {
        asked.path.ends_with("/events")
    }

    #[tokio::test]
    async fn an_object_is_read_again_when_it_changes_and_not_when_it_does_not() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/readyz" => Reply::Json(200, json!({})),
            _ if is_about_events(asked) && asked.is_watch() => Reply::Open(Vec::new()),
            _ if is_about_events(asked) => Reply::Json(200, table("9", &["web-0.1"])),
            "/api/v1/namespaces/shop/pods" if asked.is_watch() => {
                Reply::Open(vec![event("MODIFIED", "5"), event("MODIFIED", "6")])
            }
            "/api/v1/namespaces/shop/pods" => Reply::Json(200, table("5", &["web-0"])),
            "/api/v1/namespaces/shop/pods/web-0" => {
                let version = if asked.before == 0 { "5" } else { "6" };
                Reply::Json(
                    200,
                    json!({"kind": "Pod", "metadata": {"name": "web-0", "resourceVersion": version}}),
                )
            }
            _ => status(404, "?"),
        });
        let mut running = mock.run(Query::Describe(pod())).await;
        assert_eq!(object(&mut running).await["metadata"]["resourceVersion"], "5");
        assert_eq!(object(&mut running).await["metadata"]["resourceVersion"], "6");
        let seen = mock.seen();
        assert_eq!(seen.iter().filter(|a| a.path.ends_with("/web-0")).count(), 2);
        let selected: Vec<_> = seen
            .iter()
            .filter(|a| !a.is_watch())
            .map(|a| a.get("fieldSelector"))
            .collect();
        assert!(selected.contains(&"metadata.name=web-0"), "{selected:?}");
        assert!(
            selected.contains(&"involvedObject.name=web-0,involvedObject.kind=Pod,involvedObject.uid=u-1"),
            "{selected:?}"
        );
    }

    #[tokio::test]
    async fn who_may_only_get_has_it_asked_for_again_and_events_say_what_is_missing() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/api/v1/namespaces/shop/pods/web-0" => Reply::Json(200, json!({"metadata": {"name": "web-0"}})),
            _ => status(403, "no"),
        });
        let mut running = mock.run(Query::Describe(pod())).await;
        let (mut objects, mut refused, mut refreshed) = (0, None, false);
        while objects < 3 || refused.is_none() || !refreshed {
            match running.next().await {
                Some(Reading::Object(_)) => objects += 1,
                Some(Reading::Events(Err(error))) => refused = Some(error.kind),
                Some(Reading::Freshness(Freshness::Refreshed { .. })) => refreshed = true,
                Some(Reading::Failed(error)) => panic!("{error}"),
                _ => {}
            }
        }
        assert_eq!(refused, Some(ReadErrorKind::Forbidden));
    }

    #[test]
    fn events_of_what_has_no_namespace_lie_in_default_and_go_by_name() {
        let node = ObjectRef {
            gvk: Gvk::new("", "v1", "Node"),
            namespace: None,
            name: "node-a".into(),
            ..pod()
        };
        let query = events_of(&node);
        assert_eq!(query.namespace.as_deref(), Some("default"));
        assert_eq!(
            query.fields.as_deref(),
            Some("involvedObject.name=node-a,involvedObject.kind=Node")
        );
    }
}
