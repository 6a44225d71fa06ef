//! Every view as it is on the demo's cluster: the same `update`, the real reader, an API server in
//! this process. Seed and clock are fixed, so that the screens are.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use kglass::app::{Effect, Fact, Key, Msg, ReadId, Screen, Start, State, TableScreen, update};
use kglass::cluster::{Endpoint, Freshness, Query, Reader, Reading};
use kglass::config::{Keymap, Settings};
use kglass::embedded::shop::{CONTEXT, Opened, Shop};
use kglass::escalation::Policy;
use kglass::model::Moment;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{LARGE, MIDDLE, SMALL, dump, sized};

/// 2025-11-24 02:33:00 UTC; before any machine's clock on which this runs, see `shop`.
const NOW: Moment = Moment {
    boot_ms: 5_000_000,
    wall_ms: 1_763_951_580_000,
};
const PATIENCE: Duration = Duration::from_secs(60);

fn policy() -> Policy {
    let policy = kglass::escalation::BUILT_IN.replace("\"default\"", "\"shop\"");
    Policy::parse(&policy, "tests").expect("the built-in policy is good")
}

/// One shop for all screens: nobody changes it, and its clock stands. The reader's clock does not,
/// so that times which a server sends in words (`4m ago`) lie in the future and are 0 s here.
fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let policy = policy();
        let still_at_ms = Some(NOW.wall_ms);
        Shop::open(&policy, Opened { seed: 1, still_at_ms })
    })
}

/// Every request that has arrived was answered.
fn is_answered() -> bool {
    let requests = shop().server().audit_events();
    requests.iter().all(|request| request.status != 0)
}

/// The program without terminal and gate.
struct Desk {
    state: State,
    runtime: Runtime,
    reader: Reader,
    mail: mpsc::UnboundedSender<(ReadId, Reading)>,
    post: mpsc::UnboundedReceiver<(ReadId, Reading)>,
    reads: Vec<(ReadId, AbortHandle)>,
}

impl Desk {
    fn open((width, height): (u16, u16), with_card: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let endpoint = shop().operator();
        let reader = runtime.block_on(Reader::connect(&endpoint)).expect("the shop is open");
        let (mail, post) = mpsc::unbounded_channel();
        let mut desk = Self {
            state: State::new(Start {
                keymap: Arc::new(Keymap::built_in()),
                settings: Arc::new(Settings::default()),
                namespace: Some("shop".into()),
                command: Some("pods".into()),
                guide: with_card.then(Shop::guide),
                width,
                height,
                now: NOW,
                ..Start::default()
            }),
            runtime,
            reader,
            mail,
            post,
            reads: Vec::new(),
        };
        desk.tell(Fact::Contexts {
            names: [CONTEXT].map(String::from).into(),
            current: CONTEXT.into(),
        });
        desk.tell(Fact::Connected(Arc::new(endpoint.facts().clone())));
        desk.until("connected", |state| {
            state.connection.rights.is_some() && state.connection.catalog.is_some()
        });
        desk.until_rows("checkout-");
        desk
    }

    fn tell(&mut self, fact: Fact) {
        let at = self.state.now;
        for effect in update(&mut self.state, None, Msg { at, fact }) {
            match effect {
                Effect::Read(id, query) => self.read(id, query),
                Effect::StopRead(id) => self
                    .reads
                    .iter()
                    .filter(|(of, _)| *of == id)
                    .for_each(|(_, task)| task.abort()),
                Effect::Offers => {
                    let offers = policy().offers("alice", &["oncall".into()], true);
                    self.tell(Fact::Offers(Arc::new(offers)));
                }
                _ => {}
            }
        }
    }

    fn read(&mut self, id: ReadId, query: Query) {
        let (reader, mail) = (self.reader.clone(), self.mail.clone());
        let task = self.runtime.spawn(async move {
            let (out, mut readings) = mpsc::channel(4);
            let forward = async {
                while let Some(reading) = readings.recv().await {
                    // A reading that comes after the test has ended is nobody's.
                    let _ = mail.send((id, reading));
                }
            };
            tokio::join!(reader.run(query, out), forward);
        });
        self.reads.push((id, task.abort_handle()));
    }

