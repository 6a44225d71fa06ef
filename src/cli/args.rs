//! The command line as data. Nothing here acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "kglass",
    bin_name = "kglass",
    version,
    about = "A Kubernetes terminal UI that is read-only until you break the glass, and then keeps proof of everything",
    after_help = "Examples:\n  kglass demo                    try it, without a cluster\n  kglass                         browse the current context, read-only\n  kglass --context prod -n shop -c pods\n  kglass replay 4kq7             play a session back\n  kglass audit verify SESSION    check a journal",
    disable_help_subcommand = true,
    // Each command takes what it uses and nothing else. A flag that a command would overlook (a
    // namespace for a list of sessions) is refused: whoever gave it expects something of it.
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(flatten)]
    pub screen: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// All that a screen or a command can be given; each command takes its part, the rest is empty.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    #[command(flatten)]
    pub cluster: ClusterArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// What a command needs that opens a cluster under the policy.
#[derive(Args, Clone, Debug, Default)]
pub struct GateArgs {
    #[command(flatten)]
    pub cluster: ClusterArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
}

impl From<GateArgs> for Global {
    fn from(args: GateArgs) -> Self {
        Self {
            cluster: args.cluster,
            rules: args.rules,
            ..Self::default()
        }
    }
}

impl From<RuleArgs> for Global {
    fn from(rules: RuleArgs) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }
}

