//! How well a row is, from the words the server prints. Colours repeat it; the words stay.

use crate::model::{Column, RowData};

/// What the row's colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RowState {
    Ok,
    /// On its way, or leaving.
    Pending,
    Bad,
    /// Taken out of use on purpose: a cordoned node.
    Held,
    /// Finished, as it should.
    Done,
    /// Nothing is claimed.
    #[default]
    Unknown,
}

impl RowState {
    /// Counted as `not ready` in the title.
    pub fn is_unwell(self) -> bool {
        matches!(self, Self::Pending | Self::Bad)
    }
}

/// Which columns speak of health; found once per set of columns, not per row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthColumns {
    pub status: Option<usize>,
    pub ready: Option<usize>,
    pub desired: Option<usize>,
    /// `TYPE` of events.
    pub event_type: Option<usize>,
}

impl HealthColumns {
    pub fn find(columns: &[Column]) -> Self {
        let at = |name: &str| columns.iter().position(|c| c.name.as_str().eq_ignore_ascii_case(name));
        Self {
            status: at("STATUS").or_else(|| at("PHASE")).or_else(|| at("STATE")),
            ready: at("READY").or_else(|| at("COMPLETIONS")),
            desired: at("DESIRED"),
            event_type: at("REASON").and_then(|_| at("TYPE")),
        }
    }

    /// True if some column says how the rows are.
    pub fn any(self) -> bool {
        self.status.is_some() || self.ready.is_some() || self.event_type.is_some()
    }

    pub fn state(self, row: &RowData) -> RowState {
        let text = |i: Option<usize>| i.and_then(|i| row.cells.get(i)).map(|c| c.text.as_str());
        if row.deleting {
            return RowState::Pending;
        }
        if let Some(event) = text(self.event_type) {
            return if event == "Warning" {
                RowState::Bad
            } else {
                RowState::Ok
            };
        }
        let ready = text(self.ready).and_then(|r| proportion(r, text(self.desired)));
        match (text(self.status).map(of_status), ready) {
            (Some(RowState::Ok), Some((have, want))) if have < want => RowState::Pending,
            (Some(RowState::Unknown) | None, Some(ready)) => of_proportion(ready),
            (Some(state), _) => state,
            (None, None) => RowState::Unknown,
        }
    }
}

/// `1/2`, or a number beside a DESIRED column; `True` and `False` count as one of one.
fn proportion(ready: &str, desired: Option<&str>) -> Option<(u64, u64)> {
    match ready {
        "True" | "true" => return Some((1, 1)),
        "False" | "false" => return Some((0, 1)),
        _ => {}
    }
    if let Some((have, want)) = ready.split_once('/') {
        return Some((have.parse().ok()?, want.parse().ok()?));
    }
    Some((ready.parse().ok()?, desired?.parse().ok()?))
}

fn of_proportion((have, want): (u64, u64)) -> RowState {
    if have >= want {
        RowState::Ok
    } else if have == 0 {
        RowState::Bad
    } else {
        RowState::Pending
    }
}

pub(super) fn of_status(status: &str) -> RowState {
    // Cordoned is on purpose, yet not as it should stay.
    if let Some(first) = status.strip_suffix(",SchedulingDisabled") {
        return match of_status(first) {
            RowState::Ok => RowState::Held,
            other => other,
        };
    }
    match status {
        "Running" | "Active" | "Bound" | "Ready" | "Available" | "Healthy" | "True" | "Established" | "deployed" => {
            RowState::Ok
        }
        "Completed" | "Succeeded" | "Complete" => RowState::Done,
        "Pending"
        | "ContainerCreating"
        | "PodInitializing"
        | "Terminating"
        | "Released"
        | "Waiting"
        | "Suspended"
        | "NotReady,Initializing" => RowState::Pending,
        "Failed"
        | "OOMKilled"
        | "Evicted"
        | "Lost"
        | "Unknown"
        | "NotReady"
        | "ContainerStatusUnknown"
        | "ContainerCannotRun"
        | "DeadlineExceeded"
        | "False"
        | "NodeLost"
        | "UnexpectedAdmissionError" => RowState::Bad,
        _ => of_long_status(status),
    }
}

