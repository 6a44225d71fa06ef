//! A grant and the contexts that come and go around it.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::embedded::{EmbeddedServer, seed};
use crate::escalation::{BUILT_IN, EscalationRequest, Trigger, kit};
use crate::runtime::happened;

const PATIENCE: Duration = Duration::from_secs(20);

/// One cluster under every name; opening `slow` takes until the test lets go.
struct Names {
    server: EmbeddedServer,
    slow: Mutex<Receiver<()>>,
}

impl Contexts for Names {
    fn names(&self) -> Vec<String> {
        vec!["near".into(), "slow".into()]
    }

    fn current(&self) -> Option<String> {
        Some("near".into())
    }

    fn open(&self, name: Option<&str>) -> Result<Arc<dyn Endpoint>, ConnectError> {
        if name == Some("slow") {
            let _ = self.slow.lock().unwrap().recv();
        }
        Ok(Arc::new(self.server.endpoint(seed::ONCALL)))
    }
}

struct Stage {
    world: World,
    post: mpsc::Receiver<Happened>,
    server: EmbeddedServer,
    let_go: Sender<()>,
    _state: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let text = BUILT_IN.replace("namespaces = [\"default\"]", "namespaces = [\"shop\"]");
        let policy = Policy::parse(&text, "test").unwrap();
        let server = EmbeddedServer::seeded();
        let kit = kit::generate(&policy, "embedded");
        let objects = [kit.policies, kit.access].map(|text| serde_saphyr::from_multiple::<Value>(&text).unwrap());
        let is_served = |object: &Value| {
            let version = object["apiVersion"].as_str();
            !version.is_some_and(|version| version.starts_with("admissionregistration"))
        };
        let objects: Vec<Value> = objects.into_iter().flatten().filter(is_served).collect();
        server.install(&objects).unwrap();
        let (let_go, slow) = channel();
        let state = tempfile::tempdir().unwrap();
        let resources = Resources {
            contexts: Arc::new(Names {
                server: server.clone(),
                slow: Mutex::new(slow),
            }),
            policy: Some(Arc::new(policy)),
            state_dir: state.path().to_owned(),
            cache_dir: state.path().join("cache"),
        };
        let (mail, post) = happened::channel();
        let mut stage = Self {
            world: World::new(resources, mail),
            post,
            server,
            let_go,
            _state: state,
        };
        stage.world.connect(None);
        assert!(matches!(stage.connected().await, Some(Fact::Connected(_))));
        stage
    }

    /// Waits for what fits; gate events are heard on the way.
    async fn awaited<T>(&mut self, fits: impl Fn(Happened) -> Option<T>) -> T {
        let waiting = async {
            loop {
                match self.post.recv().await.expect("the world lives") {
                    Happened::Gate(event) => drop(self.world.heard(event)),
                    other => {
                        if let Some(found) = fits(other) {
                            return found;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes")
    }

    /// Takes the next context that has come.
    async fn connected(&mut self) -> Option<Fact> {
        let (attempt, facts, connection) = self
            .awaited(|happened| match happened {
                Happened::Connected {
                    attempt,
                    facts,
                    connection,
                } => Some((attempt, facts, connection)),
                _ => None,
            })
            .await;
        self.world.connected(attempt, facts, connection)
    }

    fn ask(&mut self) {
        self.world.execute(Effect::Ask(EscalationRequest {
            trigger: Trigger::Incident("INC-4711".into()),
            ticket: "INC-4711".into(),
            reason: "checkout crash-loops since the rollout".into(),
            role: "restarter".into(),
            namespace: None,
            ttl_seconds: 300,
        }));
    }

    async fn granted(&mut self) {
        let held = self
            .awaited(|happened| match happened {
                Happened::Granted(held) => Some(held),
                Happened::GateDone(fact) => panic!("not granted: {fact:?}"),
                _ => None,
            })
            .await;
        self.world.granted(held);
    }

    fn grants(&self) -> Vec<String> {
        self.server.names("secrets", "kglass-system")
    }
}

/// Waits for what no mail tells.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(what);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_comes_while_a_grant_lives_is_not_taken() {
    let mut stage = Stage::new().await;
    stage.ask();
    stage.granted().await;
    let gate = stage.world.gate().expect("a gate");
    stage.world.connect(Some("near".into()));
    let told = stage.connected().await;
    assert!(
        matches!(&told, Some(Fact::ConnectFailed { error, .. }) if error.contains("end the escalation")),
        "{told:?}"
    );
    assert!(Arc::ptr_eq(&gate, &stage.world.gate().expect("a gate")));
    assert!(stage.world.authority().is_some());
    stage.world.leave(EndReason::Quit).await;
    assert!(stage.grants().is_empty(), "{:?}", stage.grants());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_ends_through_its_own_gate_whatever_context_is_looked_at_by_then() {
    let mut stage = Stage::new().await;
    stage.ask();
    stage.granted().await;
    // As nothing here can do any more; the end must not depend on it.
    stage.world.connection = None;
    stage.world.execute(Effect::End(EndReason::Operator));
    stage.world.leave(EndReason::Quit).await;
    assert!(stage.grants().is_empty(), "{:?}", stage.grants());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_between_a_grant_and_the_loop_that_has_not_seen_it_yet() {
    let mut stage = Stage::new().await;
    stage.ask();
    let held = stage
        .awaited(|happened| match happened {
            Happened::Granted(held) => Some(held),
            _ => None,
        })
        .await;
    stage.world.connect(Some("near".into()));
    let told = stage.connected().await;
    assert!(matches!(told, Some(Fact::ConnectFailed { .. })), "{told:?}");
    stage.world.granted(held);
    stage.world.leave(EndReason::Quit).await;
    assert!(stage.grants().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_gives_up_a_context_that_is_still_being_opened() {
    let mut stage = Stage::new().await;
    stage.world.connect(Some("slow".into()));
    let attempt = stage.world.attempt;
    stage.ask();
    let context = stage
        .awaited(|happened| match happened {
            Happened::Fact(Fact::ConnectFailed { context, .. }) => Some(context),
            _ => None,
        })
        .await;
    assert_eq!(context, "slow");
    assert!(!stage.world.is_awaited(attempt), "what still comes of it is not heard");
    stage.let_go.send(()).unwrap();
    stage.world.leave(EndReason::Quit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_contexts_asked_for_only_the_last_is_taken() {
    let mut stage = Stage::new().await;
    stage.world.connect(Some("slow".into()));
    let first = stage.world.attempt;
    stage.world.connect(Some("near".into()));
    assert!(matches!(stage.connected().await, Some(Fact::Connected(_))));
    assert!(!stage.world.is_awaited(first));
    stage.let_go.send(()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_does_not_wait_for_a_loop_that_reads_no_mail() {
    let mut stage = Stage::new().await;
    stage.ask();
    stage.granted().await;
    for _ in 0..1000 {
        stage.world.post(Happened::Fact(notice("lost")));
    }
    until("the mail is full", || stage.post.len() == stage.post.max_capacity()).await;
    stage.world.execute(Effect::End(EndReason::Expired));
    until("the grant is deleted", || stage.grants().is_empty()).await;
    let began = stage
        .awaited(|happened| match happened {
            Happened::Fact(Fact::Ending) => Some(true),
            Happened::GateDone(_) => Some(false),
            _ => None,
        })
        .await;
    assert!(began, "it is told that the end began before it is told that it is over");
    stage.world.leave(EndReason::Quit).await;
}
