//! One credential, in one place, dropped once.
fn needs<T: Clone>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::escalation::Credential>(); //~ E0277
    needs::<kglass::escalation::GrantRef>();
}
