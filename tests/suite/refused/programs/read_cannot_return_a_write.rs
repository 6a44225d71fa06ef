//! Nor can a read hide one: it has no authority to make it from.
use kglass::cluster::Query;
use kglass::registry::Run;

pub fn file() -> Run {
    #[cfg(bad)]
    return Run::Read(|subject| kglass::escalation::Mutation::delete(subject, 1, Vec::new())); //~ E0308
    #[cfg(not(bad))]
    return Run::Read(|subject| Query::Object(subject.object.clone()));
}
