//! `kglass sessions`.

use super::answer::{Answer, print};
use super::layers;
use crate::audit;
use crate::review::{self, SessionSummary};

pub fn list(json: bool) -> anyhow::Result<Answer> {
    let folder = layers::found_paths()?.sessions();
    let index = review::sessions(&folder)?;
    if json {
        let all: Vec<_> = index.iter().map(SessionSummary::json).collect();
        print(&serde_json::Value::Array(all).to_string())?;
    } else if index.is_empty() {
        print(&format!("no session was kept in {}", folder.display()))?;
    } else {
        print(&table(&index))?;
    }
    Ok(Answer::Good)
}

/// Columns as wide as their widest text.
fn table(index: &[SessionSummary]) -> String {
    let heads = [
        "SESSION",
        "STARTED (UTC)",
        "CONTEXT",
        "WHO",
        "ROLE",
        "TICKET",
        "WRITES",
        "ENDED",
        "SENT",
        "JOURNAL",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(index.iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |row: &[String; 10]| {
        let pad = |(column, (cell, width)): (usize, (&String, &usize))| match heads[column] {
            "WRITES" => format!("{cell:>width$}"),
            _ => format!("{cell:width$}"),
        };
        let padded = row.iter().zip(&widths).enumerate().map(pad);
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn cells(session: &SessionSummary) -> [String; 10] {
    let started = session.started_ms.map_or_else(String::new, |ms| {
        jiff::Timestamp::from_millisecond(ms)
            .map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
    });
    [
        session.session.clone(),
        started,
        session.context.clone(),
        session.who.clone(),
        session.role.clone(),
        session.ticket.clone(),
        written(session),
        audit::end_in_words(&session.ended).to_owned(),
        sent(session),
        session.verdict.clone(),
    ]
}

/// `3`, or `3 (1 unanswered)`.
fn written(session: &SessionSummary) -> String {
    match session.unanswered {
        0 => session.writes.to_string(),
        n => format!("{} ({n} unanswered)", session.writes),
    }
}

/// `all`, or who lacks how much; `-` where there is no sink.
fn sent(session: &SessionSummary) -> String {
    if !session.has_sinks {
        return "-".into();
    }
    let lacks = session
        .unsent
        .iter()
        .map(|(sink, records)| format!("{sink} lacks {records}"));
    let lacks: Vec<String> = lacks.collect();
    if lacks.is_empty() {
        "all".into()
    } else {
        lacks.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::SessionKind;

    #[test]
    fn numbers_stand_right_and_the_end_is_said_in_plain_words() {
        let session = |writes, ended: &str| SessionSummary {
            session: "4kq7mzp3vd2xw6ha".into(),
            folder: "/s".into(),
            kind: SessionKind::Escalation,
            started_ms: Some(0),
            context: "prod".into(),
            who: "alice".into(),
            role: "restarter".into(),
            ticket: "INC-1".into(),
            writes,
            unanswered: 0,
            ended: ended.into(),
            verdict: "intact".into(),
            intact: true,
            running: false,
            has_sinks: false,
            unsent: Vec::default(),
        };
        let text = table(&[session(2, "operator"), session(120, "expired")]);
        assert!(text.contains("INC-1        2  by hand  -     intact"), "{text}");
        assert!(text.contains("INC-1      120  expired  -     intact"), "{text}");
    }
}
