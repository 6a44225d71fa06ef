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
    }
}
