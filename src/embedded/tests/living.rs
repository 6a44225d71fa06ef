//! Controllers, kubelets and the world: what happens by itself, in which order, and the same every
//! time.

use super::*;

/// `web` crashes after two seconds, and says a line each second.
struct Crashing;

impl World for Crashing {
    fn fate(&self, run: &Run<'_>) -> Fate {
        match run.container {
            "crash" => Fate::Ends {
                after_ms: 2000,
                exit_code: 2,
            },
            "task" => Fate::Ends {
                after_ms: 3000,
                exit_code: 0,
            },
            _ => Fate::Runs,
        }
    }

    fn line_after(&self, run: &Run<'_>, after_ms: i64) -> Option<LogLine> {
        let at_ms = run.started_ms + ((after_ms - run.started_ms).div_euclid(1000) + 1) * 1000;
        let text = format!(
            "{} #{} line {}",
            run.container,
            run.attempt,
            (at_ms - run.started_ms) / 1000
        );
        Some(LogLine { at_ms, text })
    }
}

const START: i64 = 1_764_000_000_000;

fn living(container: &str) -> EmbeddedServer {
    let server = EmbeddedServer::new();
    server.add_person(ADMIN, "admin", &["system:masters"]);
    server.clock().stand_still_at(START);
    server.set_world(Crashing);
    let node = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
            "status": {"nodeInfo": {"kubeletVersion": "v1.36.2"}},
        })
    };
    let objects = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        node("node-a"),
        node("node-b"),
        deployment("web", container, 2),
    ];
    server.install(&objects).expect("served");
    server
}

fn deployment(name: &str, container: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [
                {"name": container, "image": "registry.invalid/web:1"}]}},
        },
    })
}

fn pods(server: &EmbeddedServer) -> Vec<Value> {
    let names = server.names("pods", "shop");
    names.iter().filter_map(|n| server.object("pods", "shop", n)).collect()
}

fn ready(server: &EmbeddedServer) -> Value {
    server.object("deployments", "shop", "web").expect("there")["status"]["readyReplicas"].clone()
}

#[tokio::test]
async fn a_deployment_makes_its_pods_and_they_become_ready() {
    let server = living("main");
    let made = pods(&server);
    assert_eq!(made.len(), 2);
    assert!(made.iter().all(|p| p["status"]["phase"] == "Pending"));
    assert_eq!(
        made[0]["status"]["containerStatuses"][0]["state"]["waiting"]["reason"],
        "ContainerCreating"
    );
    server.clock().advance(Duration::from_secs(3));
    assert_eq!(ready(&server), 2);
    let nodes: Vec<_> = pods(&server).iter().map(|p| p["spec"]["nodeName"].clone()).collect();
    assert_ne!(nodes[0], nodes[1], "spread over the nodes");
}

#[tokio::test]
async fn a_rollout_replaces_the_pods_and_keeps_the_old_set() {
    let server = living("main");
    server.clock().advance(Duration::from_secs(3));
    let mut admin = Asker::base(&server, ADMIN).await;
    let old: Vec<_> = server.names("pods", "shop");
    let path = "/apis/apps/v1/namespaces/shop/deployments/web";
    let change = json!({"spec": {"template": {"metadata": {"annotations": {"restartedAt": "now"}}}}});
    assert_eq!(admin.ask("PATCH", path, change).await.0, 200);
    assert_eq!(server.names("replicasets", "shop").len(), 2);
    let mut least = 2;
    for _ in 0..80 {
        server.clock().advance(Duration::from_millis(100));
        least = least.min(ready(&server).as_i64().unwrap_or(0));
    }
    assert!(least >= 1, "never without a pod: {least}");
    assert_eq!(ready(&server), 2);
    assert!(server.names("pods", "shop").iter().all(|name| !old.contains(name)));
    let deployment = server.object("deployments", "shop", "web").expect("there");
    assert_eq!(
        deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
        "2"
    );
    let conditions = deployment["status"]["conditions"].as_array().expect("conditions");
    let reasons: Vec<_> = conditions
        .iter()
        .map(|c| c["reason"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(reasons.contains(&"NewReplicaSetAvailable".to_owned()), "{reasons:?}");
}

#[tokio::test]
async fn a_crash_loop_backs_off_longer_each_time_and_tells_it() {
    let server = living("crash");
    server.clock().advance(Duration::from_secs(120));
    let pod = pods(&server).remove(0);
    let status = &pod["status"]["containerStatuses"][0];
    assert_eq!(status["state"]["waiting"]["reason"], "CrashLoopBackOff", "{status}");
    // Starts at about 1, 13, 35 and 77 s.
    assert_eq!(status["restartCount"], 3);
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 2);
    let events = server.names("events", "shop");
    let told: Vec<Value> = events
        .iter()
        .filter_map(|n| server.object("events", "shop", n))
        .collect();
    let back_off = told.iter().find(|e| e["reason"] == "BackOff").expect("told");
    assert_eq!((&back_off["count"], &back_off["type"]), (&json!(4), &json!("Warning")));
}

#[tokio::test]
async fn the_same_seed_and_clock_give_the_same_cluster() {
    let look = |steps: u32| {
        let server = living("crash");
        for _ in 0..steps {
            server.clock().advance(Duration::from_millis(90_000 / u64::from(steps)));
            pods(&server);
        }
        (pods(&server), server.names("events", "shop"))
    };
    let status = |(pods, _): &(Vec<Value>, Vec<String>)| -> Vec<Value> {
        pods.iter().map(|p| p["status"]["containerStatuses"].clone()).collect()
    };
    assert_eq!(look(1), look(1));
    assert_eq!(status(&look(1)), status(&look(30)), "however often somebody looks");
}

#[tokio::test]
async fn a_job_completes_and_a_failing_one_gives_up() {
    let server = living("main");
    let job = |name: &str, container: &str| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"backoffLimit": 1, "template": {"spec": {"restartPolicy": "Never", "containers": [
                {"name": container, "image": "x"}]}}}})
    };
    server
        .install(&[job("good", "task"), job("bad", "crash")])
        .expect("served");
    server.clock().advance(Duration::from_secs(60));
    let end = |name: &str| server.object("jobs", "shop", name).expect("there")["status"]["conditions"][1].clone();
    assert_eq!(
        (&end("good")["type"], &end("good")["reason"]),
        (&json!("Complete"), &json!("CompletionsReached"))
    );
    assert_eq!(
        (&end("bad")["type"], &end("bad")["reason"]),
        (&json!("Failed"), &json!("BackoffLimitExceeded"))
    );
}

