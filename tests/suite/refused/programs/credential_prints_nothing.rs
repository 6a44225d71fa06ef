//! A credential has no Debug, so no log and no error can hold it.
use kglass::escalation::Credential;

pub fn show(credential: &Credential) -> String {
    #[cfg(bad)]
    return format!("{credential:?}"); //~ E0277
    #[cfg(not(bad))]
    return format!("{:?}", credential.id);
}
