//! States of a small shop with one sick workload, made from the same messages that the program
//! gets. Time stands still.

use std::sync::Arc;

use kglass::app::{Effect, Fact, Key, Msg, ReadId, Start, State, update};
use kglass::cluster::{BaseRights, Catalog, EndpointFacts, Freshness, Query, Reading, ServerAnswer};
use kglass::config::{Keymap, Settings};
use kglass::escalation::{Enforced, Grant, Policy};
use kglass::model::{ApiResource, Cell, Column, ColumnKind, Moment, Row, RowData, Snapshot, SortKey, TermSafe};
use kglass::registry::{known_kinds, well_known};

/// 2026-11-24 02:15:40 UTC.
pub const NOW: Moment = Moment {
    boot_ms: 5_000_000,
    wall_ms: 1_795_486_540_000,
};
pub const SECOND: u64 = 1000;
pub const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// A state that keeps the reads it asked for, so that answers can be given.
pub struct World {
    pub state: State,
    reads: Vec<(ReadId, Query)>,
}

impl World {
    /// As the program starts: no context is open.
    pub fn started(width: u16, height: u16) -> Self {
        let state = State::new(Start {
            keymap: Arc::new(Keymap::built_in()),
            settings: Arc::new(Settings::default()),
            width,
            height,
            now: NOW,
            ..Start::default()
        });
        Self {
            state,
            reads: Vec::new(),
        }
    }

    /// Connected, the policy known, nothing listed yet.
    pub fn new(width: u16, height: u16) -> Self {
        let mut world = Self::started(width, height);
        world.tell(Fact::Contexts {
            names: ["prod-eu", "prod-us", "staging"].map(String::from).into(),
            current: "prod-eu".into(),
        });
        world.tell(Fact::Connected(Arc::new(EndpointFacts {
            context: "prod-eu".into(),
            cluster: "prod-eu".into(),
            server: "https://192.0.2.1:6443".into(),
            namespace: Some("shop".into()),
            ..EndpointFacts::default()
        })));
        world.answer_rights(ServerAnswer::Refuses);
        let resources = known_kinds().iter().map(|kind| Arc::new(kind.resource())).collect();
        world.answer(
            |query| matches!(query, Query::Discovery),
            Reading::Discovered(Arc::new(Catalog {
                resources,
                server_version: "v1.36.2".into(),
                failed_groups: Vec::new(),
            })),
        );
        let offers = Policy::built_in().offers("alice", &["oncall".into()], true);
        world.tell(Fact::Offers(Arc::new(offers)));
        world
    }

    /// With the pods of the shop listed and watched.
    pub fn with_pods(width: u16, height: u16) -> Self {
        let mut world = Self::new(width, height);
        world.rows(pods("shop"));
        world.freshness(Freshness::Live);
        world
    }

    pub fn tell(&mut self, fact: Fact) {
        self.tell_at(self.state.now, fact);
    }

    pub fn tell_at(&mut self, at: Moment, fact: Fact) {
        for effect in update(&mut self.state, None, Msg { at, fact }) {
            if let Effect::Read(id, query) = effect {
                self.reads.push((id, query));
            }
        }
    }

    /// Presses keys, far enough from each other not to be taken for a held one.
    pub fn press(&mut self, keys: &[&str]) {
        for key in keys {
            let key: Key = key.parse().expect("a key");
            self.later(400);
            self.tell(Fact::Key { key, burst: false });
        }
    }

    /// Types text, one key a character.
    pub fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.later(100);
            self.tell(Fact::Key {
                key: Key::char(c),
                burst: false,
            });
        }
    }

    pub fn later(&mut self, ms: u64) {
        self.state.now = self.state.now.plus_ms(ms);
    }

    pub fn tick(&mut self, ms: u64) {
        self.tell_at(self.state.now.plus_ms(ms), Fact::Tick);
    }

    /// Answers the newest read of this sort.
    pub fn answer(&mut self, which: impl Fn(&Query) -> bool, reading: Reading) {
        let (id, _) = self
            .reads
            .iter()
            .rev()
            .find(|(_, query)| which(query))
            .expect("such a read was asked for");
        let id = *id;
        self.tell(Fact::Reading { id, reading });
    }

    pub fn rows(&mut self, snapshot: Snapshot) {
        self.answer(is_table, Reading::Rows(snapshot));
    }

    pub fn freshness(&mut self, freshness: Freshness) {
        self.answer(is_table, Reading::Freshness(freshness));
    }

    pub fn answer_rights(&mut self, answer: ServerAnswer) {
        self.answer(
            |query| matches!(query, Query::BaseRights),
            Reading::Rights(Arc::new(BaseRights {
                user: "alice".into(),
                groups: vec!["oncall".into()],
                server_version: "v1.36.2".into(),
                answer,
            })),
        );
    }

    /// The glass was broken `passed_ms` ago, for a quarter of an hour.
    pub fn break_glass(&mut self, enforced: Enforced, passed_ms: u64) {
        self.tell(Fact::Granted(grant(self.state.now, enforced)));
        self.tell(Fact::Recorded { count: 7 });
        self.state.messages.dismiss();
        self.tick(passed_ms);
        self.state.messages.dismiss();
    }
}

fn is_table(query: &Query) -> bool {
    matches!(
        query,
        Query::Rows(_) | Query::PodsOf(_) | Query::JobsOf(_) | Query::Containers(_)
    )
}

