//! The events of one object as they are now, asked for once: enough to say why a row is not well.

use super::clock::wall_ms;
use super::query::{Reading, RowsQuery};
use super::reader::{Out, Reader, Unheard};
use super::table::{Collection, Page, TABLE};
use super::uri::uri;
use crate::model::ObjectRef;

/// Events of one object lie in the store for an hour and repeat themselves by their count.
const MOST: &str = "50";

pub(super) async fn run(reader: &Reader, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    let query = RowsQuery::events_of(object);
    let fields = query.fields.clone().unwrap_or_default();
    let parameters = [
        ("fieldSelector", fields.as_str()),
        ("limit", MOST),
        ("includeObject", "Metadata"),
    ];
    let path = query.resource.path(query.namespace.as_deref());
    match reader.get::<Page>(&uri(&path, &parameters), TABLE).await {
        Ok(page) => {
            let mut collection = Collection::new(query.resource, None);
            collection.add_page(&page, wall_ms());
            collection.end_listing(String::new());
            out.send(Reading::Events(Ok(collection.snapshot()))).await
        }
        Err(fault) => {
            let error = fault.read_error(&format!("list events of {object}"), false);
            out.send(Reading::Events(Err(error))).await
        }
    }
}
