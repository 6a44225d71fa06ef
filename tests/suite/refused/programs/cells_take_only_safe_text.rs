//! Cluster text reaches cells through one function.
use kglass::model::TermSafe;

pub fn cell(raw: String) -> TermSafe {
    #[cfg(bad)]
    return TermSafe(raw.into()); //~ E0423
    #[cfg(not(bad))]
    return TermSafe::new(&raw);
}
