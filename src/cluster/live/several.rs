//! (live) One table of several namespaces, for people who may not list over all of them: each is
//! read by itself, and what comes is laid together. A namespace that is refused is left out and
//! said so; only when all are refused is the read refused.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream, SelectAll};
use tokio::sync::mpsc;

use super::rows::run as run_one;
use crate::cluster::query::{Freshness, ReadError, Reading, RowsQuery};
use crate::cluster::reader::{Out, Reader, Unheard};
use crate::model::{Row, Snapshot};

pub async fn run(reader: &Reader, query: &RowsQuery, namespaces: &[String], out: &Out) -> Result<(), Unheard> {
    let mut reads = Vec::new();
    let mut readings = SelectAll::new();
    for (index, name) in namespaces.iter().enumerate() {
        let (sender, receiver) = mpsc::channel(1);
        readings.push(of_namespace(index, receiver));
        let query = RowsQuery {
            namespace: Some(name.clone()),
            ..query.clone()
        };
        reads.push(async move {
            let inner = Out::new(sender);
            run_one(reader, &query, &inner).await
        });
    }
    let mut together = Together::new(namespaces);
    let showing = async move {
        while let Some((index, reading)) = readings.next().await {
            together.take(index, reading, out).await?;
        }
        Ok(())
    };
    let (_, shown) = tokio::join!(join_all(reads), showing);
    shown
}

fn of_namespace(index: usize, receiver: mpsc::Receiver<Reading>) -> BoxStream<'static, (usize, Reading)> {
    stream::unfold(receiver, move |mut receiver| async move {
        let reading = receiver.recv().await?;
        Some(((index, reading), receiver))
    })
    .boxed()
}

/// What one namespace has told so far.
struct Part {
    name: String,
    snapshot: Option<Snapshot>,
    freshness: Freshness,
    refused: bool,
}

struct Together {
    parts: Vec<Part>,
    said: Option<Freshness>,
}

impl Together {
    fn new(names: &[String]) -> Self {
        let part = |name: &String| Part {
            name: name.clone(),
            snapshot: None,
            freshness: Freshness::Loading { rows: 0 },
            refused: false,
        };
        Self {
            parts: names.iter().map(part).collect(),
            said: None,
        }
    }

    async fn take(&mut self, index: usize, reading: Reading, out: &Out) -> Result<(), Unheard> {
        match reading {
            Reading::Rows(snapshot) => {
                self.parts[index].snapshot = Some(snapshot);
                self.paint(out).await?;
            }
            Reading::Freshness(freshness) => self.parts[index].freshness = freshness,
            Reading::Failed(error) if error.retrying => out.send(Reading::Failed(error)).await?,
            Reading::Failed(error) => return self.refuse(index, error, out).await,
            _ => {}
        }
        self.say(out).await
    }

    async fn refuse(&mut self, index: usize, error: ReadError, out: &Out) -> Result<(), Unheard> {
        tracing::info!(namespace = %self.parts[index].name, %error, "left out of the table");
        self.parts[index].refused = true;
        self.parts[index].snapshot = None;
        if self.read().next().is_none() {
            return out.send(Reading::Failed(error)).await;
        }
        let names = self.read().map(|part| part.name.clone()).collect();
        out.send(Reading::Namespaces(names)).await?;
        self.paint(out).await?;
        self.say(out).await
    }

    /// Those that are not refused.
    fn read(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.refused)
    }

    async fn paint(&self, out: &Out) -> Result<(), Unheard> {
        match self.snapshot() {
            Some(snapshot) => out.send(Reading::Rows(snapshot)).await,
            None => Ok(()),
        }
    }

    /// All rows there are; complete when every namespace is.
    fn snapshot(&self) -> Option<Snapshot> {
        let known: Vec<&Snapshot> = self.read().filter_map(|part| part.snapshot.as_ref()).collect();
        // An empty answer may have come without columns of its own.
        let columns = known.iter().find(|one| !one.rows.is_empty()).or(known.first())?;
        Some(Snapshot {
            resource: Arc::clone(&columns.resource),
            columns: Arc::clone(&columns.columns),
            rows: known
                .iter()
                .flat_map(|one| one.rows.iter().cloned())
                .collect::<Vec<Row>>()
                .into(),
            complete: known.len() == self.read().count() && known.iter().all(|one| one.complete),
        })
    }

    /// As fresh as the least fresh of them.
    async fn say(&mut self, out: &Out) -> Result<(), Unheard> {
        let rows = self
            .read()
            .filter_map(|part| part.snapshot.as_ref())
            .map(|one| one.rows.len())
            .sum();
        let Some(least) = self
            .read()
            .map(|part| part.freshness)
            .reduce(|a, b| least_fresh(a, b, rows))
        else {
            return Ok(());
        };
        if self.said == Some(least) {
            return Ok(());
        }
        self.said = Some(least);
        out.send(Reading::Freshness(least)).await
    }
}

