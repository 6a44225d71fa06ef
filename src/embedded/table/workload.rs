//! What runs pods: deployments, sets, jobs, and what scales or guards them.

use serde_json::{Value, json};

use super::super::clock::parse_ms;
use super::super::store::text;
use super::age;
use super::column::{Column, at, count, labels, list, or_none, template_columns};

pub(super) fn columns(plural: &str) -> Option<Vec<Column>> {
    let mut columns = vec![Column::name()];
    match plural {
        "deployments" => {
            columns.extend([
                Column::text("Ready", |o, _| of_wanted(o)),
                Column::text("Up-to-date", |o, _| json!(count(o, "/status/updatedReplicas"))),
                Column::text("Available", |o, _| json!(count(o, "/status/availableReplicas"))),
                Column::age(),
            ]);
            columns.extend(template_columns());
        }
        "replicasets" => {
            columns.extend([
                Column::number("Desired", |o, _| json!(count(o, "/spec/replicas"))),
                Column::number("Current", |o, _| json!(count(o, "/status/replicas"))),
                Column::number("Ready", |o, _| json!(count(o, "/status/readyReplicas"))),
                Column::age(),
            ]);
            columns.extend(template_columns());
        }
        "statefulsets" => {
            columns.extend([Column::text("Ready", |o, _| of_wanted(o)), Column::age()]);
            columns.extend(template_columns().into_iter().take(2));
        }
        "daemonsets" => columns.extend(daemonset()),
        "jobs" => columns.extend(job()),
        "cronjobs" => columns.extend(cronjob()),
        "horizontalpodautoscalers" => columns.extend(autoscaler()),
        "poddisruptionbudgets" => columns.extend([
            Column::text("Min Available", |o, _| bound(o, "/spec/minAvailable")),
            Column::text("Max Unavailable", |o, _| bound(o, "/spec/maxUnavailable")),
            Column::number("Allowed Disruptions", |o, _| {
                json!(count(o, "/status/disruptionsAllowed"))
            }),
            Column::age(),
        ]),
        "controllerrevisions" => columns.extend([
            Column::text("Controller", |o, _| {
                let owner = list(o, "/metadata/ownerReferences").find(|r| r["controller"] == json!(true));
                let named = owner.map(|r| {
                    let kind = text(r, "/kind").unwrap_or_default().to_lowercase();
                    let group = text(r, "/apiVersion")
                        .and_then(|v| v.split_once('/'))
                        .map_or("", |(g, _)| g);
                    format!("{kind}.{group}/{}", text(r, "/name").unwrap_or_default())
                });
                or_none(named.as_deref())
            }),
            Column::number("Revision", |o, _| json!(count(o, "/revision"))),
            Column::age(),
        ]),
        _ => return None,
    }
    Some(columns)
}

fn of_wanted(workload: &Value) -> Value {
    let (ready, wanted) = (
        count(workload, "/status/readyReplicas"),
        count(workload, "/spec/replicas"),
    );
    json!(format!("{ready}/{wanted}"))
}

fn daemonset() -> Vec<Column> {
    let mut columns = vec![
        Column::number("Desired", |o, _| json!(count(o, "/status/desiredNumberScheduled"))),
        Column::number("Current", |o, _| json!(count(o, "/status/currentNumberScheduled"))),
        Column::number("Ready", |o, _| json!(count(o, "/status/numberReady"))),
        Column::number("Up-to-date", |o, _| json!(count(o, "/status/updatedNumberScheduled"))),
        Column::number("Available", |o, _| json!(count(o, "/status/numberAvailable"))),
        Column::text("Node Selector", |o, _| {
            json!(labels(o.pointer("/spec/template/spec/nodeSelector")))
        }),
        Column::age(),
    ];
    columns.extend(template_columns());
    columns
}

