//! The columns of CPU and memory: units are constant within a column, a share without a bound is
//! `n/a`.

use crate::app::{TableScreen, UsageColumn};
use crate::config::Scope;
use crate::model::Row;

/// Shares from which on a row is worth a look, and worth worry.
const MUCH: f64 = 75.0;
const TOO_MUCH: f64 = 90.0;

/// Cells that a column needs whatever it holds, so that nothing jumps.
pub fn width(column: UsageColumn) -> u16 {
    match column {
        UsageColumn::Cpu => 6,
        UsageColumn::Memory => 7,
        _ => 4,
    }
}

pub fn text(table: &TableScreen, column: UsageColumn, row: &Row) -> String {
    match (table.usage.value(column, row), column) {
        (None, _) if table.usage.is_awaited(row) => String::new(),
        (None, _) => "n/a".into(),
        (Some(cores), UsageColumn::Cpu) => format!("{:.0}m", cores * 1000.0),
        (Some(bytes), UsageColumn::Memory) => format!("{:.0}Mi", bytes / (1024.0 * 1024.0)),
        (Some(percent), _) => format!("{percent:.0}"),
    }
}

pub fn scope(table: &TableScreen, column: UsageColumn, row: &Row) -> Scope {
    match table.usage.value(column, row) {
        None => Scope::Muted,
        Some(share) if column.is_share() && share >= TOO_MUCH => Scope::RowBad,
        Some(share) if column.is_share() && share >= MUCH => Scope::RowPending,
        Some(_) => Scope::Text,
    }
}