    /// Takes readings until the state is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&State) -> bool) {
        while !wanted(&self.state) {
            let next = self
                .runtime
                .block_on(async { tokio::time::timeout(PATIENCE, self.post.recv()).await });
            let Ok(Some((id, reading))) = next else {
                panic!("waited for {what}:\n{}", dump::dump(&self.state));
            };
            self.tell(Fact::Reading { id, reading });
        }
        self.settle();
    }

    /// What is on its way in the same breath: usage beside rows, a warning at the bottom. On a busy
    /// machine an answer takes its time, so it is quiet only when the server owes none.
    fn settle(&mut self) {
        let quiet = Duration::from_millis(700);
        let until = Instant::now() + PATIENCE;
        loop {
            let next = self
                .runtime
                .block_on(async { tokio::time::timeout(quiet, self.post.recv()).await });
            match next {
                Ok(Some((id, reading))) => self.tell(Fact::Reading { id, reading }),
                _ if is_answered() => return,
                _ => assert!(Instant::now() < until, "the server owes an answer for {PATIENCE:?}"),
            }
        }
    }

    fn until_rows(&mut self, name: &str) {
        let there = |table: &TableScreen| {
            let rows = table.snapshot.iter().flat_map(|snapshot| snapshot.rows.iter());
            let freshness = matches!(table.freshness, Freshness::Live | Freshness::Refreshed { .. });
            freshness && rows.into_iter().any(|row| row.name.starts_with(name))
        };
        self.until(
            name,
            |state| matches!(state.screens.current(), Some(Screen::Table(table)) if there(table)),
        );
    }

    fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.state.now = self.state.now.plus_ms(400);
            let key: Key = key.parse().expect("a key");
            self.tell(Fact::Key { key, burst: false });
        }
        self.state.now = NOW;
    }

    fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.state.now = self.state.now.plus_ms(100);
            let key = Key::char(c);
            self.tell(Fact::Key { key, burst: false });
        }
    }

    fn command(&mut self, line: &str) {
        self.press(&[":"]);
        self.write(line);
        self.press(&["enter"]);
    }

    /// A kind, with one of its rows.
    fn kind(&mut self, line: &str, row: &str) {
        self.command(line);
        self.until_rows(row);
    }

    /// The cursor on a pod.
    fn find(&mut self, name: &str) {
        self.press(&["/"]);
        self.write(name);
        self.press(&["enter"]);
        self.until_rows(name);
    }

    fn accept(&mut self, name: &str, size: (u16, u16)) {
        // What is measured is asked for at a tick.
        self.tell(Fact::Tick);
        self.settle();
        self.state.now = NOW;
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/view"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_input_file();
        settings.bind(|| insta::assert_snapshot!(sized(name, size), dump::dump(&self.state)));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.reads.iter().for_each(|(_, task)| task.abort());
    }
}

fn at_each_size(with_card: bool, see: impl Fn(&mut Desk, (u16, u16))) {
    for size in [SMALL, MIDDLE, LARGE] {
        see(&mut Desk::open(size, with_card), size);
    }
}

#[test]
fn workloads_of_the_shop() {
    at_each_size(false, |desk, size| {
        desk.accept("shop__pods", size);
        desk.kind("deploy", "checkout");
        desk.accept("shop__deployments", size);
        desk.kind("sts", "ledger");
        desk.accept("shop__statefulsets", size);
        desk.kind("ds all", "cni-node");
        desk.accept("shop__daemonsets", size);
        desk.kind("jobs all", "nightly-report");
        desk.accept("shop__jobs", size);
        desk.kind("cj all", "stock-sync");
        desk.accept("shop__cronjobs", size);
        desk.kind("hpa shop", "catalog");
        desk.accept("shop__autoscalers", size);
        desk.kind("pods all", "indexer");
        desk.accept("shop__all_pods", size);
    });
}

#[test]
fn the_cluster_around_it() {
    at_each_size(false, |desk, size| {
        desk.kind("nodes", "node-e");
        desk.accept("shop__nodes", size);
        desk.kind("ns", "shop");
        desk.accept("shop__namespaces", size);
        desk.kind("pvc all", "archive");
        desk.accept("shop__claims", size);
        desk.kind("svc shop", "checkout");
        desk.accept("shop__services", size);
        desk.kind("ing shop", "shop");
        desk.accept("shop__ingresses", size);
        desk.kind("promo shop", "black-friday");
        desk.accept("shop__promotions", size);
        desk.kind("events shop", "checkout");
        desk.accept("shop__events", size);
        desk.kind("secrets shop", "ledger-credentials");
        desk.accept("shop__secrets", size);
        desk.command("secrets payments");
        desk.until(
            "the refusal",
            |state| matches!(state.screens.current(), Some(Screen::Table(table)) if table.error.is_some()),
        );
        desk.accept("shop__secrets_forbidden", size);
    });
}