fn of_long_status(status: &str) -> RowState {
    let bad = [
        "Err",
        "BackOff",
        "Invalid",
        "Fail",
        "NotReady",
        "Terminated",
        "ExitCode:",
        "Signal:",
    ];
    if bad.iter().any(|word| status.contains(word)) {
        RowState::Bad
    } else if status.starts_with("Init:") {
        RowState::Pending
    } else {
        RowState::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, ColumnKind, SortKey, TermSafe};

    /// The state of a row with these columns and cells.
    fn state(columns: &[&str], cells: &[&str]) -> RowState {
        let columns: Vec<Column> = columns
            .iter()
            .map(|name| Column {
                name: TermSafe::new(name),
                kind: ColumnKind::Text,
                wide: false,
            })
            .collect();
        let cells = cells.iter().map(|text| Cell {
            text: TermSafe::new(text),
            sort: SortKey::Text,
            since_ms: None,
        });
        let row = RowData {
            uid: None,
            namespace: None,
            name: "x".into(),
            resource_version: None,
            created_ms: None,
            deleting: false,
            owner: None,
            cells: cells.collect(),
        };
        HealthColumns::find(&columns).state(&row)
    }

    #[test]
    fn the_words_of_a_pod_say_how_it_is() {
        let pod = |ready, status| state(&["NAME", "READY", "STATUS"], &["x", ready, status]);
        assert_eq!(pod("1/1", "Running"), RowState::Ok);
        assert_eq!(pod("1/2", "Running"), RowState::Pending);
        assert_eq!(pod("0/1", "CrashLoopBackOff"), RowState::Bad);
        assert_eq!(pod("0/1", "Init:CrashLoopBackOff"), RowState::Bad);
        assert_eq!(pod("0/1", "Init:1/2"), RowState::Pending);
        assert_eq!(pod("0/1", "ErrImagePull"), RowState::Bad);
        assert_eq!(pod("0/1", "ContainerCreating"), RowState::Pending);
        assert_eq!(pod("0/1", "Completed"), RowState::Done);
        assert_eq!(pod("1/1", "Terminating"), RowState::Pending);
    }

    #[test]
    fn a_workload_is_judged_by_its_proportion() {
        let deployment = |ready| state(&["NAME", "READY", "UP-TO-DATE"], &["x", ready, "1"]);
        assert_eq!(deployment("3/3"), RowState::Ok);
        assert_eq!(deployment("1/3"), RowState::Pending);
        assert_eq!(deployment("0/3"), RowState::Bad);
        assert_eq!(deployment("0/0"), RowState::Ok);
        let set = |desired, ready| state(&["NAME", "DESIRED", "READY"], &["x", desired, ready]);
        assert_eq!(set("3", "3"), RowState::Ok);
        assert_eq!(set("3", "2"), RowState::Pending);
    }

    #[test]
    fn a_cordoned_node_is_well_but_not_as_it_should_stay() {
        let node = |status| state(&["NAME", "STATUS"], &["x", status]);
        assert_eq!(node("Ready"), RowState::Ok);
        assert_eq!(node("Ready,SchedulingDisabled"), RowState::Held);
        assert_eq!(node("NotReady,SchedulingDisabled"), RowState::Bad);
        assert_eq!(node("NotReady"), RowState::Bad);
    }

    #[test]
    fn events_are_judged_by_their_type_and_services_not_by_theirs() {
        assert_eq!(state(&["TYPE", "REASON"], &["Warning", "BackOff"]), RowState::Bad);
        assert_eq!(state(&["TYPE", "REASON"], &["Normal", "Pulled"]), RowState::Ok);
        assert_eq!(state(&["NAME", "TYPE"], &["x", "ClusterIP"]), RowState::Unknown);
    }

    #[test]
    fn of_a_kind_nobody_knows_nothing_is_claimed() {
        assert_eq!(state(&["NAME", "AGE"], &["x", ""]), RowState::Unknown);
        assert_eq!(state(&["NAME", "STATUS"], &["x", "Blue"]), RowState::Unknown);
        assert_eq!(state(&["NAME", "READY"], &["x", "False"]), RowState::Bad);
    }
}