pub fn grant(at: Moment, enforced: Enforced) -> Grant {
    Grant {
        session: "mfrggzdfmztwq2lk".into(),
        context: "prod-eu".into(),
        role: "namespace-operator".into(),
        namespace: Some("shop".into()),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops since the 02:11 rollout".into(),
        identity: "system:serviceaccount:kglass-system:namespace-operator--shop".into(),
        approved_by: "lead".into(),
        enforced,
        kept: "kept on this machine only".into(),
        rights: [
            "create update patch delete deletecollection pods",
            "create update patch delete deletecollection deployments.apps",
            "update patch deployments/scale.apps",
        ]
        .map(String::from)
        .into(),
        granted_at: at,
        deadline: at.plus_ms(15 * MINUTE),
    }
}

pub fn resource(plural: &str) -> Arc<ApiResource> {
    Arc::new(well_known(plural).expect("a kind of the registry"))
}

pub fn column(name: &str, kind: ColumnKind, wide: bool) -> Column {
    Column {
        name: TermSafe::new(name),
        kind,
        wide,
    }
}

pub fn text(text: &str) -> Cell {
    Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    }
}

pub fn number(value: u32, ago_ms: Option<u64>) -> Cell {
    Cell {
        text: TermSafe::new(&value.to_string()),
        sort: SortKey::Number(value.into()),
        since_ms: ago_ms.map(|ago| NOW.wall_ms - ago as i64),
    }
}

pub fn age(ago_ms: u64) -> Cell {
    let since = NOW.wall_ms - ago_ms as i64;
    Cell {
        text: TermSafe::default(),
        sort: SortKey::Time(since),
        since_ms: Some(since),
    }
}

pub fn row(namespace: Option<&str>, name: &str, owner: Option<&str>, cells: Vec<Cell>) -> Row {
    Row(Arc::new(RowData {
        uid: Some(format!("uid-of-{name}").into()),
        namespace: namespace.map(Into::into),
        name: name.into(),
        resource_version: Some("4711".into()),
        created_ms: None,
        deleting: false,
        owner: owner.map(Into::into),
        cells: cells.into(),
    }))
}

pub fn pod_columns() -> Arc<[Column]> {
    use ColumnKind::{Age, Number, Text};
    [
        column("NAME", Text, false),
        column("READY", Text, false),
        column("STATUS", Text, false),
        column("RESTARTS", Number, false),
        column("AGE", Age, false),
        column("IP", Text, true),
        column("NODE", Text, true),
        column("NOMINATED NODE", Text, true),
        column("READINESS GATES", Text, true),
    ]
    .into()
}

#[expect(clippy::too_many_arguments, reason = "one per column, in the order of the table")]
pub fn pod(
    namespace: &str,
    name: &str,
    ready: &str,
    status: &str,
    restarts: u32,
    restarted: Option<u64>,
    old: u64,
    node: &str,
) -> Row {
    let owner = name.rsplit_once('-').map(|(owner, _)| format!("ReplicaSet/{owner}"));
    row(
        Some(namespace),
        name,
        owner.as_deref(),
        vec![
            text(name),
            text(ready),
            text(status),
            number(restarts, restarted),
            age(old),
            text("10.244.1.17"),
            text(node),
            text("<none>"),
            text("<none>"),
        ],
    )
}

pub fn snapshot(plural: &str, columns: Arc<[Column]>, rows: Vec<Row>) -> Snapshot {
    Snapshot {
        resource: resource(plural),
        columns,
        rows: rows.into(),
        complete: true,
    }
}

pub fn shop_pods(namespace: &str) -> Vec<Row> {
    let pod = |name, ready, status, restarts, restarted, old, node| {
        pod(namespace, name, ready, status, restarts, restarted, old, node)
    };
    vec![
        pod("cart-6c8f7b9d4-5tn24", "1/1", "Running", 0, None, 3 * DAY, "node-a"),
        pod(
            "checkout-74c77f8f7b-6wn6k",
            "0/1",
            "CrashLoopBackOff",
            17,
            Some(41 * SECOND),
            22 * MINUTE,
            "node-b",
        ),
        pod(
            "checkout-74c77f8f7b-bmnpv",
            "0/1",
            "CrashLoopBackOff",
            17,
            Some(12 * SECOND),
            22 * MINUTE,
            "node-a",
        ),
        pod(
            "catalog-import-29410-x8k2p",
            "0/1",
            "Completed",
            0,
            None,
            125 * MINUTE,
            "node-a",
        ),
        pod("ledger-0", "1/1", "Running", 1, Some(6 * DAY), 9 * DAY, "node-a"),
        pod(
            "payments-gateway-with-a-very-long-name-7d9f8b6c5d-q4z7w",
            "1/2",
            "Running",
            3,
            Some(2 * DAY),
            40 * DAY,
            "node-b",
        ),
        pod(
            "search-5d4f6c7b8-vx2lm",
            "0/1",
            "Pending",
            0,
            None,
            95 * SECOND,
            "<none>",
        ),
        pod("web-7f9d5c4b6-x2kqp", "1/1", "Running", 0, None, 800 * DAY, "node-b"),
    ]
}

pub fn pods(namespace: &str) -> Snapshot {
    snapshot("pods", pod_columns(), shop_pods(namespace))
}

pub fn deployments() -> Snapshot {
    use ColumnKind::{Age, Number, Text};
    let columns = [
        column("NAME", Text, false),
        column("READY", Text, false),
        column("UP-TO-DATE", Number, false),
        column("AVAILABLE", Number, false),
        column("AGE", Age, false),
    ]
    .into();
    let deployment = |name: &str, ready: &str, available, old| {
        let cells = vec![
            text(name),
            text(ready),
            number(2, None),
            number(available, None),
            age(old),
        ];
        row(Some("shop"), name, None, cells)
    };
    let rows = vec![
        deployment("cart", "1/1", 1, 3 * DAY),
        deployment("checkout", "0/2", 0, 9 * DAY),
        deployment("web", "3/3", 3, 40 * DAY),
    ];
    snapshot("deployments", columns, rows)
}
