//! What pods use, wandering with time.

use super::super::store::text;
use super::super::world::{Run, Usage};
use super::apps;
use super::world::{ShopWorld, app_of};

const PERIOD_MS: i64 = 90_000;
const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn of(world: &ShopWorld, run: &Run<'_>, now_ms: i64) -> Usage {
    let name = text(run.pod, "/metadata/name").unwrap_or_default();
    let namespace = text(run.pod, "/metadata/namespace").unwrap_or_default();
    let (cpu, memory) = apps::find(namespace, app_of(run.pod)).map_or((20, 40), |app| (app.cpu.1, app.memory.2));
    let sway = 0.7 + 0.6 * world.chance.wander(&["cpu", name], now_ms, PERIOD_MS);
    let fill = 0.92 + 0.12 * world.chance.wander(&["memory", name], now_ms, PERIOD_MS * 7);
    Usage {
        cpu_nanocores: (f64::from(cpu) * sway * 1e6) as u64,
        memory_bytes: (f64::from(memory) * fill * MIB) as u64,
    }
}
