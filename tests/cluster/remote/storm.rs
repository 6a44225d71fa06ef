//! Sessions write while their receiver is killed, stopped, cut off and filled up.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kglass::audit::sinks::Outbox;

use super::check::{check, written};
use super::dice::Dice;
use super::receiver::Receiver;
use super::sessions;

const SESSIONS: usize = 4;
/// Records a second, of all sessions together.
const RATE: f64 = 200.0;
/// After the storm, for what is left.
const CALM: Duration = Duration::from_secs(300);

#[derive(Debug, Default)]
struct Blows {
    killed: u32,
    stopped: u32,
    cut: u32,
    filled: u32,
}

pub fn storm(mut receiver: Receiver, records: usize) {
    let seed = Dice::seed();
    let begun = Instant::now();
    let state = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let outbox = Outbox::new(state.path().to_owned(), &[receiver.config()], None);
    let shipping = outbox.clone();
    runtime.spawn(async move { shipping.run().await });

    // Open until the calm: that the sink is well again is recorded in sessions that live, and a short storm
    // may have none left by then.
    let witness = sessions::begin(state.path(), &outbox);
    let over = AtomicBool::new(false);
    let each = records / SESSIONS;
    let blows = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..SESSIONS as u64)
            .map(|number| {
                let (outbox, state) = (&outbox, state.path());
                scope.spawn(move || {
                    let journal = sessions::begin(state, outbox);
                    sessions::write(&journal, each, RATE / SESSIONS as f64, seed + number);
                })
            })
            .collect();
        let blowing = scope.spawn(|| blow(&mut receiver, seed, &over));
        for writer in writers {
            writer.join().expect("it wrote all");
        }
        over.store(true, Ordering::SeqCst);
        blowing.join().expect("the storm is over")
    });
    let wrote = begun.elapsed();
    let calm = |outbox: &Outbox| {
        runtime.block_on(async {
            let mut statuses = outbox.statuses();
            let done = statuses.wait_for(|all| all.iter().all(|status| status.behind == 0));
            tokio::time::timeout(CALM, done).await.is_ok()
        })
    };
    let is_calm = calm(&outbox);
    witness.close().wait().expect("it is sealed");
    let left = !is_calm || !calm(&outbox);
    runtime.shutdown_timeout(Duration::from_secs(5));
    let all = written(state.path());
    let found = check(&all, &receiver.received());
    // Past the capture of a passing test's output: these are the numbers that are asked for.
    let _ = writeln!(
        std::io::stderr(),
        "storm {}: seed {seed}; {blows:?}; {found:?}; wrote {:.1} s, all there after {:.1} s",
        receiver.name,
        wrote.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    assert!(!left, "still behind: {:?}", outbox.statuses().borrow());
    assert!(found.records >= records && found.lost == 0, "{found:?}");
    assert!(blows.killed > 0 && blows.cut > 0 && blows.filled > 0, "{blows:?}");
    for folder in std::fs::read_dir(state.path().join("sessions")).unwrap() {
        let report = kglass::audit::verify(&folder.unwrap().path()).unwrap();
        assert!(report.is_intact(), "{}", report.verdict());
    }
    for kind in ["\"kind\":\"sink_failed\"", "\"kind\":\"sink_recovered\""] {
        let recorded = all.values().flat_map(|records| records.values());
        assert!(
            recorded.into_iter().any(|line| line.contains(kind)),
            "{kind} is recorded"
        );
    }
}

/// Blow after blow until the writing is over, then all is mended.
fn blow(receiver: &mut Receiver, seed: u64, over: &AtomicBool) -> Blows {
    let mut dice = Dice::new(seed ^ 0xb10b);
    let mut blows = Blows::default();
    let mut turn = dice.below(4);
    while !over.load(Ordering::SeqCst) {
        std::thread::sleep(dice.between_ms(200, 1200));
        match turn % 4 {
            0 => {
                receiver.kill();
                std::thread::sleep(dice.between_ms(1, 600));
                receiver.start();
                blows.killed += 1;
            }
            1 => {
                receiver.land.cut();
                std::thread::sleep(dice.between_ms(100, 3000));
                receiver.land.join();
                blows.cut += 1;
            }
            2 => {
                receiver.land.fill();
                std::thread::sleep(dice.between_ms(300, 1500));
                receiver.land.free();
                blows.filled += 1;
            }
            _ => {
                // Two deaths in a row, the second while it is starting.
                receiver.stop();
                receiver.start();
                std::thread::sleep(dice.between_ms(1, 120));
                receiver.kill();
                receiver.start();
                blows.stopped += 1;
                blows.killed += 1;
            }
        }
        turn += 1;
    }
    blows
}
