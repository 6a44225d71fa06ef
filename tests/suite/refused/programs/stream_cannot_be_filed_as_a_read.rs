//! The registry tells reads from streams by type.
use kglass::escalation::{Escalation, Stream};
use kglass::registry::{Aim, Run};

fn forward(authority: &Escalation, aim: Aim) -> Stream {
    Stream::forward(authority, aim.action, aim.pod, aim.remote, aim.local)
}

pub fn file() -> Run {
    #[cfg(bad)]
    return Run::Read(forward); //~ E0308
    #[cfg(not(bad))]
    return Run::Stream(forward);
}
