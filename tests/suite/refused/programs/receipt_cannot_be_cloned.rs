//! A copy would send a second request under the same intent.
fn needs<T: Clone>() {}

pub fn check() {
    #[cfg(bad)]
    needs::<kglass::audit::Receipt>(); //~ E0277
    needs::<kglass::audit::Event>();
}
