//! A clone would outlive the end.
fn needs<T: Clone>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::escalation::Escalation>(); //~ E0277
    needs::<kglass::escalation::Grant>();
}
