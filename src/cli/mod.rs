//! Subcommands. Each calls one room and prints what it says; no behaviour of its own.

mod answer;
mod approve;
mod args;
mod audit;
mod browse;
mod demo;
mod farewell;
mod info;
mod kit;
mod layers;
mod policy;
mod sessions;

use std::process::ExitCode;

use clap::Parser;

use answer::Answer;
use args::{Cli, Command};

/// The whole program: arguments in, exit code out.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer::misused(&error),
    };
    crate::runtime::restore_on_panic();
    answer::exit_code(run(cli))
}

fn run(cli: Cli) -> anyhow::Result<Answer> {
    // First, and for every command: approvers have credentials in memory too.
    crate::runtime::keep_memory_private()?;
    match cli.command {
        None => browse::browse(&cli.screen),
        Some(Command::Demo {
            seed,
            place,
            look,
            rules,
        }) => demo::run(seed, place, look, rules),
        Some(Command::Replay { session, look, config }) => browse::replay(look, config, &session),
        Some(Command::Sessions { json }) => sessions::list(json),
        Some(Command::Audit(command)) => audit::run(command),
        Some(Command::Approve {
            request,
            reason,
            yes,
            gate,
        }) => approve::run(&gate.into(), &request, &reason, yes),
        Some(Command::Kit(command)) => kit::run(command),
        Some(Command::Policy(command)) => policy::run(command),
        Some(Command::Info) => info::run(),
    }
}

/// Waits for async work, and for nothing that it has left behind: a call that hangs in a disk or a
/// name server must not keep the program from leaving.
fn wait<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}
