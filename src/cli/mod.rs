//! The words of the command line: what was typed, not what it means.

mod called;
mod completion;
mod duration;
#[cfg(test)]
mod man_tests;
mod unblock;
mod words;

pub use called::{command, command_of_value, ordered, read};
pub use completion::CompletionArgs;
pub use unblock::AcceptLoss;
pub use unblock::DryRun;
pub use unblock::PlanFormat;
pub use unblock::UnblockArgs;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use clap::ValueHint;
use duration::duration;
use std::path::PathBuf;

/// Explains why a resource of GitHub's Actions Runner Controller (ARC) is blocked: what waits for what, down to
/// the root blocker, with the evidence and the gentlest way out.
///
/// Exit codes: 0 nothing is blocked, 1 something is, 2 wrong usage or the tool could not do its work, 3 cannot
/// say because something needed could not be read.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl arc",
    bin_name = "kubectl arc",
    version,
    max_term_width = 100,
    args_override_self = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// `-v`.
    pub fn verbosity(&self) -> u8 {
        match &self.command {
            Command::Why(args) => args.output.verbosity,
            Command::Unblock(args) => args.verbosity,
            Command::Snapshot(args) => args.verbosity,
            Command::Explain(_) | Command::Completion(_) | Command::Version => 0,
        }
    }

    /// `--warnings-as-errors`.
    pub fn warnings_as_errors(&self) -> bool {
        match &self.command {
            Command::Why(args) => args.connection.warnings_as_errors,
            Command::Unblock(args) => args.connection.warnings_as_errors,
            Command::Snapshot(args) => args.connection.warnings_as_errors,
            Command::Explain(_) | Command::Completion(_) | Command::Version => false,
        }
    }

    /// What the user said about colour.
    pub fn color(&self) -> Color {
        match &self.command {
            Command::Why(args) => args.output.color,
            Command::Unblock(args) => args.color,
            Command::Snapshot(args) => args.color,
            Command::Explain(args) => args.color,
            Command::Completion(_) | Command::Version => Color::Auto,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Why(Box<WhyArgs>),
    Unblock(Box<UnblockArgs>),
    Snapshot(Box<SnapshotArgs>),
    Explain(ExplainArgs),
    Completion(CompletionArgs),
    /// Print the version of this plugin
    Version,
}

/// Explain what is blocked, what the root blocker is, and the gentlest way out
///
/// TARGET is what kubectl takes: TYPE NAME, TYPE/NAME, TYPE.GROUP/NAME, plural, singular or short. A NAME alone is a
/// runner set. Without a TARGET: all of ARC in the namespace, or with -A in the cluster.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # Everything of ARC in the namespace of the current context
  kubectl arc why

  # Why does this runner set not go away?
  kubectl arc why -n arc-runners my-runners

  # Why is this namespace Terminating?
  kubectl arc why ns/arc-runners

  # Is the same runner set registered from two clusters?
  kubectl arc why -n arc-runners my-runners --context east --context west

  # The same from a file that somebody sent, without any cluster
  kubectl arc why -f snapshot.yaml ns/arc-runners")]
pub struct WhyArgs {
    /// What to explain: TYPE NAME, TYPE/NAME, or the NAME of a runner set
    #[arg(value_name = "TARGET")]
    pub target: Vec<String>,

    /// Look at all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Read these snapshot files (or kubectl get -o yaml|json output, folders, - for stdin) instead of a cluster
    #[arg(short = 'f', long = "filename", value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub filename: Vec<String>,

    /// Taken because kubectl takes it; folders are always read whole
    #[arg(short = 'R', long)]
    pub recursive: bool,

    /// The files hold all there was: a kind that is not in them does not exist
    #[arg(long, requires = "filename")]
    pub complete: bool,

    /// Only runner sets with these labels (key=value, separated by commas)
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,

    /// Answer again whenever the answer is another one, until Ctrl-C; text ends once nothing waits any more
    #[arg(short = 'w', long, conflicts_with = "filename")]
    pub watch: bool,

    #[command(flatten)]
    pub output: OutputArgs,

    // Last, because its heading stands over all that follows.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Save what why reads as one file to look through, send or keep, values of Secrets left out
///
/// why -f FILE answers from the file as it does from the cluster. TARGET is what why takes; without one: all of ARC in
/// the namespace, or with -A in the cluster. What could not be read is told on stderr and written into the file; the
/// exit code is 0 once it is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # Save what bears on one namespace, packed
  kubectl arc snapshot -n arc-runners -o stuck.yaml.gz

  # Let somebody else find out
  kubectl arc why -f stuck.yaml.gz

  # Take the secrets out of a dump before it is sent
  kubectl arc snapshot -f dump.yaml -o dump-to-send.yaml")]
pub struct SnapshotArgs {
    /// What to save: TYPE NAME, TYPE/NAME, or the NAME of a runner set
    #[arg(value_name = "TARGET")]
    pub target: Vec<String>,

    /// Save all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// The file to write, readable by you alone; packed if its name ends in .gz; - for stdout
    #[arg(short = 'o', long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,

    /// Write these files anew (kubectl get -o yaml|json output, folders, - for stdin) instead of reading a cluster
    #[arg(short = 'f', long = "filename", value_name = "FILE", value_hint = ValueHint::AnyPath,
          conflicts_with_all = ["target", "all_namespaces", "namespace"])]
    pub filename: Vec<String>,

    /// Taken because kubectl takes it; folders are always read whole
    #[arg(short = 'R', long)]
    pub recursive: bool,

    /// The files hold all there was: a kind that is not in them does not exist
    #[arg(long, requires = "filename")]
    pub complete: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,

    /// From 6 on, show every request to the API server (-v=6)
    #[arg(short = 'v', long = "v", value_name = "LEVEL", num_args = 0..=1, require_equals = true,
          default_value_t = 0, default_missing_value = "1", value_parser = words::level)]
    pub verbosity: u8,

    // Last, because its heading stands over all that follows.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Print the manual page of a class, a finalizer, or an annotation or label of ARC
