//! Keys, `update`, Reader, gate and server together: with a live escalation a confirmed key becomes
//! a `Mutation` that the gate carries out; without one the same keys build nothing at all.

use std::sync::Arc;
use std::time::Duration;

use kglass::app::{Effect, Fact, Key, Msg, Overlay, ReadId, Screen, Start, State, update};
use kglass::cluster::{Endpoint, Reader, Reading};
use kglass::config::{Keymap, Settings};
use kglass::embedded::seed;
use kglass::escalation::{EndReason, Escalation, Mutation};
use kglass::model::Moment;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::task::JoinSet;

use super::stage::Stage;

/// A program without a terminal: State, the reads that it asked for, and what else it wanted.
struct Cockpit {
    state: State,
    now: Moment,
    reader: Reader,
    reads: JoinSet<()>,
    tell: UnboundedSender<(ReadId, Reading)>,
    told: UnboundedReceiver<(ReadId, Reading)>,
    mutations: Vec<Mutation>,
}

impl Cockpit {
    async fn open(stage: &Stage) -> Self {
        let endpoint = stage
            .server
            .endpoint(seed::ONCALL)
            .with_facts(|f| f.namespace = Some("shop".into()));
        let now = Moment {
            boot_ms: 1_000_000,
            wall_ms: 1_790_000_000_000,
        };
        let (tell, told) = unbounded_channel();
        let mut cockpit = Self {
            state: State::new(Start {
                keymap: Arc::new(Keymap::built_in()),
                settings: Arc::new(Settings::default()),
                width: 120,
                height: 40,
                now,
                ..Start::default()
            }),
            now,
            reader: Reader::connect(&endpoint).await.expect("in-process"),
            reads: JoinSet::new(),
            tell,
            told,
            mutations: Vec::new(),
        };
        let names = vec!["embedded".to_owned()].into();
        cockpit.fact(
            None,
            Fact::Contexts {
                names,
                current: "embedded".into(),
            },
        );
        cockpit.fact(None, Fact::Connected(Arc::new(endpoint.facts().clone())));
        cockpit.until("pods are seen", |state| row_count(state) == 8).await;
        cockpit
    }

    fn fact(&mut self, authority: Option<&Escalation>, fact: Fact) {
        let msg = Msg { at: self.now, fact };
        for effect in update(&mut self.state, authority, msg) {
            match effect {
                Effect::Read(id, query) => {
                    let (reader, tell) = (self.reader.clone(), self.tell.clone());
                    self.reads.spawn(async move {
                        let (sender, mut readings) = channel(16);
                        let forward = async {
                            while let Some(reading) = readings.recv().await {
                                drop(tell.send((id, reading)));
                            }
                        };
                        tokio::join!(reader.run(query, sender), forward);
                    });
                }
                Effect::Mutate(mutation) => self.mutations.push(mutation),
                _ => {}
            }
        }
    }

    async fn until(&mut self, what: &str, holds: impl Fn(&State) -> bool) {
        while !holds(&self.state) {
            let next = tokio::time::timeout(Duration::from_secs(20), self.told.recv()).await;
            let (id, reading) = next
                .unwrap_or_else(|_| panic!("waiting until {what}"))
                .expect("kept open");
            self.fact(None, Fact::Reading { id, reading });
        }
    }

    /// Keys parted by blanks, half a second after each other.
    fn press(&mut self, authority: Option<&Escalation>, keys: &str) {
        for key in keys.split(' ') {
            self.now = self.now.plus_ms(500);
            let key: Key = key.parse().expect("a key");
            self.fact(authority, Fact::Key { key, burst: false });
        }
    }

    fn said(&self) -> String {
        self.state
            .messages
            .newest()
            .map(|m| m.text.as_str().to_owned())
            .unwrap_or_default()
    }
}

fn row_count(state: &State) -> usize {
    match state.screens.current() {
        Some(Screen::Table(table)) => table
            .snapshot
            .as_ref()
            .filter(|s| s.complete)
            .map_or(0, |s| s.rows.len()),
        _ => 0,
    }
}

fn shows(state: &State, name: &str) -> bool {
    match state.screens.current() {
        Some(Screen::Table(table)) => table
            .snapshot
            .as_ref()
            .is_some_and(|s| s.rows.len() == 8 && s.rows.iter().any(|row| &*row.name == name)),
        _ => false,
    }
}

const DELETE: &str = "ctrl-d tab enter";

#[tokio::test]
async fn the_same_keys_build_a_mutation_with_the_authority_and_nothing_without() {
    let stage = Stage::new();
    let mut cockpit = Cockpit::open(&stage).await;
    cockpit.press(None, "ctrl-d");
    assert!(cockpit.mutations.is_empty() && cockpit.state.overlay.is_none());
    assert!(cockpit.said().contains("glass"), "{}", cockpit.said());

    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    cockpit.fact(None, Fact::Granted(live.grant().clone()));
    cockpit.now = cockpit.now.plus_ms(2000);
    // The screen believes that the glass is broken; nobody lends it the authority.
    cockpit.press(None, "ctrl-d");
    assert!(
        matches!(cockpit.state.overlay, Some(Overlay::Confirm(_))),
        "{}",
        cockpit.said()
    );
    cockpit.press(None, "tab enter");
    assert!(cockpit.mutations.is_empty(), "State alone must not be able to write");
    assert!(cockpit.said().contains("not sent"), "{}", cockpit.said());

    cockpit.press(Some(&live), DELETE);
    assert_eq!(cockpit.mutations.len(), 1, "{}", cockpit.said());
    let mutation = cockpit.mutations.remove(0);
    let before = stage.server.names("pods", "shop");
    oncall.gate.execute(mutation).await.expect("sent");
    let deletes: Vec<_> = stage.changes().into_iter().filter(|c| c.1 == "delete pods").collect();
    assert_eq!(
        deletes,
        [(
            "system:serviceaccount:kglass-system:restarter".into(),
            "delete pods".into(),
            200
        )]
    );
    stage.server.clock().advance(Duration::from_secs(5));
    let after = stage.server.names("pods", "shop");
    let new: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(new.len(), 1, "its controller made another: {after:?}");
    cockpit
        .until("the base identity's watch shows it", |state| shows(state, new[0]))
        .await;

    let ended = oncall.gate.end(live, EndReason::Operator).await;
    cockpit.fact(None, Fact::Ending);
    cockpit.fact(None, Fact::Ended(ended));
    cockpit.now = cockpit.now.plus_ms(2000);
    cockpit.press(None, "ctrl-d");
    assert!(
        cockpit.mutations.is_empty() && cockpit.state.overlay.is_none(),
        "{}",
        cockpit.said()
    );
}

#[tokio::test]
async fn browsing_sends_nothing_but_reads_and_self_reviews() {
    let stage = Stage::new();
    let mut cockpit = Cockpit::open(&stage).await;
    cockpit.press(None, "y");
    cockpit
        .until("the YAML is seen", |s| {
            matches!(s.screens.current(), Some(Screen::Yaml(_)))
        })
        .await;
    cockpit.press(None, "esc ctrl-d ctrl-k");
    let changes = stage.changes();
    assert!(changes.is_empty(), "{changes:?}");
    let events = stage.server.audit_events();
    assert!(events.iter().any(|e| e.verb == "watch") && events.iter().any(|e| e.act().contains("selfsubject")));
    assert!(
        events.iter().all(|e| e.username == "oncall"),
        "only the base identity spoke"
    );
}
