//! One whole object, for YAML and describe. Values of Secrets never leave this room.

use super::query::Reading;
use super::reader::{Out, Reader, Unheard};
use super::redact::redact;
use crate::model::ObjectRef;

pub(super) async fn run(reader: &Reader, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    match reader.get_json::<serde_json::Value>(&object.path()).await {
        Ok(mut value) => {
            redact(&mut value);
            out.send(Reading::Object(value.into())).await
        }
        Err(fault) => out.fail(&fault, &format!("get {object}")).await,
    }
}
