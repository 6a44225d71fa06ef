//! One write while it is made: whose it is, when, whether it counts, and what admission said.

use serde_json::Value;

use super::admission::{Admission, AdmissionRequest, Annotations, Operation, Sight, Verdict};
use super::asked::Asked;
use super::authn::UserInfo;
use super::kinds::Kind;
use super::refusal::Refusal;
use super::store::{Key, Store, text};

pub(super) struct Writer<'a> {
    pub store: &'a mut Store,
    pub admission: Option<&'a dyn Admission>,
    pub user: &'a UserInfo,
    pub asked: &'a Asked,
    pub now_ms: i64,
    /// `dryRun` of the query or of the options.
    pub dry_run: bool,
    /// For the audit event.
    pub notes: Annotations,
}

impl Writer<'_> {
    /// Shows the write to admission. `kind` is that of `object`.
    pub fn admit(
        &mut self,
        operation: Operation,
        kind: (&str, &str, &str),
        objects: (Option<&Value>, Option<&Value>),
        options: &Value,
    ) -> Result<(), Refusal> {
        let Some(admission) = self.admission else {
            return Ok(());
        };
        let (object, old_object) = objects;
        let mut attributes = self.asked.at.clone();
        if attributes.name.is_none() {
            attributes.name = object
                .or(old_object)
                .and_then(|o| text(o, "/metadata/name"))
                .map(str::to_owned);
        }
        let request = AdmissionRequest {
            operation,
            attributes: &attributes,
            kind,
            user: self.user,
            object,
            old_object,
            options,
            dry_run: self.dry_run,
            now_ms: self.now_ms,
            cluster: Sight::new(self.store),
        };
        match admission.review(&request) {
            Verdict::Allow(annotations) => {
                self.notes.extend(annotations);
                Ok(())
            }
            Verdict::Deny {
                message,
                reason,
                annotations,
            } => {
                self.notes.extend(annotations);
                Err(Refusal::denied(&attributes, reason.code_and_name(), &message))
            }
        }
    }

    /// [`Self::admit`] for an object of the kind itself.
    pub fn admit_object(
        &mut self,
        operation: Operation,
        kind: &Kind,
        object: Option<&Value>,
        old: Option<&Value>,
    ) -> Result<(), Refusal> {
        let what = (kind.group, kind.version, kind.name);
        self.admit(operation, what, (object, old), &Value::Null)
    }

    /// Stores, or shows what would be stored.
    pub fn put(&mut self, key: Key, object: Value) -> Value {
        if self.dry_run {
            object
        } else {
            self.store.put(key, object)
        }
    }
}
