//! Transition tests: (State, Msg) → (State, Effects), without mocks and without waiting. A `Stage`
//! plays the world: it sends facts with times of its own and keeps the effects.

mod asking;
mod browsing;
mod commands;
mod confirming;
mod connecting;
mod describe;
mod draining;
mod ending;
mod going;
mod guiding;
mod helping;
mod logs;
mod replaying;
mod restricted;
mod rows;
mod shells;
mod streaming;
mod ticking;
mod usage;
mod yaml;

use std::sync::Arc;

use super::update;
use crate::app::{Effect, Fact, Key, LogsScreen, Msg, Overlay, ReadId, Screen, Start, State, TableScreen, YamlScreen};
use crate::cluster::{Catalog, EndpointFacts, Freshness, Query, Reading};
use crate::config::{Keymap, Settings};
use crate::escalation::{Enforced, Grant, Offers, Policy};
use crate::model::{Cell, Column, ColumnKind, Moment, Row, RowData, Snapshot, SortKey, TermSafe};
use crate::registry::well_known;

pub const START: Moment = Moment {
    boot_ms: 1_000_000,
    wall_ms: 1_790_000_000_000,
};

pub struct Stage {
    pub state: State,
    pub now: Moment,
    /// Of the last fact.
    pub effects: Vec<Effect>,
}

impl Stage {
    /// Before any context is open.
    pub fn dark() -> Self {
        Self::started(Start::default())
    }

    pub fn started(start: Start) -> Self {
        let state = State::new(Start {
            keymap: Arc::new(Keymap::built_in()),
            settings: Arc::new(Settings::default()),
            width: 120,
            height: 40,
            now: START,
            ..start
        });
        Self {
            state,
            now: START,
            effects: Vec::new(),
        }
    }

    /// In `prod`, namespace `shop`, kinds known, looking at three pods.
    pub fn with_pods() -> Self {
        let mut stage = Self::dark();
        stage.connect();
        stage.rows(vec![
            pod("cart-1", "1/1", "Running", 300),
            pod("checkout-1", "0/1", "CrashLoopBackOff", 60),
            pod("ledger-0", "1/1", "Running", 900),
        ]);
        stage
    }

    pub fn connect(&mut self) {
        self.fact(Fact::Contexts {
            names: vec!["prod".into(), "test".into()].into(),
            current: "prod".into(),
        });
        self.fact(Fact::Connected(facts("prod")));
        let discovery = self.read_of(|query| *query == Query::Discovery);
        self.fact(Fact::Offers(Arc::new(offers())));
        self.reading(discovery, Reading::Discovered(Arc::new(catalog())));
    }

    pub fn fact(&mut self, fact: Fact) -> &[Effect] {
        let msg = Msg { at: self.now, fact };
        self.effects = update(&mut self.state, None, msg);
        &self.effects
    }

