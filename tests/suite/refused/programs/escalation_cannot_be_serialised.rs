//! Authority is never written down.
fn needs<T: serde::Serialize>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::escalation::Escalation>(); //~ E0277
    needs::<kglass::model::ObjectRef>();
}
