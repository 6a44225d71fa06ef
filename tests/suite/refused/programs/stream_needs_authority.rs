//! A shell or port-forward cannot be prepared without a live escalation.
use kglass::escalation::{Escalation, Stream};
use kglass::model::ObjectRef;

pub fn prepare(authority: &Escalation, pod: ObjectRef) -> Stream {
    #[cfg(bad)]
    {
        let _ = authority;
        Stream::forward(1, pod, 80, 8080) //~ E0061
    }
    #[cfg(not(bad))]
    Stream::forward(authority, 1, pod, 80, 8080)
}
