//! CronJobs: a Job at each time of the schedule, and old ones forgotten.

use serde_json::{Value, json};

use super::super::clock::{parse_ms, rfc3339};
use super::super::events::{self, Told};
use super::super::kinds;
use super::super::store::{Key, Store, text};
use super::job;
use super::pods::{self, number};

const MINUTE_MS: i64 = 60_000;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, cron) in pods::all(store, "cronjobs") {
        let before = store.revision();
        if let Some(at) = due_ms(&cron).filter(|at| *at <= now_ms) {
            start(store, &key, &cron, at);
        }
        if let Some(present) = store.get(&key).cloned() {
            tidy(store, &key, &present);
        }
        changed |= store.revision() != before;
    }
    changed
}

/// The first time of the schedule after the last one that was kept.
pub(super) fn due_ms(cron: &Value) -> Option<i64> {
    if cron.pointer("/spec/suspend") == Some(&json!(true)) {
        return None;
    }
    let schedule = Schedule::parse(text(cron, "/spec/schedule")?)?;
    let last = text(cron, "/status/lastScheduleTime").or_else(|| text(cron, "/metadata/creationTimestamp"))?;
    schedule.after(parse_ms(last)?)
}

fn start(store: &mut Store, key: &Key, cron: &Value, at_ms: i64) {
    let template = &cron["spec"]["jobTemplate"];
    let name = format!("{}-{}", key.name, at_ms / MINUTE_MS);
    let mut job = json!({"metadata": template["metadata"], "spec": template["spec"]});
    if !job["metadata"].is_object() {
        job["metadata"] = json!({});
    }
    job["metadata"]["name"] = json!(name);
    job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] = json!(rfc3339(at_ms));
    pods::make(store, "jobs", cron, job, at_ms);
    let mut status = cron["status"].clone();
    status["lastScheduleTime"] = json!(rfc3339(at_ms));
    pods::put_status(store, key, cron, status);
    events::tell(
        store,
        cron,
        None,
        &Told::normal("SuccessfulCreate", format!("Created job {name}")),
        at_ms,
    );
}

/// Active jobs are listed; of ended ones a few are kept.
fn tidy(store: &mut Store, key: &Key, cron: &Value) {
    let jobs = pods::controlled(store, kinds::known("jobs"), cron);
    let mut status = cron["status"].clone();
    let active: Vec<Value> = jobs
        .iter()
        .filter(|(_, j)| !job::ended(j))
        .map(|(key, j)| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "name": key.name, "namespace": key.namespace,
                "uid": j["metadata"]["uid"], "resourceVersion": j["metadata"]["resourceVersion"]})
        })
        .collect();
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|i| text(i, "/name").map(str::to_owned)).collect()
    };
    let succeeded = |j: &Value| number(j, "/status/succeeded") > 0;
    let last = jobs.iter().filter_map(|(_, j)| text(j, "/status/completionTime")).max();
    if let Some(last) = last {
        status["lastSuccessfulTime"] = json!(last);
    }
    let active = json!(active);
    if names(&active) != names(&status["active"]) {
        status["active"] = active;
    }
    pods::put_status(store, key, cron, status);
    for (good, field) in [(true, "successfulJobsHistoryLimit"), (false, "failedJobsHistoryLimit")] {
        let kept = cron["spec"][field].as_u64().unwrap_or(3) as usize;
        let mut old: Vec<&(Key, Value)> = jobs
            .iter()
            .filter(|(_, j)| job::ended(j) && succeeded(j) == good)
            .collect();
        old.sort_by_key(|(_, j)| text(j, "/metadata/creationTimestamp").unwrap_or_default().to_owned());
        for (key, _) in old.iter().take(old.len().saturating_sub(kept)) {
            store.remove(key);
        }
    }
}

/// Minute, hour, day, month, weekday; in each `*`, a number, a list, a range, a step.
struct Schedule([Vec<u32>; 5]);

impl Schedule {
    fn parse(text: &str) -> Option<Self> {
        const BOUNDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let fields: Vec<&str> = match text {
            "@hourly" => vec!["0", "*", "*", "*", "*"],
            "@daily" => vec!["0", "0", "*", "*", "*"],
            _ => text.split_whitespace().collect(),
        };
        let mut all: [Vec<u32>; 5] = Default::default();
        if fields.len() != all.len() {
            return None;
        }
        for (at, (field, bounds)) in fields.iter().zip(BOUNDS).enumerate() {
            all[at] = field_values(field, bounds)?;
        }
        Some(Self(all))
    }

    /// Within a year, or never.
    fn after(&self, ms: i64) -> Option<i64> {
        let mut at = (ms / MINUTE_MS + 1) * MINUTE_MS;
        let last = at + 366 * 24 * 60 * MINUTE_MS;
        while at < last {
            let time = jiff::Timestamp::from_millisecond(at)
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC);
            let weekday = time.weekday().to_sunday_zero_offset() as u32;
            let parts = [
                time.minute() as u32,
                time.hour() as u32,
                time.day() as u32,
                time.month() as u32,
                weekday,
            ];
            if self.0.iter().zip(parts).all(|(values, part)| values.contains(&part)) {
                return Some(at);
            }
            // An hour that does not match need not be looked at minute by minute.
            let hour = self.0[1].contains(&parts[1]);
            at += if hour {
                MINUTE_MS
            } else {
                (60 - i64::from(parts[0])) * MINUTE_MS
            };
        }
        None
    }
}

fn field_values(field: &str, (low, high): (u32, u32)) -> Option<Vec<u32>> {
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|s| *s > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        values.extend((from..=to).step_by(step));
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_of_a_schedule_is_found() {
        let from = parse_ms("2026-11-24T13:07:30Z").expect("a time");
        for (schedule, expected) in [
            ("*/5 * * * *", "2026-11-24T13:10:00Z"),
            ("0 3 * * *", "2026-11-25T03:00:00Z"),
            ("15,45 9-17 * * 1-5", "2026-11-24T13:15:00Z"),
            ("0 0 1 1 *", "2027-01-01T00:00:00Z"),
            ("@hourly", "2026-11-24T14:00:00Z"),
        ] {
            let next = Schedule::parse(schedule).and_then(|s| s.after(from));
            assert_eq!(next.map(rfc3339).as_deref(), Some(expected), "{schedule}");
        }
        assert!(Schedule::parse("every day").is_none());
    }
}
