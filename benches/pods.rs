//! The benchmark: kglass in a terminal of 200x50, and `kubectl` beside it, on a real API server
//! with 200, 5,000 and 10,000 pods. `cargo bench --bench pods`, or `… -- 200` for one size.
//!
//! Prints a table with ratios and promises nothing: wall time on a shared machine is no test.
//! `docs/benchmark.md` has a run, and what bounds each figure.

#![expect(clippy::disallowed_types, reason = "what is measured are processes and connections")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and ends where something fails"
)]

#[path = "../tests/cluster/harness/mod.rs"]
mod harness;
#[path = "../tests/pty/terminal.rs"]
mod terminal;

#[path = "pods/churn.rs"]
mod churn;
#[path = "pods/crowd.rs"]
mod crowd;
#[path = "pods/figures.rs"]
mod figures;
#[path = "pods/kubelet.rs"]
mod kubelet;
#[path = "pods/process.rs"]
mod process;
#[path = "pods/rivals.rs"]
mod rivals;
#[path = "pods/scenes.rs"]
mod scenes;

use harness::{Options, Rig};

const SIZES: [usize; 3] = [200, 5_000, 10_000];

fn main() {
    // `cargo test --benches` and `cargo bench` both pass flags of their own.
    let wanted: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    if !std::env::args().any(|a| a == "--bench") || harness::require().is_none() {
        return;
    }
    let sizes = if wanted.is_empty() { SIZES.to_vec() } else { wanted };
    let rig = Rig::start(Options {
        apiserver_flags: vec!["--disable-admission-plugins=ServiceAccount,Priority".to_owned()],
        ..Options::scale()
    });
    let kubelet = kubelet::Kubelet::start(rig.folder());
    crowd::make_node(&rig, kubelet.port());
    println!("{}", figures::machine());
    let mut made = 0;
    for size in sizes {
        crowd::grow(&rig, made, size);
        made = size;
        println!("\n{}", scenes::measure(&rig, size));
    }
}
