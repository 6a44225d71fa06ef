//! One running Kubernetes: where it is, who may come, and how to ask it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::ClientConfig;
use serde_json::Value;

use super::{
    binary::{RigBinary, require},
    connection::{Connection, Reply, trust},
    control_plane, metrics, node,
    options::Options,
    people,
    request::Request,
    slot::{Port, Slot},
    supervisor::Supervisor,
    wait,
};

/// Dropping it ends everything, and returns when nothing is left.
pub struct Rig {
    supervisor: Supervisor,
    binary: RigBinary,
    options: Options,
    ca_pem: String,
    trust: Arc<ClientConfig>,
}

impl Rig {
    /// A rig of one's own. Ask `require()` first; panics with the logs' last lines.
    #[track_caller]
    pub fn start(options: Options) -> Rig {
        let binary = require().expect("tests ask harness::require() before they start a rig");
        Self::try_start(binary, options).expect("the rig starts")
    }

    /// The one rig, with a node, that the tests of a binary share: a namespace
    /// each. It ends with the process, through the supervisor's pipe.
    #[track_caller]
    pub fn shared() -> &'static Rig {
        static SHARED: OnceLock<Rig> = OnceLock::new();
        SHARED.get_or_init(|| Rig::start(Options::node()))
    }

    fn try_start(binary: RigBinary, mut options: Options) -> io::Result<Rig> {
        options.node |= options.metrics;
        let supervisor = Supervisor::start()?;
        supervisor.define("pki", &format!("exec '{}' pki pki", binary.path().display()))?;
        supervisor.run_command("pki")?;
        control_plane::write_files(supervisor.folder(), &options)?;
        let ca_pem = fs::read_to_string(supervisor.folder().join("pki/ca.crt"))?;
        let rig = Rig {
            supervisor,
            binary,
            options,
            trust: trust(&ca_pem)?,
            ca_pem,
        };
        people::write_kubeconfigs(rig.folder(), &rig.server_url(), &rig.ca_pem)?;
        control_plane::start(&rig)?;
        if rig.options.node {
            node::start(&rig)?;
        }
        if rig.options.metrics {
            metrics::start(&rig)?;
        }
        Ok(rig)
    }

    pub fn slot(&self) -> Slot {
        self.supervisor.slot()
    }

    /// Everything of the rig is below this: `logs/`, `pki/`, `kubeconfig/`.
    pub fn folder(&self) -> &Path {
        self.supervisor.folder()
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    pub fn binary(&self) -> &RigBinary {
        &self.binary
    }

    pub fn server_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.slot().port(Port::ApiServer))
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    #[track_caller]
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        self.kubeconfig_of(&[user])
    }

    /// One file with a context per user, named after them; the first is current.
    #[track_caller]
    pub fn kubeconfig_of(&self, users: &[&str]) -> PathBuf {
        people::write_kubeconfig(self.folder(), &self.server_url(), &self.ca_pem, users)
            .expect("the rig's folder can be written to")
    }

    /// A connection that stays open.
    pub fn connect(&self) -> io::Result<Connection> {
        Connection::open(self.trust.clone(), self.slot().port(Port::ApiServer))
    }

    /// One request on a connection of its own.
    pub fn send(&self, request: &Request) -> io::Result<Reply> {
        self.connect()?.send(request)
    }

    /// The usual case of `send`; panics where the server does not answer at all.
    #[track_caller]
    pub fn http(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Reply {
        let mut request = Request::new(method, path);
        if let Some(token) = token {
            request = request.token(token);
        }
        if let Some(body) = body {
            request = if method == "PATCH" {
                request.merge_patch(body)
            } else {
                request.json(body)
            };
        }
        self.send(&request)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }
}

#[allow(
    clippy::unused_self,
    reason = "asked of a rig, so that tests need not know what depends on it"
)]
impl Rig {
    pub fn busybox_image(&self) -> &'static str {
        super::fixtures::BUSYBOX
    }

    /// admin, viewer, oncall, lead, mona, norights; and outsider, whom the server does not know.
    pub fn token(&self, user: &str) -> String {
        people::token(user)
    }

    #[track_caller]
    pub fn wait(&self, what: &str, limit: Duration, is_so: impl FnMut() -> bool) {
        wait::wait(what, limit, is_so);
    }

    #[track_caller]
    pub fn wait_for<T>(&self, what: &str, limit: Duration, find: impl FnMut() -> Option<T>) -> T {
        wait::wait_for(what, limit, find)
    }
}
