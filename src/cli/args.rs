//! The command line as data. Nothing here acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "kglass",
    version,
    about = "A Kubernetes terminal UI that is read-only until you break the glass, and then keeps proof of everything",
    after_help = "Examples:\n  kglass                         browse the current context, read-only\n  kglass --context prod -n shop -c pods\n  kglass replay 4kq7             play a session back\n  kglass audit verify SESSION    check a journal",
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command may need to know.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Context of the kubeconfig
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file [default: KUBECONFIG, then ~/.kube/config]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Namespace to start in
    #[arg(
        short = 'n',
        long,
        global = true,
        value_name = "NS",
        conflicts_with = "all_namespaces"
    )]
    pub namespace: Option<String>,
    /// Start in all namespaces
    #[arg(short = 'A', long, global = true)]
    pub all_namespaces: bool,
    /// Command to start with, as typed after `:`
    #[arg(short = 'c', long, global = true, value_name = "COMMAND")]
    pub command_line: Option<String>,
    /// Theme: a shipped name, or one of yours
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keymap: a shipped name, or one of yours
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Settings file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Break-glass policy file
    #[arg(long, global = true, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a session back: what was on the screen, and what was done
    #[command(after_help = "Example: kglass replay 4kq7")]
    Replay {
        /// The session's hash, its first characters, or its folder
        session: String,
    },
    /// List the sessions kept on this machine
    #[command(after_help = "Example: kglass sessions --json")]
    Sessions {
        #[arg(long)]
        json: bool,
    },
    /// Verify or show a journal
    #[command(subcommand)]
    Audit(Audit),
    /// Consent to somebody else's request, under your own context
    #[command(after_help = "Example: kglass approve 4kq7mzp3vd2xw6ha --context prod-as-lead")]
    Approve {
        /// The request's name, 16 characters
        request: String,
        /// Why, for your own record
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
        /// Consent without being asked again
        #[arg(long)]
        yes: bool,
    },
    /// The policies and access that break glass needs in the cluster
    #[command(subcommand)]
    Kit(Kit),
    /// The break-glass policy
    #[command(subcommand)]
    Policy(Policy),
    /// Versions, and where files are
    #[command(after_help = "Example: kglass info")]
    Info,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Say whether a journal is whole and unchanged; exit code 1 if it is not
    #[command(after_help = "Example: kglass audit verify ~/.local/state/kglass/sessions/4kq7mzp3vd2xw6ha")]
    Verify {
        /// A session's hash or its first characters, its folder, or a journal
        #[arg(value_name = "SESSION")]
        path: String,
        #[arg(long)]
        json: bool,
    },
    /// Print a journal for reading
    #[command(after_help = "Example: kglass audit show 4kq7")]
    Show {
        /// A session's hash or its first characters, its folder, or a journal
        #[arg(value_name = "SESSION")]
        path: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Kit {
    /// Write the kit for the policy into a folder: 1-policies.yaml, 2-access.yaml, install.sh
    #[command(after_help = "Example: kglass kit print ./kit && sh ./kit/install.sh")]
    Print { folder: PathBuf },
    /// Compare what is installed with the policy, and try it with dry runs
    #[command(after_help = "Example: kglass kit check --approver-context prod-as-lead")]
    Check {
        /// Also check an approver's half, under this context
        #[arg(long, value_name = "NAME")]
        approver_context: Option<String>,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Say everything that is wrong with the policy file
    #[command(after_help = "Example: kglass policy check --policy ./policy.toml")]
    Check,
    /// Print the policy in force
    #[command(after_help = "Example: kglass policy show > policy.toml")]
    Show,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