    /// Keys parted by blanks, each half a second after the one before.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.wait(500);
            self.key(key);
        }
        self
    }

    /// One key, now.
    pub fn key(&mut self, key: &str) -> &[Effect] {
        let key: Key = key.parse().expect("a key of a test");
        self.fact(Fact::Key { key, burst: false })
    }

    /// Text, character by character.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.wait(100);
            self.fact(Fact::Key {
                key: Key::char(c),
                burst: false,
            });
        }
        self
    }

    /// `:` line and Enter.
    pub fn command(&mut self, line: &str) -> &mut Self {
        self.press(":").type_text(line).press("enter")
    }

    pub fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.plus_ms(ms);
        self
    }

    pub fn tick(&mut self) -> &[Effect] {
        self.fact(Fact::Tick)
    }

    pub fn reading(&mut self, id: ReadId, reading: Reading) -> &[Effect] {
        self.fact(Fact::Reading { id, reading })
    }

    /// New rows for the table that is seen.
    pub fn rows(&mut self, rows: Vec<Row>) -> &[Effect] {
        self.snapshot(snapshot(rows))
    }

    pub fn snapshot(&mut self, snapshot: Snapshot) -> &[Effect] {
        let id = self.current_read();
        self.reading(id, Reading::Freshness(Freshness::Live));
        self.reading(id, Reading::Rows(snapshot))
    }

    pub fn current_read(&self) -> ReadId {
        self.screen().read().expect("the screen reads")
    }

    pub fn screen(&self) -> &Screen {
        self.state.screens.current().expect("a screen is open")
    }

    pub fn table(&self) -> &TableScreen {
        match self.screen() {
            Screen::Table(table) => table,
            other => panic!("not a table: {}", other.title()),
        }
    }

    pub fn yaml_screen(&self) -> &YamlScreen {
        match self.screen() {
            Screen::Yaml(yaml) => yaml,
            other => panic!("not YAML: {}", other.title()),
        }
    }

    pub fn logs_screen(&self) -> &LogsScreen {
        match self.screen() {
            Screen::Logs(logs) => logs,
            other => panic!("no log: {}", other.title()),
        }
    }

    /// Names in the order shown.
    pub fn shown(&self) -> Vec<String> {
        let table = self.table();
        let rows = (0..table.shown.len()).filter_map(|index| table.row(index));
        rows.map(|row| row.name.to_string()).collect()
    }

    pub fn cursor_name(&self) -> String {
        self.table()
            .cursor_line()
            .expect("a row under the cursor")
            .name
            .to_string()
    }

    pub fn said(&self) -> &str {
        self.state
            .messages
            .newest()
            .map(|m| m.text.as_str())
            .unwrap_or_default()
    }

    /// The read among the last effects whose query fits.
    pub fn read_of(&self, fits: impl Fn(&Query) -> bool) -> ReadId {
        let read = self.effects.iter().find_map(|effect| match effect {
            Effect::Read(id, query) if fits(query) => Some(*id),
            _ => None,
        });
        read.unwrap_or_else(|| panic!("no such read in {:?}", self.effects))
    }

    pub fn queries(&self) -> Vec<&Query> {
        let queries = self.effects.iter().filter_map(|effect| match effect {
            Effect::Read(_, query) => Some(query),
            _ => None,
        });
        queries.collect()
    }

    pub fn stopped(&self) -> Vec<ReadId> {
        let stopped = self.effects.iter().filter_map(|effect| match effect {
            Effect::StopRead(id) => Some(*id),
            _ => None,
        });
        stopped.collect()
    }

    pub fn break_glass(&mut self, seconds: u64) -> &mut Self {
        let grant = grant(self.now, seconds);
        self.fact(Fact::Granted(grant));
        self
    }

    pub fn has_overlay(&self) -> bool {
        self.state.overlay.is_some()
    }

    pub fn confirm_box(&self) -> &crate::app::Confirm {
        match &self.state.overlay {
            Some(Overlay::Confirm(confirm)) => confirm,
            other => panic!("no confirmation: {other:?}"),
        }
    }

    pub fn prompt(&self) -> &crate::app::Prompt {
        match &self.state.overlay {
            Some(Overlay::Prompt(prompt)) => prompt,
            other => panic!("no prompt: {other:?}"),
        }
    }
}

pub fn facts(context: &str) -> Arc<EndpointFacts> {
    Arc::new(EndpointFacts {
        context: context.into(),
        cluster: context.into(),
        namespace: Some("shop".into()),
        ..EndpointFacts::default()
    })
}

pub fn catalog() -> Catalog {
    let known = [
        "pods",
        "deployments",
        "nodes",
        "namespaces",
        "services",
        "cronjobs",
        "customresourcedefinitions",
    ];
    let mut resources: Vec<_> = known.iter().filter_map(|name| well_known(name)).map(Arc::new).collect();
    let mut claims = well_known("pods").expect("pods are known");
    claims.gvk.kind = "PersistentVolumeClaim".into();
    claims.plural = "persistentvolumeclaims".into();
    claims.singular = "persistentvolumeclaim".into();
    claims.short_names = vec!["pvc".into()];
    claims.subresources.clear();
    resources.push(Arc::new(claims));
    Catalog {
        resources,
        server_version: "v1.36.2".into(),
        failed_groups: Vec::new(),
    }
}