#[tokio::test]
async fn a_pod_that_fits_nowhere_waits_and_says_why() {
    let server = living("main");
    server.install(&[deployment("big", "main", 1)]).expect("served");
    let mut admin = Asker::base(&server, ADMIN).await;
    for node in ["node-a", "node-b"] {
        let path = format!("/api/v1/nodes/{node}");
        assert_eq!(
            admin
                .ask("PATCH", &path, json!({"spec": {"unschedulable": true}}))
                .await
                .0,
            200
        );
    }
    let path = "/apis/apps/v1/namespaces/shop/deployments/big/scale";
    assert_eq!(admin.ask("PATCH", path, json!({"spec": {"replicas": 2}})).await.0, 200);
    let waiting = pods(&server)
        .into_iter()
        .find(|p| p["spec"]["nodeName"].is_null())
        .expect("one waits");
    assert_eq!(
        waiting["status"]["conditions"][0]["message"],
        "0/2 nodes are available: 2 node(s) were unschedulable."
    );
    assert_eq!(
        admin
            .ask(
                "PATCH",
                "/api/v1/nodes/node-a",
                json!({"spec": {"unschedulable": null}})
            )
            .await
            .0,
        200
    );
    server.clock().advance(Duration::from_secs(3));
    assert!(pods(&server).iter().all(|p| p["spec"]["nodeName"].is_string()));
}

async fn log(admin: &mut Asker, pod: &str, query: &str) -> (u16, String) {
    let path = format!("/api/v1/namespaces/shop/pods/{pod}/log?{query}");
    let answer = admin
        .send(Request::get(path).body(Body::empty()).expect("well-formed"))
        .await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect_bytes().await.expect("whole");
    (status, String::from_utf8(bytes.to_vec()).expect("text"))
}

#[tokio::test]
async fn logs_are_cut_to_what_was_asked() {
    let server = living("main");
    let mut admin = Asker::base(&server, ADMIN).await;
    let pod = server.names("pods", "shop").remove(0);
    let (status, waiting) = log(&mut admin, &pod, "").await;
    assert_eq!(status, 400);
    assert!(waiting.contains("is waiting to start: ContainerCreating"), "{waiting}");
    server.clock().advance(Duration::from_secs(6));
    let (_, all) = log(&mut admin, &pod, "").await;
    assert!(all.starts_with("main #0 line 0\nmain #0 line 1\n"), "{all}");
    let count = all.lines().count();
    let (_, tail) = log(&mut admin, &pod, "tailLines=2").await;
    let last: Vec<&str> = all.lines().skip(count - 2).collect();
    assert_eq!(tail, format!("{}\n", last.join("\n")));
    let (_, stamped) = log(&mut admin, &pod, "tailLines=1&timestamps=true").await;
    assert!(
        stamped.starts_with("2025-11-24T16:00:0") && stamped.contains("Z main #0 line"),
        "{stamped}"
    );
    assert_eq!(log(&mut admin, &pod, "limitBytes=7").await.1, "main #0");
    assert!(log(&mut admin, &pod, "sinceSeconds=2").await.1.lines().count() <= 3);
    let (status, none) = log(&mut admin, &pod, "previous=true").await;
    assert!(
        status == 400 && none.contains("previous terminated container"),
        "{none}"
    );
    assert_eq!(log(&mut admin, &pod, "container=nope").await.0, 400);
}

#[tokio::test]
async fn a_followed_log_flows_with_the_clock_and_ends_with_the_container() {
    let server = living("crash");
    let mut admin = Asker::base(&server, ADMIN).await;
    let pod = server.names("pods", "shop").remove(0);
    server.clock().advance(Duration::from_millis(1500));
    let path = format!("/api/v1/namespaces/shop/pods/{pod}/log?follow=true");
    let answer = admin
        .send(Request::get(path).body(Body::empty()).expect("well-formed"))
        .await;
    assert_eq!(answer.status(), 200);
    let mut chunks = answer.into_body().into_data_stream();
    let mut said = chunks
        .next()
        .await
        .expect("what was said so far")
        .expect("whole")
        .to_vec();
    assert!(said.starts_with(b"crash #0 line 0\n"));
    server.clock().advance(Duration::from_secs(4));
    while let Some(chunk) = chunks.next().await {
        said.extend(chunk.expect("whole"));
    }
    let all = "crash #0 line 0\ncrash #0 line 1\ncrash #0 line 2\n";
    assert_eq!(
        String::from_utf8_lossy(&said),
        all,
        "to the container's end, and then no more"
    );
    let (_, previous) = log(&mut admin, &pod, "").await;
    assert_eq!(previous, all, "the last run until the next starts");
}
