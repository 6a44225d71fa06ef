//! Jobs, and what makes them.

use serde_json::Value;

use super::line::{Span, Tone};
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
    duration(page, object, (started, ended));
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

/// Until it was done or had failed; a run that goes on has its age.
fn duration(page: &mut Page, job: &Value, (started, ended): (&str, &str)) {
    let Some(from) = millis(started) else { return };
    let failed = list(job, "/status/conditions").iter().find(|condition| {
        matches!(text(condition, "/type"), "Failed" | "FailureTarget") && text(condition, "/status") == "True"
    });
    let failed_at = failed.and_then(|condition| millis(text(condition, "/lastTransitionTime")));
    match (millis(ended), failed_at) {
        (Some(to), _) => page.fact("Duration", &in_words((to - from) / 1000)),
        (None, Some(to)) => page.fact("Duration", &format!("{}, then it failed", in_words((to - from) / 1000))),
        (None, None) => page.spans("Duration", vec![Span::age(from, 6), Span::new(" so far", Tone::Text)]),
    }
}

/// As kubectl shortens it.
fn in_words(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 && seconds % 60 != 0 {
        format!("{minutes}m{}s", seconds % 60)
    } else if hours < 3 {
        format!("{minutes}m")
    } else if hours < 8 && minutes % 60 != 0 {
        format!("{hours}h{}m", minutes % 60)
    } else if hours < 48 {
        format!("{hours}h")
    } else {
        format!("{}d", hours / 24)
    }
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