/// Which cluster, as whom.
#[derive(Args, Clone, Debug, Default)]
pub struct ClusterArgs {
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file [default: KUBECONFIG, then ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// Where browsing starts.
#[derive(Args, Clone, Debug, Default)]
pub struct PlaceArgs {
    /// Namespace to start in
    #[arg(short = 'n', long, value_name = "NS", conflicts_with = "all_namespaces")]
    pub namespace: Option<String>,
    /// Start in all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Command to start with, as typed after `:`
    #[arg(short = 'c', long = "command", value_name = "COMMAND")]
    pub command_line: Option<String>,
}

/// What a screen looks like, and its keys.
#[derive(Args, Clone, Debug, Default)]
pub struct LookArgs {
    /// Theme: a shipped name, or one of yours
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Keymap: a shipped name, or one of yours
    #[arg(long, value_name = "NAME")]
    pub keymap: Option<String>,
}

/// Settings and policy from elsewhere.
#[derive(Args, Clone, Debug, Default)]
pub struct RuleArgs {
    /// Settings file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Break-glass policy file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try all of it on a shop that lives in this program: no cluster, no kubeconfig, nothing to install
    #[command(after_help = "Example: kglass demo")]
    Demo {
        /// Another shop: names and numbers differ, the story stays
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        look: LookArgs,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Play a session back: what was on the screen, and what was done
    #[command(after_help = "Example: kglass replay 4kq7")]
    Replay {
        /// The session's hash, its first characters, or its folder
        session: String,
        #[command(flatten)]
        look: LookArgs,
        /// Settings file
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// List the sessions kept on this machine
    #[command(after_help = "Example: kglass sessions --json")]
    Sessions {
        /// Print JSON, for a program to read
        #[arg(long)]
        json: bool,
    },
    /// Verify or show a journal
    #[command(
        subcommand,
        after_help = "Examples:\n  kglass audit verify 4kq7       is it whole and unchanged?\n  kglass audit show 4kq7         what was done"
    )]
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
        #[command(flatten)]
        gate: GateArgs,
    },
    /// The policies and access that break glass needs in the cluster
    #[command(
        subcommand,
        after_help = "Examples:\n  kglass kit print ./kit         write it, for an administrator to install\n  kglass kit check               does the cluster hold what the policy says?"
    )]
    Kit(Kit),
    /// The break-glass policy
    #[command(
        subcommand,
        after_help = "Examples:\n  kglass policy show > policy.toml\n  kglass policy check --policy ./policy.toml"
    )]
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
        /// Print JSON, for a program to read
        #[arg(long)]
        json: bool,
    },
    /// Send what the sinks of the policy still lack; exit code 1 if some of it is left
    #[command(after_help = "Example: kglass audit ship --within 5m")]
    Ship {
        /// How long to try
        #[arg(long, value_name = "DURATION", default_value = "30s")]
        within: String,
        /// Print JSON, for a program to read
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Print a journal for reading
    #[command(after_help = "Example: kglass audit show 4kq7")]
    Show {
        /// A session's hash or its first characters, its folder, or a journal
        #[arg(value_name = "SESSION")]
        path: String,
        /// Print JSON, for a program to read
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Kit {
    /// Write the kit for the policy into a folder: 1-policies.yaml, 2-access.yaml, install.sh
    #[command(after_help = "Example: kglass kit print ./kit && sh ./kit/install.sh")]
    Print {
        /// The folder to write into; made if it is not there
        folder: PathBuf,
        #[command(flatten)]
        gate: GateArgs,
    },
    /// Compare what is installed with the policy, and try it with dry runs
    #[command(after_help = "Example: kglass kit check --approver-context prod-as-lead")]
    Check {
        /// Also check an approver's half, under this context
        #[arg(long, value_name = "NAME")]
        approver_context: Option<String>,
        /// Print JSON, for a program to read
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        gate: GateArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Say everything that is wrong with the policy file
    #[command(after_help = "Example: kglass policy check --policy ./policy.toml")]
    Check(RuleArgs),
    /// Print the policy in force
    #[command(after_help = "Example: kglass policy show > policy.toml")]
    Show(RuleArgs),
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser, error::ErrorKind};

    use super::Cli;

    /// Every command with its whole name, the program itself first.
    fn all() -> Vec<(String, Command)> {
        fn add(command: &Command, found: &mut Vec<(String, Command)>) {
            let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
            found.push((name, command.clone()));
            command.get_subcommands().for_each(|below| add(below, found));
        }
        let mut root = Cli::command();
        root.build();
        let mut found = Vec::new();
        add(&root, &mut found);
        found
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_begins_with_the_programs_name_explains_each_argument_and_has_an_example() {
        for (name, mut command) in all() {
            let help = command.render_long_help().to_string();
            assert!(help.contains(&format!("Usage: {name}")), "{name}:\n{help}");
            assert!(name.starts_with("kglass"), "{name}");
            assert!(help.contains("Example"), "{name} --help has no example");
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{name}: {} says nothing",
                    argument.get_id()
                );
            }
        }
    }

    #[test]
    fn a_command_without_a_screen_knows_no_flag_of_the_screen() {
        for (name, command) in all() {
            let takes = |flag: &str| command.get_arguments().any(|one| one.get_long() == Some(flag));
            let (browses, plays) = (name == "kglass" || name == "kglass demo", name == "kglass replay");
            for flag in ["namespace", "all-namespaces", "command"] {
                assert_eq!(takes(flag), browses, "{name} --{flag}");
            }
            for flag in ["theme", "keymap"] {
                assert_eq!(takes(flag), browses || plays, "{name} --{flag}");
            }
        }
    }

    #[test]
    fn a_flag_that_a_command_would_overlook_is_refused() {
        let kind = |line: &str| Cli::try_parse_from(line.split(' ')).map(|_| ()).map_err(|e| e.kind());
        assert_eq!(kind("kglass sessions -n shop"), Err(ErrorKind::UnknownArgument));
        assert_eq!(kind("kglass -n shop sessions"), Err(ErrorKind::ArgumentConflict));
        assert_eq!(
            kind("kglass --context prod kit check"),
            Err(ErrorKind::ArgumentConflict)
        );
        assert_eq!(kind("kglass kit check --context prod"), Ok(()));
        assert_eq!(kind("kglass --context prod -n shop -c pods"), Ok(()));
    }
}
