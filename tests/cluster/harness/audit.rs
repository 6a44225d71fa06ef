//! The API server's own audit log: the witness that owes us nothing.

use std::{fs, time::Duration};

use serde_json::Value;

use super::{people, request::Request, rig::Rig};

/// Our own questions that let the log settle; nobody else's business.
const SETTLE: &str = "rig-settle-";

/// A place in the log; what came after it can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct AuditMark(usize);

impl Rig {
    /// Everything the server has written down so far, every stage of every request.
    pub fn audit_events(&self) -> Vec<Value> {
        self.audit_since(AuditMark(0))
    }

    pub fn audit_mark(&self) -> AuditMark {
        self.settle_audit();
        AuditMark(self.audit_log().len())
    }

    /// What the server wrote down after the mark. A request is logged as complete
    /// only after its answer has left, so we first send one of our own and wait
    /// until the log has it.
    pub fn audit_since(&self, mark: AuditMark) -> Vec<Value> {
        self.settle_audit();
        let mut events = parse(&self.audit_log()[mark.0..]);
        events.retain(|event| !event["auditID"].as_str().is_some_and(|id| id.starts_with(SETTLE)));
        events
    }

    /// Waits for the first event after the mark that fits.
    #[track_caller]
    pub fn await_audit(&self, what: &str, mark: AuditMark, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait_for(what, Duration::from_secs(20), || {
            parse(&self.audit_log()[mark.0..]).into_iter().find(|event| fits(event))
        })
    }

    fn settle_audit(&self) {
        let id = format!("{SETTLE}{}", uuid::Uuid::now_v7());
        let mark = AuditMark(self.audit_log().len());
        let request = Request::new("GET", "/version")
            .token(&people::token("admin"))
            .audit_id(&id);
        // A server that is down writes nothing more: its log is settled already.
        if self.send(&request).is_ok() {
            let complete = |event: &Value| event["auditID"] == *id && event["stage"] == "ResponseComplete";
            self.await_audit("the audit log settles", mark, complete);
        }
    }

    fn audit_log(&self) -> Vec<u8> {
        let mut log = fs::read(self.folder().join("logs/audit.jsonl")).unwrap_or_default();
        // A line that is still being written.
        log.truncate(log.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        log
    }
}

fn parse(log: &[u8]) -> Vec<Value> {
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).expect("the audit log is JSON, line by line"))
        .collect()
}
