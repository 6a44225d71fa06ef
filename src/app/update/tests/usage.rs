//! CPU and memory beside the rows: who is asked about and how often, and what comes of it.

use std::sync::Arc;

use super::{Stage, pod, snapshot};
use crate::app::{Effect, ReadId, UsageColumn};
use crate::cluster::{Bounds, Query, ReadError, ReadErrorKind, Reading, Usage, UsageOf, UsageQuery, Used};
use crate::model::{ApiResource, Gvk, ObjectRef};

/// The server has the metrics API.
fn metered() -> Stage {
    let mut stage = Stage::with_pods();
    let mut catalog = super::catalog();
    for plural in ["pods", "nodes"] {
        catalog.resources.push(Arc::new(ApiResource {
            gvk: Gvk::new("metrics.k8s.io", "v1beta1", "Metrics"),
            plural: plural.into(),
            namespaced: plural == "pods",
            ..ApiResource::default()
        }));
    }
    stage.state.connection.catalog = Some(Arc::new(catalog));
    stage
}

fn asked(stage: &Stage) -> Option<(ReadId, UsageQuery)> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Read(id, Query::Usage(query)) => Some((*id, query.clone())),
        _ => None,
    })
}

fn used(name: &str, cpu: f64, memory: f64) -> Used {
    Used {
        namespace: Some("shop".into()),
        name: name.into(),
        cpu,
        memory,
    }
}

fn answer(stage: &mut Stage, id: ReadId, used: Vec<Used>, bounds: Vec<(ObjectRef, Bounds)>) {
    stage.reading(id, Reading::Usage(Arc::new(Usage { used, bounds })));
    stage.reading(id, Reading::Ended);
}

#[test]
fn a_small_table_is_measured_whole_and_its_bounds_are_read_once() {
    let mut stage = metered();
    stage.tick();
    let (id, query) = asked(&stage).expect("a question");
    let of = UsageOf::Whole {
        namespace: Some("shop".into()),
    };
    assert_eq!((query.of, query.bounds.len()), (of, 3));
    let limit = Bounds {
        memory_limit: Some(100.0),
        ..Bounds::default()
    };
    answer(
        &mut stage,
        id,
        vec![used("cart-1", 0.003, 50.0), used("ledger-0", 0.012, 90.0)],
        vec![(query.bounds[0].clone(), limit)],
    );
    let table = stage.table();
    let row = table.row(0).expect("cart-1");
    assert_eq!(table.usage.value(UsageColumn::Cpu, row), Some(0.003));
    assert_eq!(table.usage.value(UsageColumn::MemoryOfLimit, row), Some(50.0));
    assert_eq!(table.usage.value(UsageColumn::CpuOfLimit, row), None);
    assert_eq!(
        table.sortable(),
        [
            "NAME", "READY", "STATUS", "RESTARTS", "CPU", "MEM", "%CPU/R", "%CPU/L", "%MEM/R", "%MEM/L", "AGE"
        ]
    );
    stage.wait(5_000).tick();
    assert!(asked(&stage).is_none(), "not again so soon");
    stage.wait(11_000).tick();
    let (_, query) = asked(&stage).expect("the next question");
    assert!(
        query.bounds.is_empty(),
        "also those that could not be read are not asked for again"
    );
    stage.wait(60_000).tick();
    assert!(asked(&stage).is_none(), "one question at a time");
}

#[test]
fn who_uses_most_stands_first() {
    let mut stage = metered();
    stage.tick();
    let (id, _) = asked(&stage).expect("a question");
    answer(
        &mut stage,
        id,
        vec![used("cart-1", 0.003, 9.0), used("ledger-0", 0.012, 1.0)],
        Vec::new(),
    );
    stage.press("shift-c");
    assert_eq!(stage.shown(), ["ledger-0", "cart-1", "checkout-1"]);
    stage.press("shift-m");
    assert_eq!(stage.shown(), ["cart-1", "ledger-0", "checkout-1"]);
    stage.press("shift-m");
    assert_eq!(stage.shown(), ["checkout-1", "ledger-0", "cart-1"]);
}

#[test]
fn of_a_large_table_only_the_rows_that_are_seen_are_asked_about() {
    let mut stage = metered();
    let many = (0..2000)
        .map(|n| pod(&format!("web-{n:04}"), "1/1", "Running", 300))
        .collect();
    stage.snapshot(snapshot(many));
    stage.tick();
    let (id, query) = asked(&stage).expect("a question");
    let UsageOf::Each(objects) = &query.of else {
        panic!("all of it is asked for");
    };
    assert_eq!(objects.len(), stage.state.body_height());
    answer(&mut stage, id, vec![used("web-0000", 0.1, 1.0)], Vec::new());
    stage.press("shift-c");
    assert!(
        stage
            .said()
            .contains("of 2000 rows only those on the screen are measured"),
        "nobody can say who uses most, and it is said why: {}",
        stage.said()
    );
    // Other rows come into sight.
    stage.press("G").wait(2_000).tick();
    let (_, query) = asked(&stage).expect("a question about them");
    assert!(matches!(query.of, UsageOf::Each(objects) if objects.iter().any(|object| object.name == "web-1999")));
}

#[test]
fn without_the_metrics_api_nothing_is_asked_and_a_refusal_is_told_once() {
    let mut stage = Stage::with_pods();
    stage.tick();
    assert!(asked(&stage).is_none());
    let mut stage = metered();
    stage.tick();
    let (id, _) = asked(&stage).expect("a question");
    let refused = |kind| {
        Reading::Failed(ReadError {
            kind,
            cause: "list pods.metrics.k8s.io: no".into(),
            cure: "ask for it".into(),
            retrying: false,
        })
    };
    stage.reading(id, refused(ReadErrorKind::Other));
    stage.reading(id, Reading::Ended);
    assert_eq!(stage.said(), "", "it may pass");
    stage.wait(16_000).tick();
    let (id, _) = asked(&stage).expect("another question");
    stage.reading(id, refused(ReadErrorKind::Forbidden));
    stage.reading(id, Reading::Ended);
    assert!(
        stage.said().contains("CPU and memory are not shown"),
        "{}",
        stage.said()
    );
    assert!(stage.table().usage_columns().is_empty());
    stage.wait(60_000).tick();
    assert!(asked(&stage).is_none());
}