///
/// Without a NAME: list them all. Works offline.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A class (secret-missing), a finalizer, an annotation or a label
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
}

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub output: Format,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,

    /// Say more: all evidence and paths; from 6 on every request to the API server (-v=6)
    #[arg(short = 'v', long = "v", value_name = "LEVEL", num_args = 0..=1, require_equals = true,
          default_value_t = 0, default_missing_value = "1", value_parser = words::level)]
    pub verbosity: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Yaml,
}

/// How the cluster is reached: the flags that every kubectl command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// The namespace; default is that of the context
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// The context of the kubeconfig to use; why takes several: one report over several clusters
    #[arg(long, value_name = "NAME")]
    pub context: Vec<String>,

    /// Path to the kubeconfig file
    #[arg(long, value_name = "FILE", value_parser = words::path())]
    pub kubeconfig: Option<PathBuf>,

    /// The cluster of the kubeconfig to use
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,

    /// The user of the kubeconfig to use
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,

    /// Address and port of the API server
    #[arg(short = 's', long, value_name = "URL")]
    pub server: Option<String>,

    /// Bearer token for the API server
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,

    /// Name for the API server, with a password
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,

    /// Password for the API server
    #[arg(long, value_name = "PASSWORD")]
    pub password: Option<String>,

    /// File with the certificate authority of the API server
    #[arg(long, value_name = "FILE", value_parser = words::path())]
    pub certificate_authority: Option<PathBuf>,

    /// File with the client certificate
    #[arg(long, value_name = "FILE", value_parser = words::path())]
    pub client_certificate: Option<PathBuf>,

    /// File with the client key
    #[arg(long, value_name = "FILE", value_parser = words::path())]
    pub client_key: Option<PathBuf>,

    /// The name to expect in the API server's certificate
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,

    /// Do not check the API server's certificate
    #[arg(long)]
    pub insecure_skip_tls_verify: bool,

    /// User to act as
    #[arg(long = "as", value_name = "USER")]
    pub impersonate: Option<String>,

    /// Group to act as; may be repeated
    #[arg(long = "as-group", value_name = "GROUP")]
    pub impersonate_groups: Vec<String>,

    /// UID to act as
    #[arg(long = "as-uid", value_name = "UID")]
    pub impersonate_uid: Option<String>,

    /// What else to say of whom to act as; may be repeated
    #[arg(long = "as-user-extra", value_name = "KEY=VALUE", value_parser = words::pair)]
    pub impersonate_extra: Vec<(String, String)>,

    /// How long one request may take (1s, 2m, 3h); 0 for no limit
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration)]
    pub request_timeout: std::time::Duration,

    /// Do not ask for compressed answers
    #[arg(long)]
    pub disable_compression: bool,

    /// How many objects of a list to ask for at a time; 0 for the whole list
    #[arg(long, value_name = "COUNT", default_value_t = 500, allow_negative_numbers = true)]
    pub chunk_size: i64,

    /// Exit with 2 if the API server warns of something
    #[arg(long)]
    pub warnings_as_errors: bool,

    /// Taken because kubectl takes it; nothing is cached
    #[arg(long, value_name = "FOLDER", value_parser = words::path())]
    pub cache_dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_words_go_together() {
        Cli::command().debug_assert();
    }

    fn namespace(words: &str) -> Option<String> {
        match Cli::try_parse_from(words.split(' ')).unwrap().command {
            Command::Why(args) => args.connection.namespace,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_of_two_counts_unless_several_are_meant() {
        assert_eq!(namespace("arc why -n a -n b").as_deref(), Some("b"));
        let contexts = Cli::try_parse_from(["arc", "why", "--context", "a", "--context", "b"]).unwrap();
        let Command::Why(args) = contexts.command else { panic!("{contexts:?}") };
        assert_eq!(args.connection.context, ["a", "b"]);
    }
}
