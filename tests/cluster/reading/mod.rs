//! Reading a real Kubernetes: tables of every kind, watches over restarts and silences, logs,
//! refusals; and from the server's own audit log that the reading transport sends nothing else.

mod cached;
mod describe;
mod guard;
mod logs;
mod rights;
mod scale;
mod silence;
mod tables;
mod trouble;
mod usage;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kglass::cluster::{
    Catalog, ConnectError, Endpoint, Freshness, Kubeconfigs, Query, ReadError, Reader, Reading, RowsQuery,
};
use kglass::model::{Gvk, ObjectRef, Snapshot};
use tokio::sync::mpsc;

use crate::harness::Rig;

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

fn open(kubeconfig: &Path) -> Result<Arc<dyn Endpoint>, ConnectError> {
    Kubeconfigs::load(Some(kubeconfig))?.open(None)
}

async fn reader(rig: &Rig, user: &str) -> Reader {
    let endpoint = open(&rig.kubeconfig(user)).expect("the rig's kubeconfig is good");
    Reader::connect(&*endpoint).await.expect("a token needs no plugin")
}

/// A read that is polled by whoever waits for its readings.
struct Read {
    run: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    readings: mpsc::Receiver<Reading>,
}

impl Read {
    fn start(reader: &Reader, query: Query) -> Self {
        let (sender, readings) = mpsc::channel(8);
        let reader = reader.clone();
        Self {
            run: Some(Box::pin(async move { reader.run(query, sender).await })),
            readings,
        }
    }

    async fn next(&mut self) -> Option<Reading> {
        loop {
            let Some(run) = &mut self.run else {
                return self.readings.recv().await;
            };
            tokio::select! {
                biased;
                reading = self.readings.recv() => return reading,
                () = run => self.run = None,
            }
        }
    }

    /// The first reading that `find` takes; the others are passed over.
    async fn find<T>(&mut self, what: &str, mut find: impl FnMut(&Reading) -> Option<T>) -> T {
        let found = async {
            while let Some(reading) = self.next().await {
                if let Some(found) = find(&reading) {
                    return found;
                }
                assert!(!matches!(reading, Reading::Ended), "ended before: {what}");
            }
            panic!("closed before: {what}");
        };
        let found = tokio::time::timeout(LIMIT, found).await;
        found.unwrap_or_else(|_| panic!("waited {LIMIT:?} in vain: {what}"))
    }

    async fn rows(&mut self, what: &str, fits: impl Fn(&Snapshot) -> bool) -> Snapshot {
        self.find(what, |reading| match reading {
            Reading::Rows(snapshot) if fits(snapshot) => Some(snapshot.clone()),
            _ => None,
        })
        .await
    }

    async fn freshness(&mut self, what: &str, fits: impl Fn(&Freshness) -> bool) {
        self.find(what, |reading| match reading {
            Reading::Freshness(freshness) if fits(freshness) => Some(()),
            _ => None,
        })
        .await;
    }

    async fn failure(&mut self) -> ReadError {
        self.find("a failure", |reading| match reading {
            Reading::Failed(error) => Some(error.clone()),
            _ => None,
        })
        .await
    }
}

async fn catalog(reader: &Reader) -> Arc<Catalog> {
    Read::start(reader, Query::Discovery)
        .find("the catalog", |reading| match reading {
            Reading::Discovered(catalog) => Some(Arc::clone(catalog)),
            _ => None,
        })
        .await
}

async fn rows_of(reader: &Reader, kind: &str, namespace: Option<&str>) -> RowsQuery {
    let catalog = catalog(reader).await;
    RowsQuery {
        resource: Arc::clone(catalog.find(kind).expect("the kind is served")),
        namespace: namespace.map(str::to_owned),
        labels: None,
        fields: None,
    }
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.rows.iter().map(|row| &*row.name).collect()
}

fn object(group: &str, kind: &str, resource: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        gvk: Gvk::new(group, "v1", kind),
        resource: resource.into(),
        namespace: Some(namespace.into()),
        name: name.into(),
        uid: None,
        resource_version: None,
    }
}
