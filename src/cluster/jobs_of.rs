//! The jobs that a cron job has made: as a query on jobs, so that they are read, watched and shown
//! like any other table.

use super::live::Live;
use super::pods_of::{all_of, known, owned_by};
use super::reader::{Out, Reader, Unheard};
use crate::model::ObjectRef;

pub(super) async fn run(reader: &Reader, cron_job: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let query = all_of(known("batch", "Job", "jobs"), cron_job.namespace.clone());
    let keep = owned_by(format!("CronJob/{}", cron_job.name));
    Live::new(reader, &query, Some(keep), out).run().await
}