fn job() -> Vec<Column> {
    let mut columns = vec![
        Column::text("Status", |o, _| json!(job_status(o))),
        Column::text("Completions", |o, _| {
            let done = count(o, "/status/succeeded");
            match o.pointer("/spec/completions").and_then(Value::as_i64) {
                Some(wanted) => json!(format!("{done}/{wanted}")),
                None if count(o, "/spec/parallelism") > 1 => {
                    json!(format!("{done}/1 of {}", count(o, "/spec/parallelism")))
                }
                None => json!(format!("{done}/1")),
            }
        }),
        Column::text("Duration", |o, now| {
            let time = |pointer| text(o, pointer).and_then(parse_ms);
            match (time("/status/startTime"), time("/status/completionTime")) {
                (Some(from), Some(to)) => json!(age::span((to - from) / 1000)),
                (Some(from), None) => json!(age::span((now - from) / 1000)),
                (None, _) => json!(""),
            }
        }),
        Column::age(),
    ];
    columns.extend(template_columns());
    columns
}

fn job_status(job: &Value) -> &'static str {
    let holds = |kind: &str| {
        list(job, "/status/conditions").any(|c| text(c, "/type") == Some(kind) && text(c, "/status") == Some("True"))
    };
    if holds("Complete") {
        return "Complete";
    }
    if holds("Failed") {
        return "Failed";
    }
    let going = text(job, "/metadata/deletionTimestamp").is_some();
    match (
        going,
        holds("Suspended"),
        holds("FailureTarget"),
        holds("SuccessCriteriaMet"),
    ) {
        (true, ..) => "Terminating",
        (_, true, ..) => "Suspended",
        (_, _, true, _) => "FailureTarget",
        (_, _, _, true) => "SuccessCriteriaMet",
        _ => "Running",
    }
}

fn cronjob() -> Vec<Column> {
    let mut columns = vec![
        Column::text("Schedule", |o, _| at(o, "/spec/schedule")),
        Column::text("Timezone", |o, _| or_none(text(o, "/spec/timeZone"))),
        Column::flag("Suspend", |o, _| {
            let suspended = o.pointer("/spec/suspend") == Some(&json!(true));
            json!(if suspended { "True" } else { "False" })
        }),
        Column::number("Active", |o, _| json!(list(o, "/status/active").count())),
        Column::text("Last Schedule", |o, now| match text(o, "/status/lastScheduleTime") {
            Some(_) => json!(age::since(o, "/status/lastScheduleTime", now)),
            None => json!("<none>"),
        }),
        Column::age(),
    ];
    columns.extend(template_columns());
    columns
}

fn bound(budget: &Value, pointer: &str) -> Value {
    match budget.pointer(pointer) {
        Some(Value::String(text)) => json!(text),
        Some(number) => json!(number.to_string()),
        None => json!("N/A"),
    }
}

fn autoscaler() -> Vec<Column> {
    vec![
        Column::text("Reference", |o, _| {
            let part = |p: &str| text(o, p).unwrap_or_default().to_owned();
            json!(format!(
                "{}/{}",
                part("/spec/scaleTargetRef/kind"),
                part("/spec/scaleTargetRef/name")
            ))
        }),
        Column::text("Targets", |o, _| json!(targets(o))),
        Column::text("MinPods", |o, _| match o.pointer("/spec/minReplicas") {
            Some(count) => json!(count.to_string()),
            None => json!("<unset>"),
        }),
        Column::text("MaxPods", |o, _| json!(count(o, "/spec/maxReplicas"))),
        Column::text("Replicas", |o, _| json!(count(o, "/status/currentReplicas"))),
        Column::age(),
    ]
}

fn targets(autoscaler: &Value) -> String {
    let shown: Vec<String> = list(autoscaler, "/spec/metrics")
        .enumerate()
        .map(|(index, metric)| {
            let name = text(metric, "/resource/name").unwrap_or_default();
            let wanted = count(metric, "/resource/target/averageUtilization");
            let present = format!("/status/currentMetrics/{index}/resource/current/averageUtilization");
            match autoscaler.pointer(&present).and_then(Value::as_i64) {
                Some(now) => format!("{name}: {now}%/{wanted}%"),
                None => format!("{name}: <unknown>/{wanted}%"),
            }
        })
        .collect();
    if shown.is_empty() {
        "<none>".to_owned()
    } else {
        shown.join(", ")
    }
}
