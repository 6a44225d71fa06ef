//! Jobs, and what makes them.

use serde_json::Value;

use super::line::Tone;
use super::page::Page;
use super::value::{list, millis, number, selector, shown_at, text, time};
use super::{conditions, pod};

pub fn job(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    spec(page, object, "/spec");
    let (started, ended) = (
        text(object, "/status/startTime"),
        text(object, "/status/completionTime"),
    );
    if !started.is_empty() {
        page.spans("Start Time", time(started));
    }
    if !ended.is_empty() {
        page.spans("Completed At", time(ended));
    }
    if let (Some(from), Some(to)) = (millis(started), millis(ended)) {
        page.fact("Duration", &format!("{}s", (to - from) / 1000));
    }
    let count = |field: &str| number(object, field).unwrap_or(0);
    let failed = count("/status/failed");
    let words = format!(
        "{} Active ({} Ready) / {} Succeeded / {failed} Failed",
        count("/status/active"),
        count("/status/ready"),
        count("/status/succeeded"),
    );
    page.toned("Pods Statuses", &words, if failed > 0 { Tone::Bad } else { Tone::Text });
    conditions::add(page, object);
    pod::template(page, object, "/spec/template");
}

/// What a job and the template of a cron job have in common.
fn spec(page: &mut Page, object: &Value, at: &str) {
    for (key, field) in [
        ("Parallelism", "parallelism"),
        ("Completions", "completions"),
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("Active Deadline Seconds", "activeDeadlineSeconds"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ] {
        page.maybe(key, &shown_at(object, &format!("{at}/{field}")));
    }
}

pub fn cron_job(page: &mut Page, object: &Value) {
    page.fact("Schedule", text(object, "/spec/schedule"));
    page.maybe("Time Zone", text(object, "/spec/timeZone"));
    page.fact("Concurrency Policy", text(object, "/spec/concurrencyPolicy"));
    let suspended = object["spec"]["suspend"] == true;
    page.toned(
        "Suspend",
        if suspended { "True" } else { "False" },
        if suspended { Tone::Pending } else { Tone::Text },
    );
    page.maybe(
        "Successful Job History Limit",
        &shown_at(object, "/spec/successfulJobsHistoryLimit"),
    );
    page.maybe(
        "Failed Job History Limit",
        &shown_at(object, "/spec/failedJobsHistoryLimit"),
    );
    page.maybe(
        "Starting Deadline Seconds",
        &shown_at(object, "/spec/startingDeadlineSeconds"),
    );
    spec(page, object, "/spec/jobTemplate/spec");
    for (key, pointer) in [
        ("Last Schedule Time", "/status/lastScheduleTime"),
        ("Last Successful Time", "/status/lastSuccessfulTime"),
    ] {
        let at = text(object, pointer);
        if !at.is_empty() {
            page.spans(key, time(at));
        }
    }
    page.list(
        "Active Jobs",
        list(object, "/status/active").iter().map(|job| shown_at(job, "/name")),
    );
    pod::template(page, object, "/spec/jobTemplate/spec/template");
}