#[test]
fn one_pod_from_every_side() {
    at_each_size(false, |desk, size| {
        desk.find("checkout");
        desk.press(&["l"]);
        desk.until("the log", |state| log_lines(state) >= 4);
        desk.accept("shop__log_of_the_sick", size);
        desk.press(&["esc", "d"]);
        desk.until("the description", |state| {
            matches!(state.screens.current(), Some(Screen::Describe(_)))
        });
        desk.accept("shop__described", size);
        desk.press(&["esc", "y"]);
        desk.until(
            "the object",
            |state| matches!(state.screens.current(), Some(Screen::Yaml(yaml)) if !yaml.lines.is_empty()),
        );
        desk.accept("shop__yaml", size);
        desk.press(&["esc", "enter"]);
        desk.until_rows("checkout");
        desk.accept("shop__containers", size);
    });
}

/// The description of the row under the cursor, with what belongs to it.
fn describe(desk: &mut Desk, name: &str) {
    desk.find(name);
    desk.press(&["d"]);
    desk.until(
        "the description",
        |state| matches!(state.screens.current(), Some(Screen::Describe(it)) if it.events.is_some() && it.related.is_some()),
    );
}

#[test]
fn what_belongs_to_an_object_stands_in_its_description() {
    at_each_size(false, |desk, size| {
        for (line, name, snapshot) in [
            ("svc shop", "checkout", "shop__described_service"),
            ("pvc shop", "data-ledger", "shop__described_claim"),
            ("nodes", "node-b", "shop__described_node"),
            ("deploy", "checkout", "shop__described_deployment"),
        ] {
            desk.kind(line, name);
            describe(desk, name);
            desk.press(&["G"]);
            desk.accept(snapshot, size);
            desk.press(&["esc"]);
        }
    });
}

#[test]
fn the_log_of_the_cause() {
    at_each_size(false, |desk, size| {
        desk.find("ledger");
        desk.press(&["l"]);
        desk.until("the log", |state| log_lines(state) >= 400);
        desk.accept("shop__log_of_the_cause", size);
    });
}

#[test]
fn the_card_of_the_demo_covers_nothing() {
    at_each_size(true, |desk, size| {
        desk.accept("demo__first", size);
        desk.find("checkout");
        desk.press(&["l"]);
        desk.until("the log", |state| log_lines(state) >= 4);
        desk.accept("demo__log", size);
        desk.press(&["esc", "esc", "!"]);
        desk.accept("demo__asking", size);
        desk.press(&["esc", "?"]);
        desk.accept("demo__keys", size);
    });
}

#[test]
fn the_card_says_all_of_each_task_at_every_size() {
    for (width, height) in [SMALL, MIDDLE, LARGE] {
        let mut desk = Desk::open((width, height), true);
        loop {
            let guide = desk.state.guide.as_mut().expect("the demo has a card");
            guide.session = Some("abcdefghijklmnop".into());
            let said = guide.task().map_or(guide.farewell, |task| task.text);
            let is_last = guide.task().is_none();
            let shown = dump::dump(&desk.state);
            let card: Vec<&str> = shown
                .lines()
                .skip_while(|line| !line.starts_with("─ demo "))
                .skip(1)
                .take(2)
                .collect();
            let words = |text: &str| text.split_whitespace().filter(|word| *word != "▏").count();
            assert_eq!(
                card.iter().map(|line| words(line)).sum::<usize>(),
                words(said),
                "{said}\n{shown}"
            );
            if is_last {
                break;
            }
            let guide = desk.state.guide.as_mut().expect("the demo has a card");
            let tasks = guide.steps.iter_mut().flat_map(|step| &mut step.tasks);
            tasks
                .filter(|task| !task.done)
                .take(1)
                .for_each(|task| task.done = true);
        }
    }
}

fn log_lines(state: &State) -> usize {
    match state.screens.current() {
        Some(Screen::Logs(logs)) => logs.buffer.lines.len(),
        _ => 0,
    }
}
