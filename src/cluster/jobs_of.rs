//! The jobs that a cron job has made: as a query on jobs, so that they are read, watched and shown
//! like any other table.

use std::sync::Arc;

use super::live::Live;
use super::pods_of::owned_by;
use super::query::RowsQuery;
use super::reader::{Out, Reader, Unheard};
use crate::model::{ApiResource, Gvk, ObjectRef, Verb};

pub(super) async fn run(reader: &Reader, cron_job: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let query = jobs(cron_job.namespace.clone());
    let keep = owned_by(format!("CronJob/{}", cron_job.name));
    Live::new(reader, &query, Some(keep), out).run().await
}

fn jobs(namespace: Option<String>) -> RowsQuery {
    RowsQuery {
        resource: Arc::new(ApiResource {
            gvk: Gvk::new("batch", "v1", "Job"),
            plural: "jobs".into(),
            singular: "job".into(),
            short_names: Vec::new(),
            categories: vec!["all".into()],
            namespaced: true,
            verbs: vec![Verb::Get, Verb::List, Verb::Watch],
            subresources: Vec::new(),
        }),
        namespace,
        labels: None,
        fields: None,
    }
}
