//! Actions that open a stream, and those of the screens that show them. A stream is built from the
//! authority, as a write is; without `&Escalation` none of these can be called.

use super::{Action, AppliesTo, Friction, Local, Mode, Run, local};
use crate::escalation::{Escalation, Stream};
use crate::model::Verb;
use crate::registry::Aim;

const MENU: &[Mode] = &[Mode::ShellMenu];

pub const ACTIONS: &[Action] = &[
    Action {
        id: "pod.shell",
        title: "shell",
        doc: "A shell in a container; ends with the escalation.",
        modes: &[Mode::Pods, Mode::Containers],
        run: Run::Stream(shell),
        applies_to: AppliesTo::Shell,
        friction: Friction::None,
        needs: Some((Verb::Create, "exec")),
    },
    Action {
        id: "pod.forward",
        title: "forward",
        doc: "Lead a local port to a pod's, or to a workload's.",
        modes: &[Mode::Pods, Mode::Containers, Mode::Workloads],
        run: Run::Stream(forward),
        applies_to: AppliesTo::Forward,
        friction: Friction::None,
        needs: Some((Verb::Create, "portforward")),
    },
    local(
        "view.forwards",
        &[Mode::Pods, Mode::Containers, Mode::Workloads],
        Local::Forwards,
        "forwards",
        "Show the port-forwards that are open.",
    ),
    local(
        "forward.close",
        &[Mode::Forwards],
        Local::CloseForward,
        "close",
        "Close the port-forward and its connections.",
    ),
    local(
        "shell.menu",
        &[Mode::Shell],
        Local::ShellMenu,
        "menu",
        "The way out of a shell: all other keys go to the remote.",
    ),
    local(
        "shell.close",
        MENU,
        Local::ShellClose,
        "close",
        "Close the shell and go back.",
    ),
    local(
        "shell.send",
        MENU,
        Local::ShellSendKey,
        "send ctrl-]",
        "Send the key of the menu to the remote program.",
    ),
    local(
        "shell.back",
        MENU,
        Local::ShellBack,
        "back to the shell",
        "Leave the menu.",
    ),
];

fn shell(authority: &Escalation, aim: Aim) -> Stream {
    Stream::shell(authority, aim.action, aim.pod, aim.container, aim.size)
}

fn forward(authority: &Escalation, aim: Aim) -> Stream {
    Stream::forward(authority, aim.action, aim.pod, aim.remote, aim.local)
}
