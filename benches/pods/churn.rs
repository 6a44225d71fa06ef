//! Pods that change while somebody looks: status patches as kubelets send them, as fast as asked
//! or as the API server takes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::crowd;
use super::harness::{Request, Rig};

/// What is asked for; what was reached is printed.
const UPDATES_PER_SECOND: u32 = 100;

/// Runs `work` while pods change; returns what it gave, and the updates per second that were reached.
pub fn during<T>(rig: &Rig, pods: usize, work: impl FnOnce() -> T) -> (T, f64) {
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let admin = rig.token("admin");
    std::thread::scope(|scope| {
        let start = Instant::now();
        let (stop_it, counted, admin) = (Arc::clone(&stop), Arc::clone(&sent), &admin);
        scope.spawn(move || {
            let mut connection = rig.connect().expect("the API server listens");
            for round in 0_u32.. {
                if stop_it.load(Ordering::Relaxed) {
                    return;
                }
                let number = round as usize * 7919 % pods;
                let path = format!(
                    "/api/v1/namespaces/{}/pods/{}/status",
                    crowd::namespace(number),
                    crowd::name(number)
                );
                let change = json!({"status": {"message": format!("round {round}")}});
                let sent = connection.send(&Request::new("PATCH", &path).token(admin).merge_patch(&change));
                assert_eq!(sent.expect("it answers").status, 200);
                counted.fetch_add(1, Ordering::Relaxed);
                let due = start + Duration::from_secs(1) * (round + 1) / UPDATES_PER_SECOND;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        let done = work();
        let rate = sent.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        (done, rate)
    })
}
