//! A file or a replay must never become authority.
fn needs<T: serde::de::DeserializeOwned>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::escalation::Escalation>(); //~ E0277
    needs::<kglass::model::ObjectRef>();
}