/// Of a policy with one role that everybody may have for ten minutes, in `shop` or `web`.
pub fn offers() -> Offers {
    let text = r#"
version = 1
audience = "https://kubernetes.default.svc.cluster.local"
remote_required = "none"
minimum_reason = 20
warnings = ["5m", "2m", "1m", "10s"]
[ticket]
pattern = "^[A-Z][A-Z0-9]*-[0-9]+$"
example = "INC-4711"
[triggers]
manual = ["customer impact", "planned maintenance"]
incident = "^INC-[0-9]+$"
[roles.operator]
about = "change workloads"
namespaces = ["web", "shop"]
max_ttl = "10m"
requesters = { groups = ["oncall"] }
self_approve = true
rules = [{ groups = [""], resources = ["pods"], verbs = ["get", "list", "delete"] }]
"#;
    let policy = Policy::parse(text, "test").expect("the policy of the tests");
    policy.offers("alice", &["oncall".into()], true)
}

pub fn grant(now: Moment, seconds: u64) -> Grant {
    Grant {
        session: "abcdefghijklmnop".into(),
        context: "prod".into(),
        role: "operator".into(),
        namespace: Some("shop".into()),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops".into(),
        identity: "system:serviceaccount:kglass-system:operator--shop".into(),
        approved_by: "alice".into(),
        enforced: Enforced::Server,
        kept: "kept on this machine only".into(),
        rights: Arc::default(),
        granted_at: now,
        deadline: now.plus_ms(seconds * 1000),
    }
}

fn text(text: &str) -> Cell {
    Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    }
}

/// A pod of `shop`, so many seconds old, owned by `ReplicaSet/<name without its number>`.
pub fn pod(name: &str, ready: &str, status: &str, age_s: i64) -> Row {
    pod_version(name, ready, status, age_s, "1")
}

pub fn pod_version(name: &str, ready: &str, status: &str, age_s: i64, version: &str) -> Row {
    let created = START.wall_ms - age_s * 1000;
    let owner = name.rsplit_once('-').map_or(name, |(owner, _)| owner);
    Row(Arc::new(RowData {
        uid: Some(format!("uid-{name}").into()),
        namespace: Some("shop".into()),
        name: name.into(),
        resource_version: Some(version.into()),
        created_ms: Some(created),
        deleting: false,
        owner: Some(format!("ReplicaSet/{owner}").into()),
        cells: vec![
            text(name),
            text(ready),
            text(status),
            Cell {
                sort: SortKey::Number(0.0),
                ..text("0")
            },
            Cell {
                text: TermSafe::default(),
                sort: SortKey::Time(created),
                since_ms: Some(created),
            },
        ]
        .into(),
    }))
}

pub fn columns() -> Arc<[Column]> {
    let column = |name: &str, kind| Column {
        name: TermSafe::new(name),
        kind,
        wide: false,
    };
    [
        column("NAME", ColumnKind::Text),
        column("READY", ColumnKind::Text),
        column("STATUS", ColumnKind::Text),
        column("RESTARTS", ColumnKind::Number),
        column("AGE", ColumnKind::Age),
    ]
    .into()
}

pub fn snapshot(rows: Vec<Row>) -> Snapshot {
    Snapshot {
        resource: Arc::new(well_known("pods").expect("pods are known")),
        columns: columns(),
        rows: rows.into(),
        complete: true,
    }
}

/// Rows of another kind, with the columns of pods.
pub fn snapshot_of(kind: &str, rows: Vec<Row>) -> Snapshot {
    Snapshot {
        resource: catalog().find(kind).cloned().expect("a kind of the tests"),
        ..snapshot(rows)
    }
}
