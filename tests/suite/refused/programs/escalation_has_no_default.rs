//! A default would be authority from nothing.
fn needs<T: Default>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::escalation::Escalation>(); //~ E0277
    needs::<kglass::model::ObjectRef>();
}
