//! Whoever held the Reader's client could build any request.
use kglass::cluster::Reader;

pub fn lift(reader: &Reader) -> String {
    #[cfg(bad)]
    let _client = &reader.inner; //~ E0616
    reader.facts().context.clone()
}
