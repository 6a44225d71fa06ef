//! CPU and memory from a real metrics-server, through the reading transport; and what is told where
//! it refuses.

use std::time::{Duration, Instant};

use kglass::cluster::{Query, ReadErrorKind, Reader, Reading, Usage, UsageOf, UsageQuery};
use kglass::model::ObjectRef;

use super::{Read, catalog, object, reader};
use crate::harness::{self, Options, Rig, Shop};

async fn answer(reader: &Reader, query: &UsageQuery) -> Result<Usage, kglass::cluster::ReadError> {
    Read::start(reader, Query::Usage(query.clone()))
        .find("an answer", |reading| match reading {
            Reading::Usage(usage) => Some(Ok((**usage).clone())),
            Reading::Failed(error) => Some(Err(error.clone())),
            _ => None,
        })
        .await
}

async fn query(reader: &Reader, plural: &str, of: UsageOf, bounds: Vec<ObjectRef>) -> UsageQuery {
    let kind = format!("{plural}.metrics.k8s.io");
    // Its API service is there before it answers.
    let started = Instant::now();
    loop {
        if let Some(resource) = catalog(reader).await.find(&kind).cloned() {
            return UsageQuery { resource, of, bounds };
        }
        assert!(started.elapsed() < Duration::from_secs(90), "no {kind}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn pods_and_nodes_are_measured_and_a_refusal_is_told() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options {
        metrics: true,
        ..Options::node()
    });
    let namespace = rig.namespace("usage");
    Shop::open(&rig, &namespace);
    let admin = reader(&rig, "admin").await;
    let pods = rig.kubectl_ok(
        "admin",
        &["-n", &namespace, "get", "pods", "-l", "app=web", "-o", "name"],
    );
    let pod = pods
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("pod/"))
        .expect("a pod");
    let pod = object("", "Pod", "pods", &namespace, pod);
    let of = UsageOf::Whole {
        namespace: Some(namespace.to_string()),
    };
    let whole = query(&admin, "pods", of, vec![pod.clone()]).await;
    let started = Instant::now();
    let usage = loop {
        match answer(&admin, &whole).await {
            Ok(usage) if usage.used.iter().any(|used| used.name == pod.name) => break usage,
            _ => assert!(started.elapsed() < Duration::from_secs(90), "no numbers of {pod}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let used = usage
        .used
        .iter()
        .find(|used| used.name == pod.name)
        .expect("seen above");
    assert!(used.memory > 100_000.0 && used.memory < 1e9, "{used:?}");
    assert!((0.0..2.0).contains(&used.cpu), "{used:?}");
    let (_, bounds) = &usage.bounds[0];
    assert_eq!(
        (bounds.cpu_request, bounds.memory_request),
        (Some(0.01), Some(8.0 * 1024.0 * 1024.0))
    );
    assert_eq!(bounds.cpu_limit, None);
    println!(
        "{} of {} pods measured; {}: {used:?} of {bounds:?}",
        usage.used.len(),
        3,
        pod.name
    );

    let each = UsageQuery {
        of: UsageOf::Each(vec![pod.clone()]),
        bounds: Vec::new(),
        ..whole.clone()
    };
    assert_eq!(answer(&admin, &each).await.expect("one by one").used.len(), 1);
    let nodes = query(&admin, "nodes", UsageOf::Whole { namespace: None }, Vec::new()).await;
    let nodes = answer(&admin, &nodes).await.expect("the node").used;
    assert!(nodes[0].memory > 1e8, "{nodes:?}");

    let refused = answer(&reader(&rig, "norights").await, &whole)
        .await
        .expect_err("no rights");
    assert_eq!(refused.kind, ReadErrorKind::Forbidden, "{refused}");
    println!("norights is told: {refused}");
}
