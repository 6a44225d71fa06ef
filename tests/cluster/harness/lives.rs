//! The lives of a rig's components: started, awaited, killed, frozen, restarted.

use std::{
    fmt::Write as _,
    io,
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use super::{component::Component, control_plane, node, rig::Rig, slot::Port, wait};

impl Rig {
    /// Starts a part of the rig's program.
    pub fn launch(&self, component: Component, flags: &[String]) -> io::Result<()> {
        let mut script = format!("exec '{}' {}", self.binary().path().display(), component.name());
        for flag in flags {
            let _ = write!(script, " \\\n  '{flag}'");
        }
        self.launch_command(component, &script)
    }

    pub fn launch_command(&self, component: Component, script: &str) -> io::Result<()> {
        self.supervisor().define(component.name(), script)?;
        self.supervisor().start_command(component.name())
    }

    /// Runs a command to its end within the rig's namespaces.
    pub fn run(&self, name: &str, script: &str) -> io::Result<()> {
        self.supervisor().define(name, script)?;
        self.supervisor().run_command(name)
    }

    pub fn is_alive(&self, component: Component) -> bool {
        self.supervisor().is_alive(component.name())
    }

    /// By SIGKILL, and waits for its end: an API server asked politely drains for a minute.
    #[track_caller]
    pub fn kill(&self, component: Component) {
        self.signal("KILL", component);
    }

    /// Kills what still runs, starts it again and waits until it answers.
    #[track_caller]
    pub fn restart(&self, component: Component) {
        if self.is_alive(component) {
            self.kill(component);
        }
        self.supervisor()
            .start_command(component.name())
            .expect("the supervisor takes orders");
        match component {
            Component::Etcd => {
                let port = self.slot().port(Port::Etcd);
                self.await_port("etcd", component, port, Duration::from_secs(60));
            }
            Component::ApiServer => control_plane::await_apiserver(self),
            Component::Kubelet => node::await_ready(self),
            _ => {}
        }
    }

    /// It keeps its sockets and says nothing.
    #[track_caller]
    pub fn freeze(&self, component: Component) {
        self.signal("STOP", component);
    }

    #[track_caller]
    pub fn thaw(&self, component: Component) {
        self.signal("CONT", component);
    }

    #[track_caller]
    fn signal(&self, signal: &str, component: Component) {
        self.supervisor()
            .signal(signal, component.name())
            .expect("only what runs can be signalled");
    }

    /// Waits for something that only a living component can bring about.
    #[track_caller]
    pub fn await_component(&self, what: &str, component: Component, limit: Duration, mut is_so: impl FnMut() -> bool) {
        let tail = || self.supervisor().log_tail(component.name());
        let is_so = || {
            assert!(self.is_alive(component), "{} ended:\n{}", component.name(), tail());
            is_so()
        };
        let so = wait::is_true_within(limit, is_so);
        assert!(
            so,
            "waited {limit:?} in vain: {what}; {} says:\n{}",
            component.name(),
            tail()
        );
    }

    /// Waits until a component listens; that it lives says that it is itself who does.
    #[track_caller]
    pub fn await_port(&self, what: &str, component: Component, port: u16, limit: Duration) {
        let address = (Ipv4Addr::LOCALHOST, port);
        self.await_component(what, component, limit, || TcpStream::connect(address).is_ok());
    }
}
