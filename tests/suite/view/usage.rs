//! CPU and memory beside the rows.

use std::sync::Arc;

use kglass::cluster::{Bounds, Catalog, Freshness, Query, Reading, Usage, Used};
use kglass::model::ColumnKind::{Age, Text};
use kglass::model::{ApiResource, Gvk, ObjectRef};
use kglass::registry::{Kind, known_kinds};

use super::fixture::{SECOND, World, age, column, row, shop_pods, snapshot, text};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

const MIB: f64 = 1024.0 * 1024.0;

/// The server has the metrics API.
fn metered(size: (u16, u16)) -> World {
    let mut world = World::with_pods(size.0, size.1);
    let metrics = ["pods", "nodes"].map(|plural| ApiResource {
        gvk: Gvk::new("metrics.k8s.io", "v1beta1", "Metrics"),
        plural: plural.into(),
        namespaced: plural == "pods",
        ..ApiResource::default()
    });
    let kinds = known_kinds().iter().map(Kind::resource).chain(metrics);
    let catalog = Catalog {
        resources: kinds.map(Arc::new).collect(),
        server_version: "v1.36.2".into(),
        failed_groups: Vec::new(),
    };
    world.answer(
        |query| matches!(query, Query::Discovery),
        Reading::Discovered(Arc::new(catalog)),
    );
    world
}

fn answer(world: &mut World, used: Vec<Used>, bounds: Vec<(ObjectRef, Bounds)>) {
    world.tick(SECOND);
    let usage = Usage { used, bounds };
    world.answer(
        |query| matches!(query, Query::Usage(_)),
        Reading::Usage(Arc::new(usage)),
    );
}

fn object(namespace: Option<&str>, name: &str) -> ObjectRef {
    ObjectRef {
        namespace: namespace.map(Into::into),
        name: name.into(),
        uid: Some(format!("uid-of-{name}")),
        ..ObjectRef::default()
    }
}

#[test]
fn pods_say_what_they_use_and_of_what() {
    for size in [SMALL, MIDDLE, LARGE] {
        let mut world = metered(size);
        let pods = shop_pods("shop");
        let used = pods.iter().enumerate().filter(|(n, _)| *n != 6).map(|(n, pod)| Used {
            namespace: Some("shop".into()),
            name: pod.name.to_string(),
            cpu: 0.003 * (n * n) as f64,
            memory: 41.0 * MIB * (n + 1) as f64,
        });
        let used = used.collect();
        let bounds = pods.iter().enumerate().map(|(n, pod)| {
            let bounds = Bounds {
                cpu_request: Some(0.1),
                cpu_limit: (n % 2 == 0).then_some(1.0),
                memory_request: Some(64.0 * MIB),
                memory_limit: (n != 1).then_some(256.0 * MIB),
            };
            (object(Some("shop"), &pod.name), bounds)
        });
        answer(&mut world, used, bounds.collect());
        world.press(&["shift-m"]);
        accept(&sized("table__pods_with_usage", size), &world);
    }
}

#[test]
fn nodes_say_how_much_of_them_is_used() {
    let mut world = metered(MIDDLE);
    world.press(&[":"]);
    world.write("nodes");
    world.press(&["enter"]);
    let columns = [
        column("NAME", Text, false),
        column("STATUS", Text, false),
        column("ROLES", Text, false),
        column("AGE", Age, false),
        column("VERSION", Text, false),
    ];
    let node = |name: &str| {
        let cells = vec![
            text(name),
            text("Ready"),
            text("<none>"),
            age(9 * 24 * 3600 * SECOND),
            text("v1.36.2"),
        ];
        row(None, name, None, cells)
    };
    world.rows(snapshot("nodes", columns.into(), vec![node("node-a"), node("node-b")]));
    world.freshness(Freshness::Live);
    let used = |name: &str, cpu, memory| Used {
        namespace: None,
        name: name.into(),
        cpu,
        memory: memory * MIB,
    };
    let whole = Bounds {
        cpu_limit: Some(4.0),
        memory_limit: Some(16_000.0 * MIB),
        ..Bounds::default()
    };
    answer(
        &mut world,
        vec![used("node-a", 0.31, 3_210.0), used("node-b", 3.7, 13_456.0)],
        vec![(object(None, "node-a"), whole), (object(None, "node-b"), whole)],
    );
    accept("table__nodes_with_usage", &world);
}
