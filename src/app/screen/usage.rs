//! CPU and memory of the rows of a table, kept beside the rows: they come from another API and at
//! another pace.

use std::collections::{HashMap, HashSet};

use super::RowKey;
use crate::app::ReadId;
use crate::cluster::Bounds;
use crate::model::{Moment, Row};

/// A column that the table gets from the metrics API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageColumn {
    Cpu,
    Memory,
    CpuOfRequest,
    CpuOfLimit,
    MemoryOfRequest,
    MemoryOfLimit,
    /// Of what pods may have of a node.
    CpuOfNode,
    MemoryOfNode,
}

impl UsageColumn {
    pub const OF_PODS: &'static [Self] = &[
        Self::Cpu,
        Self::Memory,
        Self::CpuOfRequest,
        Self::CpuOfLimit,
        Self::MemoryOfRequest,
        Self::MemoryOfLimit,
    ];
    pub const OF_NODES: &'static [Self] = &[Self::Cpu, Self::Memory, Self::CpuOfNode, Self::MemoryOfNode];

    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "MEM",
            Self::CpuOfRequest => "%CPU/R",
            Self::CpuOfLimit => "%CPU/L",
            Self::MemoryOfRequest => "%MEM/R",
            Self::MemoryOfLimit => "%MEM/L",
            Self::CpuOfNode => "%CPU",
            Self::MemoryOfNode => "%MEM",
        }
    }

    pub fn is_share(self) -> bool {
        !matches!(self, Self::Cpu | Self::Memory)
    }

    pub fn find(name: &str) -> Option<Self> {
        let all = Self::OF_PODS.iter().chain(Self::OF_NODES);
        all.copied().find(|column| column.name() == name)
    }
}

#[derive(Clone, Debug, Default)]
pub struct TableUsage {
    /// Cores and bytes.
    pub used: HashMap<RowKey, (f64, f64)>,
    pub bounds: HashMap<RowKey, Bounds>,
    /// Shares that no row has, since none has such a bound.
    pub bare: Vec<UsageColumn>,
    /// Every row was asked about, not only those that are seen: only then can be sorted by it.
    pub is_whole: bool,
    /// The rows that were seen at the last question.
    pub asked_of: HashSet<RowKey>,
    /// Those that the last answer was about.
    pub answered_of: HashSet<RowKey>,
    /// The server measures these rows: their columns have their room before the first answer.
    pub expected: bool,
    /// The question that waits for its answer.
    pub read: Option<ReadId>,
    pub asked: Option<Moment>,
}

impl TableUsage {
    /// Nothing is known and nothing will be: the columns are left out.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty() && !self.expected
    }

    /// After each answer.
    pub fn find_bare(&mut self, columns: &[UsageColumn]) {
        let says = |column: UsageColumn| {
            let of = |bounds: &Bounds| match column {
                UsageColumn::CpuOfRequest => bounds.cpu_request,
                UsageColumn::CpuOfLimit | UsageColumn::CpuOfNode => bounds.cpu_limit,
                UsageColumn::MemoryOfRequest => bounds.memory_request,
                _ => bounds.memory_limit,
            };
            !column.is_share() || self.bounds.values().any(|bounds| of(bounds).is_some())
        };
        self.bare = columns.iter().copied().filter(|column| !says(*column)).collect();
    }

    /// Whether the row's numbers are still on their way, in contrast to there being none.
    pub fn is_awaited(&self, row: &Row) -> bool {
        let key = RowKey::of(row);
        let is_known = self.used.contains_key(&key) && self.bounds.contains_key(&key);
        !is_known && !self.answered_of.contains(&key)
    }

    /// Cores, bytes, or percent.
    pub fn value(&self, column: UsageColumn, row: &Row) -> Option<f64> {
        let key = RowKey::of(row);
        let (cpu, memory) = *self.used.get(&key)?;
        let share = |used: f64, of: fn(&Bounds) -> Option<f64>| {
            let bound = of(self.bounds.get(&key)?)?;
            (bound > 0.0).then(|| used / bound * 100.0)
        };
        match column {
            UsageColumn::Cpu => Some(cpu),
            UsageColumn::Memory => Some(memory),
            UsageColumn::CpuOfRequest => share(cpu, |bounds| bounds.cpu_request),
            UsageColumn::CpuOfLimit | UsageColumn::CpuOfNode => share(cpu, |bounds| bounds.cpu_limit),
            UsageColumn::MemoryOfRequest => share(memory, |bounds| bounds.memory_request),
            UsageColumn::MemoryOfLimit | UsageColumn::MemoryOfNode => share(memory, |bounds| bounds.memory_limit),
        }
    }
}