fn least_fresh(a: Freshness, b: Freshness, rows: usize) -> Freshness {
    use Freshness::{Live, Loading, Refreshed, Stale};
    match (a, b) {
        (Loading { .. }, _) | (_, Loading { .. }) => Loading { rows },
        (Stale { since_boot_ms: a }, Stale { since_boot_ms: b }) => Stale {
            since_boot_ms: a.min(b),
        },
        (stale @ Stale { .. }, _) | (_, stale @ Stale { .. }) => stale,
        (Refreshed { at_boot_ms: a }, Refreshed { at_boot_ms: b }) => Refreshed { at_boot_ms: a.min(b) },
        (refreshed @ Refreshed { .. }, Live) | (Live, refreshed @ Refreshed { .. }) => refreshed,
        (Live, Live) => Live,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::mock::{Asked, Mock, Reply, Running, status};
    use crate::cluster::{Query, ReadErrorKind};
    use crate::model::{ApiResource, Gvk, Verb};

    fn widgets(namespaces: &[&str]) -> Query {
        let query = RowsQuery {
            resource: Arc::new(ApiResource {
                gvk: Gvk::new("example.com", "v1", "Widget"),
                plural: "widgets".into(),
                namespaced: true,
                verbs: vec![Verb::List],
                ..ApiResource::default()
            }),
            namespace: None,
            labels: None,
            fields: None,
        };
        Query::RowsIn(query, namespaces.iter().map(|&name| name.to_owned()).collect())
    }

    /// One widget in each namespace but `closed`, named after it.
    fn script(asked: &Asked) -> Reply {
        let namespace = asked.path.split('/').nth(5).unwrap_or_default().to_owned();
        if namespace == "closed" {
            return status(403, "widgets is forbidden");
        }
        let row = json!({"cells": [format!("of-{namespace}")], "object": {"metadata": {
            "name": format!("of-{namespace}"), "namespace": namespace, "uid": namespace,
        }}});
        let columns = json!([{"name": "Name", "type": "string", "format": "name"}]);
        Reply::Json(
            200,
            json!({"kind": "Table", "metadata": {"resourceVersion": "5"}, "columnDefinitions": columns, "rows": [row]}),
        )
    }

    async fn whole(running: &mut Running) -> Vec<String> {
        let find = |reading: &Reading| match reading {
            Reading::Rows(snapshot) if snapshot.complete => {
                Some(snapshot.rows.iter().map(|row| row.name.to_string()).collect())
            }
            _ => None,
        };
        running.find(find).await
    }

    #[tokio::test]
    async fn rows_of_several_namespaces_are_one_table_and_a_refused_one_is_left_out() {
        let mock = Mock::new(script);
        let mut running = mock.run(widgets(&["web", "closed", "shop"])).await;
        let mut named = None;
        let rows = running
            .find(|reading| match reading {
                Reading::Namespaces(names) => {
                    named = Some(names.clone());
                    None
                }
                Reading::Rows(snapshot) if snapshot.complete && snapshot.rows.len() == 2 => Some(snapshot.clone()),
                Reading::Failed(error) => panic!("{error}"),
                _ => None,
            })
            .await;
        assert_eq!(named.as_deref(), Some(&["web".to_owned(), "shop".into()][..]));
        let names: Vec<_> = rows.rows.iter().map(|row| row.name.as_ref()).collect();
        assert_eq!(names, ["of-web", "of-shop"], "as the namespaces were named");
        running
            .find(|reading| matches!(reading, Reading::Freshness(Freshness::Refreshed { .. })).then_some(()))
            .await;
        assert_eq!(
            whole(&mut running).await,
            ["of-web", "of-shop"],
            "and they are asked for again"
        );
    }

    #[tokio::test]
    async fn only_when_every_namespace_is_refused_is_the_read() {
        let mock = Mock::new(script);
        let readings = mock.run(widgets(&["closed"])).await.all().await;
        let failed = readings.iter().find_map(|reading| match reading {
            Reading::Failed(error) => Some(error.kind),
            _ => None,
        });
        assert_eq!(failed, Some(ReadErrorKind::Forbidden));
        assert!(matches!(readings.last(), Some(Reading::Ended)));
    }

    #[test]
    fn a_table_is_as_fresh_as_its_least_fresh_part() {
        use Freshness::{Live, Loading, Refreshed, Stale};
        let stale = |since_boot_ms| Stale { since_boot_ms };
        let refreshed = |at_boot_ms| Refreshed { at_boot_ms };
        assert_eq!(least_fresh(Live, Live, 7), Live);
        assert_eq!(least_fresh(Live, refreshed(5), 7), refreshed(5));
        assert_eq!(least_fresh(refreshed(9), refreshed(5), 7), refreshed(5));
        assert_eq!(least_fresh(stale(9), refreshed(5), 7), stale(9));
        assert_eq!(least_fresh(stale(9), stale(3), 7), stale(3));
        assert_eq!(least_fresh(stale(9), Loading { rows: 0 }, 7), Loading { rows: 7 });
    }
}
