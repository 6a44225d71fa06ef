//! The installed ValidatingAdmissionPolicies, evaluated as the API server does, behind the door for
//! admission. They are the kit's own files; there is no rule in here. What cannot be evaluated
//! refuses.

mod authorizer;
mod evaluate;
mod library;
mod matching;
mod policy;
mod reach;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cel::Env;
use serde_json::Value;

use self::policy::{Policy, Uncompiled};
use super::admission::{Admission, AdmissionRequest, Annotations, DenyReason, Sight, Verdict};
use super::store::text;

/// Plugged into a server, it asks every policy that is bound with `Deny`.
pub struct ValidatingPolicies {
    env: Arc<Env>,
    /// As they were compiled last, by name and resourceVersion.
    compiled: Mutex<BTreeMap<String, (String, Compiled)>>,
}

type Compiled = Result<Arc<Policy>, Uncompiled>;

impl Default for ValidatingPolicies {
    fn default() -> Self {
        Self::new()
    }
}

impl ValidatingPolicies {
    pub fn new() -> Self {
        Self {
            env: library::environment(),
            compiled: Mutex::new(BTreeMap::new()),
        }
    }

    fn ask(&self, policy: &Value, request: &AdmissionRequest<'_>, said: &mut Annotations) -> Result<(), String> {
        let policy = self.compiled(policy).map_err(|why| why.0)?;
        if !policy.constraints.cover(request) {
            return Ok(());
        }
        evaluate::review(&self.env, &policy, request, said)
    }

    fn compiled(&self, object: &Value) -> Compiled {
        let name = text(object, "/metadata/name").unwrap_or_default();
        let version = text(object, "/metadata/resourceVersion").unwrap_or_default();
        let mut compiled = self
            .compiled
            .lock()
            .expect("no code panics while it holds the policies");
        if let Some((of, policy)) = compiled.get(name)
            && of == version
        {
            return policy.clone();
        }
        let policy = Policy::compile(&self.env, object).map(Arc::new);
        compiled.insert(name.to_owned(), (version.to_owned(), policy.clone()));
        policy
    }
}

impl Admission for ValidatingPolicies {
    /// All are asked, also after one has refused: each tells the audit log what it has to say.
    fn review(&self, request: &AdmissionRequest<'_>) -> Verdict {
        let mut annotations = Annotations::new();
        let mut refused = None;
        for (binding, policy) in bound(request.cluster) {
            let name = text(policy, "/metadata/name").unwrap_or_default();
            if let Err(why) = self.ask(policy, request, &mut annotations) {
                refused.get_or_insert_with(|| {
                    format!("ValidatingAdmissionPolicy '{name}' with binding '{binding}' denied request: {why}")
                });
            }
        }
        match refused {
            None => Verdict::Allow(annotations),
            Some(message) => Verdict::Deny {
                message,
                reason: DenyReason::Invalid,
                annotations,
            },
        }
    }
}

/// Names of bindings that deny, with the policy that each binds.
fn bound(cluster: Sight<'_>) -> impl Iterator<Item = (&str, &Value)> {
    cluster
        .objects("validatingadmissionpolicybindings")
        .filter_map(move |binding| {
            let actions = binding.pointer("/spec/validationActions").and_then(Value::as_array)?;
            if !actions.iter().any(|a| a == "Deny") {
                return None;
            }
            let name = text(binding, "/spec/policyName")?;
            let policy = cluster.object("validatingadmissionpolicies", "", name)?;
            Some((text(binding, "/metadata/name").unwrap_or_default(), policy))
        })
}
