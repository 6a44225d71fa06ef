//! The smallest runtime: keys in, effects carried out, answers back as messages. Waits for a
//! condition of the State, never for time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kglass::app::{Effect, Fact, Key, Msg, ReadId, Screen, Start, State, update};
use kglass::cluster::{Endpoint, Reader, Reading};
use kglass::config::{Keymap, Settings};
use kglass::embedded::seed;
use kglass::escalation::{Escalation, GateEvent};
use kglass::model::Moment;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::task::JoinHandle;

use crate::suite::gate::stage::{Person, Stage, request};

pub struct Driver {
    pub stage: Stage,
    pub state: State,
    person: Person,
    authority: Option<Escalation>,
    reader: Reader,
    reads: HashMap<ReadId, JoinHandle<()>>,
    answers: UnboundedReceiver<(ReadId, Reading)>,
    answer: UnboundedSender<(ReadId, Reading)>,
    now: Moment,
    /// Errors of the gate, in order.
    pub refusals: Vec<String>,
}

impl Driver {
    /// On-call, looking at the pods of `shop`.
    pub async fn new() -> Self {
        let stage = Stage::new();
        let endpoint = stage.server.endpoint(seed::ONCALL);
        let reader = Reader::connect(&endpoint).await.expect("the server answers");
        let now = Moment {
            boot_ms: 1_000_000,
            wall_ms: 1_790_000_000_000,
        };
        let state = State::new(Start {
            keymap: Arc::new(Keymap::built_in()),
            settings: Arc::new(Settings::default()),
            namespace: Some("shop".into()),
            width: 120,
            height: 40,
            now,
            ..Start::default()
        });
        let (answer, answers) = unbounded_channel();
        let mut driver = Self {
            person: stage.oncall(),
            stage,
            state,
            authority: None,
            reader,
            reads: HashMap::new(),
            answers,
            answer,
            now,
            refusals: Vec::new(),
        };
        driver.fact(Fact::Connected(Arc::new(endpoint.facts().clone()))).await;
        driver.rows().await;
        driver
    }

    pub async fn break_glass(&mut self, role: &str) {
        let live = self.person.gate.ask(request(role)).await.expect("on-call may have it");
        let grant = live.grant().clone();
        self.authority = Some(live);
        self.fact(Fact::Granted(grant)).await;
    }

    /// Takes the authority away without telling the screen: as if it had ended a moment ago.
    pub fn lose_authority(&mut self) {
        self.authority = None;
    }

    pub async fn fact(&mut self, fact: Fact) {
        let msg = Msg { at: self.now, fact };
        for effect in update(&mut self.state, self.authority.as_ref(), msg) {
            self.carry_out(effect).await;
        }
    }

    /// Keys parted by blanks, half a second apart.
    pub async fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.now = self.now.plus_ms(500);
            let key: Key = key.parse().expect("a key of a test");
            self.fact(Fact::Key { key, burst: false }).await;
        }
    }

    pub async fn command(&mut self, line: &str) {
        self.press(":").await;
        for c in line.chars() {
            self.now = self.now.plus_ms(100);
            let key = Key::char(c);
            self.fact(Fact::Key { key, burst: false }).await;
        }
        self.press("enter").await;
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Read(id, query) => {
                let (reader, answer) = (self.reader.clone(), self.answer.clone());
                let (sender, mut readings) = channel(16);
                tokio::spawn(async move {
                    while let Some(reading) = readings.recv().await {
                        if answer.send((id, reading)).is_err() {
                            return;
                        }
                    }
                });
                let read = tokio::spawn(async move { reader.run(query, sender).await });
                self.reads.insert(id, read);
            }
            Effect::StopRead(id) => {
                if let Some(read) = self.reads.remove(&id) {
                    read.abort();
                }
            }
            Effect::Mutate(mutation) => {
                let action = mutation.action();
                let result = self.person.gate.execute(mutation).await;
                for event in self.person.told() {
                    if let GateEvent::Outcome(outcome) = event {
                        Box::pin(self.fact(Fact::Outcome(outcome))).await;
                    }
                }
                if let Err(error) = result {
                    self.refusals.push(error.to_string());
                    let error = error.to_string();
                    Box::pin(self.fact(Fact::WriteRefused { action, error })).await;
                }
            }
            // What else the world may be asked is not needed here.
            _ => {}
        }
    }

    /// Takes answers until the State is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&State) -> bool) {
        let waiting = async {
            while !wanted(&self.state) {
                let (id, reading) = self.answers.recv().await.expect("this end lives");
                self.fact(Fact::Reading { id, reading }).await;
            }
        };
        let done = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        assert!(done.is_ok(), "never came: {what}");
    }

    /// Until the table that is seen is whole.
    pub async fn rows(&mut self) {
        self.until("a whole table", |state| {
            table(state).is_some_and(|t| t.read.is_some() && t.snapshot.as_ref().is_some_and(|s| s.complete))
        })
        .await;
    }

    /// Puts the cursor on the row of this name.
    pub async fn go_to(&mut self, name: &str) {
        self.press("g").await;
        while cursor(&self.state) != Some(name) {
            let before = table(&self.state).map(|t| t.cursor.index);
            self.press("j").await;
            let after = table(&self.state).map(|t| t.cursor.index);
            assert_ne!(before, after, "there is no row {name}");
        }
    }

    pub fn said(&self) -> &str {
        self.state
            .messages
            .newest()
            .map(|m| m.text.as_str())
            .unwrap_or_default()
    }
}

pub fn table(state: &State) -> Option<&kglass::app::TableScreen> {
    match state.screens.current() {
        Some(Screen::Table(table)) => Some(table),
        _ => None,
    }
}

pub fn cursor(state: &State) -> Option<&str> {
    Some(table(state)?.cursor_line()?.name.as_ref())
}
