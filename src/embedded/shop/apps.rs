//! Who runs in the shop's cluster, as a table. What each of them is made of is in `build`.

/// One application: a workload with all that belongs to it.
pub(super) struct App {
    pub namespace: &'static str,
    pub name: &'static str,
    pub form: Form,
    pub replicas: u32,
    /// Without the registry.
    pub image: &'static str,
    /// Millicores: requested, and used on an ordinary day.
    pub cpu: (u32, u32),
    /// MiB: requested, limit, and used on an ordinary day.
    pub memory: (u32, u32, u32),
    /// 0: listens to nobody.
    pub port: u16,
    /// When its present version was rolled out, and when it was first installed.
    pub rolled_out_minutes: i64,
    pub age_days: i64,
    /// Its pods keep files that go with them.
    pub has_scratch: bool,
    /// Settings of its container.
    pub env: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Deployment,
    /// With a volume of so many GiB for each pod.
    StatefulSet(u32),
    DaemonSet,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

const fn app(namespace: &'static str, name: &'static str, image: &'static str) -> App {
    App {
        namespace,
        name,
        form: Form::Deployment,
        replicas: 2,
        image,
        cpu: (100, 40),
        memory: (128, 256, 90),
        port: 8080,
        rolled_out_minutes: 3 * DAY,
        age_days: 210,
        has_scratch: false,
        env: &[],
    }
}

impl App {
    const fn replicas(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }

    const fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    const fn uses(mut self, cpu: (u32, u32), memory: (u32, u32, u32)) -> Self {
        self.cpu = cpu;
        self.memory = memory;
        self
    }

    const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    const fn since(mut self, rolled_out_minutes: i64) -> Self {
        self.rolled_out_minutes = rolled_out_minutes;
        self
    }

    const fn with_scratch(mut self) -> Self {
        self.has_scratch = true;
        self
    }

    const fn env(mut self, env: &'static [(&'static str, &'static str)]) -> Self {
        self.env = env;
        self
    }

    /// `Deployment`, as a manifest spells it.
    pub fn kind(&self) -> &'static str {
        match self.form {
            Form::Deployment => "Deployment",
            Form::StatefulSet(_) => "StatefulSet",
            Form::DaemonSet => "DaemonSet",
        }
    }
}

pub(super) fn find(namespace: &str, name: &str) -> Option<&'static App> {
    APPS.iter().find(|app| app.namespace == namespace && app.name == name)
}

/// The one that cannot work, and the one that is why.
pub(super) const SICK: &str = "checkout";
pub(super) const CAUSE: &str = "ledger";
/// Minutes since the rollout that began it.
pub(super) const TROUBLE_MINUTES: i64 = 22;

/// The sick one before that rollout.
pub(super) const BEFORE: App = app("shop", SICK, "shop/checkout:2.3.7")
    .replicas(3)
    .uses((150, 60), (192, 256, 140))
    .since(12 * DAY)
    .env(CHECKOUT);

const CHECKOUT: &[(&str, &str)] = &[
    ("LEDGER_ADDR", "ledger.shop.svc:7000"),
    ("LEDGER_POOL_SIZE", "30"),
    ("LOG_LEVEL", "info"),
];

pub(super) const APPS: &[App] = &[
    app("shop", "web", "shop/web:5.12.1").uses((100, 34), (128, 256, 118)),
    app("shop", "cart", "shop/cart:3.4.0").replicas(3).since(9 * DAY),
    app("shop", "catalog", "shop/catalog:8.1.3")
        .replicas(6)
        .uses((200, 186), (256, 384, 241))
        .since(5 * DAY),
    app("shop", SICK, "shop/checkout:2.4.0")
        .replicas(3)
        .uses((150, 60), (192, 256, 140))
        .since(TROUBLE_MINUTES)
        .env(CHECKOUT),
    app("shop", CAUSE, "shop/ledger:4.2.1")
        .form(Form::StatefulSet(20))
        .replicas(1)
        .uses((250, 12), (512, 768, 612))
        .port(7000)
        .since(9 * DAY)
        .env(&[("MAX_CLIENTS", "100")]),
    app("shop", "sessions", "valkey:8.1")
        .form(Form::StatefulSet(4))
        .replicas(1)
        .port(6379)
        .since(41 * DAY),
    app("shop", "recommender", "shop/recommender:0.19.4").uses((300, 140), (512, 1024, 690)),
    app("shop", "mailer", "shop/mailer:1.9.0")
        .replicas(1)
        .port(0)
        .since(30 * DAY),
    app("shop", "image-resizer", "shop/image-resizer:2.2.2")
        .uses((200, 75), (256, 512, 180))
        .with_scratch(),
    app("payments", "gateway", "pay/gateway:6.0.2").since(12 * DAY),
    app("payments", "fraud-score", "pay/fraud-score:1.31.0")
        .replicas(1)
        .uses((500, 320), (1024, 2048, 1310)),
    app("payments", "receipts", "pay/receipts:2.0.7")
        .replicas(1)
        .since(19 * DAY),
    app("search", "elastic", "elasticsearch:9.2.1")
        .form(Form::StatefulSet(100))
        .replicas(3)
        .uses((500, 410), (4096, 4096, 3480))
        .port(9200)
        .since(60 * DAY),
    app("search", "api", "search/api:4.4.4").since(2 * DAY),
    // Its second pod asks for more memory than any node has left.
    app("search", "indexer", "search/indexer:2.7.0")
        .uses((400, 260), (18_432, 24_576, 11_900))
        .port(0)
        .since(47),
    app("monitoring", "prometheus", "prometheus:v3.9.1")
        .form(Form::StatefulSet(50))
        .replicas(1)
        .uses((400, 230), (2048, 3072, 2210))
        .port(9090)
        .since(33 * DAY),
    app("monitoring", "alertmanager", "alertmanager:v0.31.0")
        .form(Form::StatefulSet(1))
        .port(9093)
        .since(33 * DAY),
    app("monitoring", "grafana", "grafana:13.0.2")
        .replicas(1)
        .port(3000)
        .since(26 * DAY),
    app("monitoring", "kube-state-metrics", "kube-state-metrics:v2.18.0")
        .replicas(1)
        .since(33 * DAY),
    app("monitoring", "node-exporter", "node-exporter:v1.11.1")
        .form(Form::DaemonSet)
        .uses((50, 9), (32, 64, 21))
        .port(9100)
        .since(33 * DAY),
    app("edge", "ingress-nginx", "ingress-nginx:v1.15.0")
        .uses((200, 88), (256, 512, 210))
        .port(443)
        .since(14 * DAY),
    app("edge", "cert-manager", "cert-manager:v1.20.0")
        .replicas(1)
        .since(50 * DAY),
    app("kube-system", "coredns", "coredns:v1.14.0")
        .port(53)
        .since(50 * DAY),
    app("kube-system", "metrics-server", "metrics-server:v0.9.0")
        .replicas(1)
        .port(443)
        .since(50 * DAY),
    app("kube-system", "kube-proxy", "kube-proxy:v1.36.2")
        .form(Form::DaemonSet)
        .uses((50, 6), (64, 128, 38))
        .port(0)
        .since(50 * DAY),
    app("kube-system", "cni-node", "cni-node:v1.19.3")
        .form(Form::DaemonSet)
        .uses((100, 31), (128, 256, 120))
        .port(0)
        .since(50 * DAY),
];
