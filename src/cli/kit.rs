//! `kglass kit print|check`.

use super::answer::{Answer, print};
use super::args::{Global, Kit};
use super::layers;
use crate::escalation::kit;

pub fn run(global: &Global, command: Kit) -> anyhow::Result<Answer> {
    let paths = layers::paths()?;
    let policy = layers::policy(global, &paths)?;
    match command {
        Kit::Print { folder } => {
            let context = layers::context_name(global);
            for file in kit::print(&policy, &context, &folder)? {
                print(&file.display().to_string())?;
            }
            print(&format!(
                "install it as an administrator: sh {}/install.sh",
                folder.display()
            ))?;
            Ok(Answer::Good)
        }
        Kit::Check { approver_context, json } => {
            let kubeconfigs = layers::kubeconfigs(global)?;
            let endpoint = kubeconfigs.open(global.context.as_deref())?;
            let approver = approver_context.map(|name| kubeconfigs.open(Some(&name))).transpose()?;
            let report = super::wait(async { kit::check(endpoint, &policy, approver).await })??;
            print(&if json { report.to_json() } else { report.to_string() })?;
            Ok(Answer::good_if(report.is_good()))
        }
    }
}
