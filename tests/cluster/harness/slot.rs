//! A slot of the machine: the ports, names and addresses that one rig has for
//! itself, so that several run side by side.

use std::net::{Ipv4Addr, TcpListener};

/// More rigs than any machine would hold at once.
pub const SLOTS: u16 = 16;

/// Below the range from which the system picks ports by itself.
const FIRST_PORT: u16 = 23000;

#[derive(Clone, Copy, Debug)]
pub struct Slot(pub u16);

#[derive(Clone, Copy, Debug)]
pub enum Port {
    ApiServer,
    Etcd,
    EtcdPeer,
    ControllerManager,
    Scheduler,
    Metrics,
    Kubelet,
}

impl Slot {
    pub fn port(self, port: Port) -> u16 {
        FIRST_PORT + self.0 * 20 + port as u16
    }

    /// Name of the bridge and of the control group.
    pub fn bridge(self) -> String {
        format!("kglass-rig{}", self.0)
    }

    pub fn cgroup(self) -> String {
        format!("kglass-rig-{}", self.0)
    }

    pub fn subnet(self) -> String {
        format!("10.213.{}.0/24", self.0)
    }

    /// What the API server tells clients of itself; nothing listens there, but
    /// it must be told something on a machine without a default route.
    pub fn advertised(self) -> String {
        format!("10.213.{}.1", self.0)
    }

    /// A port held by a stranger must not be shared: an API server joins
    /// whichever etcd answers.
    pub fn has_free_ports(self) -> bool {
        (Port::ApiServer as u16..=Port::Kubelet as u16)
            .all(|offset| TcpListener::bind((Ipv4Addr::LOCALHOST, FIRST_PORT + self.0 * 20 + offset)).is_ok())
    }
}
