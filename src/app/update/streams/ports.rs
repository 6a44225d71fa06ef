//! Which port of the pod, and which here: asked for before a port-forward is opened.

use std::sync::Arc;

use super::{next_action, size};
use crate::app::streams::Ready;
use crate::app::{Effect, Overlay, Prompt, PromptKind, State};
use crate::cluster::PodFacts;
use crate::model::ObjectRef;
use crate::registry::{Aim, Subject};

/// `8080:80`, filled in with the first port that the pod names.
pub(super) fn ask_ports(state: &mut State, facts: &Arc<PodFacts>, subject: &Subject) {
    let ports = facts.ports(subject.container.as_deref());
    let text = ports.first().map(|port| pair(port.number)).unwrap_or_default();
    let kind = PromptKind::Forward {
        pod: facts.pod.clone(),
        from: Box::new(subject.object.clone()),
        ports: ports.into(),
    };
    state.overlay = Some(Overlay::Prompt(Prompt::new(kind, &text)));
}

/// The same number on both sides, where an ordinary user may listen on it.
pub fn pair(remote: u16) -> String {
    let local = if remote < 1024 { remote + 8000 } else { remote };
    format!("{local}:{remote}")
}

/// Enter in the prompt.
pub fn ports_typed(state: &mut State, text: &str, pod: ObjectRef, from: ObjectRef) -> Vec<Effect> {
    let Some(action) = crate::registry::action("pod.forward") else {
        return Vec::new();
    };
    let (local, remote) = match read_ports(text) {
        Ok(ports) => ports,
        Err(why) => {
            crate::app::update::typing::set_error(state, Some(why.into()));
            return Vec::new();
        }
    };
    state.overlay = None;
    let number = next_action(state);
    let aim = Aim {
        action: number,
        pod,
        container: None,
        size: size(state),
        remote,
        local,
    };
    let from = Some(from).filter(|from| from.resource != "pods");
    state.streams.ready = Some(Ready { action, aim, from });
    Vec::new()
}

/// `local:remote`, `:remote` or `0:remote` for a free local port, `port` for the same on both sides.
fn read_ports(text: &str) -> Result<(u16, u16), &'static str> {
    const HOW: &str = "LOCAL:REMOTE, like 8080:80; 0:80 takes a free port";
    let number = |text: &str| text.trim().parse::<u16>().map_err(|_| HOW);
    let (local, remote) = match text.split_once(':') {
        Some((local, remote)) if local.trim().is_empty() => (0, number(remote)?),
        Some((local, remote)) => (number(local)?, number(remote)?),
        None => (number(text)?, number(text)?),
    };
    if remote == 0 { Err(HOW) } else { Ok((local, remote)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_written_as_kubectl_has_them() {
        assert_eq!(read_ports("8080:80"), Ok((8080, 80)));
        assert_eq!(read_ports(":80"), Ok((0, 80)));
        assert_eq!(read_ports("0:80"), Ok((0, 80)));
        assert_eq!(read_ports("5432"), Ok((5432, 5432)));
        for wrong in ["", "80:", "a:80", "80:0", "70000:80", "1:2:3"] {
            assert!(read_ports(wrong).is_err(), "{wrong}");
        }
        assert_eq!((pair(80), pair(8080)), ("8080:80".into(), "8080:8080".into()));
    }
}
