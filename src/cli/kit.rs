//! `kglass kit print|check`.

use std::path::Path;

use super::answer::{Answer, print};
use super::args::{Global, Kit};
use super::layers;
use crate::escalation::kit::{self, Checked, KitReport, Verdict};

pub fn run(command: Kit) -> anyhow::Result<Answer> {
    match command {
        Kit::Print { folder, gate } => print_into(&folder, &gate.into()),
        Kit::Check {
            approver_context,
            json,
            gate,
        } => check(approver_context.as_deref(), json, &gate.into()),
    }
}

fn print_into(folder: &Path, global: &Global) -> anyhow::Result<Answer> {
    let policy = layers::policy(global, &layers::paths(global)?)?;
    let context = layers::context_name(global);
    for file in kit::print(&policy, &context, folder)? {
        print(&file.display().to_string())?;
    }
    print(&format!(
        "install it as an administrator: sh {}/install.sh",
        folder.display()
    ))?;
    Ok(Answer::Good)
}

fn check(approver: Option<&str>, json: bool, global: &Global) -> anyhow::Result<Answer> {
    let policy = layers::policy(global, &layers::paths(global)?)?;
    let kubeconfigs = layers::kubeconfigs(global)?;
    let endpoint = kubeconfigs.open(global.cluster.context.as_deref())?;
    let approver = approver.map(|name| kubeconfigs.open(Some(name))).transpose()?;
    let report = super::wait(async { kit::check(&endpoint, &policy, approver.as_ref()).await })??;
    print(&if json { as_json(&report) } else { as_text(&report) })?;
    let could_check = report.lines.iter().any(|line| line.verdict != Verdict::NotChecked);
    anyhow::ensure!(
        could_check,
        "nothing could be checked with these rights: check as an administrator"
    );
    Ok(Answer::good_if(report.is_good()))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Bad => "BAD",
        Verdict::NotChecked => "not checked",
    }
}

fn as_text(report: &KitReport) -> String {
    let line = |checked: &Checked| {
        let detail = if checked.detail.is_empty() {
            String::new()
        } else {
            format!(": {}", checked.detail)
        };
        format!("{:12} {}{detail}", word(checked.verdict), checked.what)
    };
    let lines = report.lines.iter().map(line);
    lines.chain([report.verdict()]).collect::<Vec<_>>().join("\n")
}

fn as_json(report: &KitReport) -> String {
    let lines: Vec<_> = report
        .lines
        .iter()
        .map(|c| serde_json::json!({"what": c.what, "verdict": word(c.verdict), "detail": c.detail}))
        .collect();
    serde_json::json!({"good": report.is_good(), "verdict": report.verdict(), "lines": lines}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_end_with_the_verdict() {
        let checked = |what: &str, verdict, detail: &str| Checked {
            what: what.into(),
            verdict,
            detail: detail.into(),
        };
        let report = KitReport {
            lines: vec![
                checked("Namespace kglass-system", Verdict::Good, ""),
                checked("consent of another person", Verdict::NotChecked, "name a context"),
            ],
        };
        assert_eq!(
            as_text(&report),
            "good         Namespace kglass-system\nnot checked  consent of another person: name a context\n\
             1 good, 1 not checked"
        );
        let json: serde_json::Value = serde_json::from_str(&as_json(&report)).unwrap();
        assert_eq!(
            (&json["verdict"], &json["good"]),
            (&"1 good, 1 not checked".into(), &true.into())
        );
    }
}
