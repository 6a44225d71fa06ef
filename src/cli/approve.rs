//! `kglass approve REQUEST`: another person's consent, under their own context, with a journal of
//! their own.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use anyhow::bail;
use tokio::sync::mpsc;

use super::answer::{Answer, complain, print};
use super::args::Global;
use super::layers;
use crate::audit::sinks::Outbox;
use crate::credential::TokenRequest;
use crate::escalation::{Gate, GateSettings, PendingRequest};

pub fn run(global: &Global, request: &str, reason: &str, yes: bool) -> anyhow::Result<Answer> {
    let (_diagnostics, settings) = gate_settings(global)?;
    let outbox = settings.outbox.clone();
    super::wait(async move {
        let gate = Gate::new(settings);
        let pending = gate.pending(request).await?;
        print(&describe(&pending))?;
        if !yes && !asked()? {
            print("not approved; the request stays until its hour is over")?;
            return Ok(Answer::No);
        }
        let approval = tokio::select! {
            approval = gate.approve(&pending, reason) => approval?,
            () = shipping(outbox.as_ref()) => anyhow::bail!("the sinks stopped"),
        };
        for unsent in &approval.unsent {
            complain(&format!(
                "{} records of {} are not yet acknowledged by {}; kglass audit ship sends them",
                unsent.records, approval.session, unsent.sink
            ))?;
        }
        print(&format!(
            "approved until {} by the server's clock; your record: {}",
            crate::audit::rfc3339(i64::try_from(approval.deadline)?.saturating_mul(1000)),
            approval.session
        ))?;
        Ok(Answer::Good)
    })?
}

fn gate_settings(global: &Global) -> anyhow::Result<(crate::runtime::Diagnostics, GateSettings)> {
    let paths = layers::paths(global)?;
    let diagnostics = crate::runtime::start_diagnostics(&paths.state)?;
    let endpoint = layers::kubeconfigs(global)?.open(global.cluster.context.as_deref())?;
    // What the gate tells while it works is for a screen; the answer below is enough here.
    let (events, _) = mpsc::unbounded_channel();
    let policy = Arc::new(layers::policy(global, &paths)?);
    let remote = policy.remote.clone();
    let outbox = (!remote.sinks.is_empty()).then(|| Outbox::new(paths.state.clone(), &remote.sinks, remote.bound));
    let settings = GateSettings::new(endpoint, policy, Arc::new(TokenRequest), paths.state, events);
    Ok((diagnostics, GateSettings { outbox, ..settings }))
}

/// Goes on for as long as it is asked to.
async fn shipping(outbox: Option<&Outbox>) {
    match outbox {
        Some(outbox) => outbox.run().await,
        None => std::future::pending().await,
    }
}

/// The facts an approver decides on. Every piece of foreign text goes through the sanitiser.
fn describe(request: &PendingRequest) -> String {
    let safe = |text: &str| crate::model::TermSafe::new(text).to_string();
    let mut lines = Vec::new();
    for (name, value) in [
        ("request", safe(&request.hash)),
        ("requester", safe(&request.requester)),
        ("role", safe(&request.role)),
        (
            "scope",
            request
                .namespace
                .as_deref()
                .map_or_else(|| "the whole cluster".to_owned(), safe),
        ),
        ("minutes", format!("{:.1}", f64::from(request.ttl_seconds) / 60.0)),
        ("ticket", safe(&request.ticket)),
        ("trigger", safe(&request.trigger)),
        ("reason", safe(&request.reason)),
        ("asked", format!("{} s ago", request.age_seconds)),
    ] {
        lines.push(format!("{name:>10}  {value}"));
    }
    lines.push(format!("{:>10}  {}", "gains", request.rights.join("\n            ")));
    lines.join("\n")
}

/// Nothing asks a question when there is nobody to answer.
fn asked() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("standard input is no terminal, so nobody can consent here; say --yes");
    }
    let mut out = io::stdout();
    write!(out, "Approve? Type yes: ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}
