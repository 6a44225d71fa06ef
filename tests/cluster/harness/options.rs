//! What a rig is to have.

/// Start from `Options::default()` (a control plane), `Options::node()` or `Options::scale()`.
#[derive(Clone, Debug)]
pub struct Options {
    /// containerd and a kubelet: pods run.
    pub node: bool,
    /// metrics-server; its first numbers come some 16 s after the start. Implies a node.
    pub metrics: bool,
    /// Controller manager and scheduler. Without them made-up nodes and their pods survive.
    pub controllers: bool,
    pub issuer: String,
    pub audience: String,
    /// Flags added to the API server's, each with its value: `--flag=value`.
    pub apiserver_flags: Vec<String>,
    /// More users beside the usual people: name and groups. The token is `<name>-token`.
    pub users: Vec<(String, Vec<String>)>,
}

impl Default for Options {
    fn default() -> Self {
        let usual = "https://kubernetes.default.svc.cluster.local";
        Options {
            node: false,
            metrics: false,
            controllers: true,
            issuer: usual.to_owned(),
            audience: usual.to_owned(),
            apiserver_flags: Vec::new(),
            users: Vec::new(),
        }
    }
}

impl Options {
    /// A control plane and one node.
    pub fn node() -> Self {
        Options {
            node: true,
            ..Self::default()
        }
    }

    /// API server and etcd alone: ten thousand objects stay as they were made.
    pub fn scale() -> Self {
        Options {
            controllers: false,
            ..Self::default()
        }
    }
}
