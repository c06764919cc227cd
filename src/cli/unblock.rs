//! The words of `unblock`.

use super::Color;
use super::ConnectionArgs;
use super::duration::duration;
use super::words;
use clap::Args;
use clap::ValueEnum;
use clap::ValueHint;
use std::path::PathBuf;

/// Free what is blocked, with the least that can be lost: steps to choose from, each tried on the server first
///
/// It plans from the diagnosis of why, gentlest way out first, and says for every step what changes, what it costs and
/// what stays behind at GitHub. On a terminal you choose and confirm; elsewhere, or with --yes, the steps run whose loss
/// is within --accept-loss. Then it watches until nothing is blocked. Every write is guarded by the object's uid, judged
/// by the server in a dry run, and noted in a journal before it is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # Show what could be done about a runner set that does not go away, step by step, and ask before each
  kubectl arc unblock -n arc-runners my-runners

  # What would be done, judged by the server, and nothing changed
  kubectl arc unblock ns/arc-runners --dry-run=server

  # Without questions, and with entries at GitHub that stay behind if nothing gentler works
  kubectl arc unblock ns/arc-runners --yes --accept-loss registration

  # Let somebody review the plan, and do exactly that
  kubectl arc unblock ns/arc-runners --accept-loss registration -o json > plan.json
  kubectl arc unblock ns/arc-runners --plan plan.json --yes

  # Put back what can be put back
  kubectl arc unblock --undo ~/.local/state/kubectl-arc/2026-11-26T05-00-00Z-4711.jsonl")]
pub struct UnblockArgs {
    /// What to free: TYPE NAME, TYPE/NAME, or the NAME of a runner set
    #[arg(value_name = "TARGET")]
    pub target: Vec<String>,

    /// Look at all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Only plan, from these snapshot files (or kubectl get -o yaml|json output, folders, - for stdin)
    #[arg(short = 'f', long = "filename", value_name = "FILE", value_hint = ValueHint::AnyPath,
          conflicts_with_all = ["yes", "plan", "undo"])]
    pub filename: Vec<String>,

    /// Taken because kubectl takes it; folders are always read whole
    #[arg(short = 'R', long)]
    pub recursive: bool,

    /// The files hold all there was: a kind that is not in them does not exist
    #[arg(long, requires = "filename")]
    pub complete: bool,

    /// Ask nothing: do every step within --accept-loss
    #[arg(short = 'y', long)]
    pub yes: bool,

    /// The dearest step that may be done without being asked for by name
    #[arg(long, value_enum, default_value_t = AcceptLoss::None, value_name = "LOSS")]
    pub accept_loss: AcceptLoss,

    /// client: print the plan; server: also let the API server judge every change. Nothing is changed
    #[arg(long, value_enum, default_value_t = DryRun::None, value_name = "WHERE", num_args = 0..=1,
          require_equals = true, default_missing_value = "unchanged")]
    pub dry_run: DryRun,

    /// Print the plan, or the kubectl commands that do the same, and change nothing
    #[arg(short = 'o', long, value_enum, value_name = "FORMAT", conflicts_with_all = ["plan", "undo"])]
    pub output: Option<PlanFormat>,

    /// Do the steps of this reviewed plan (-o json), and none if the cluster has moved on since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["undo", "accept_loss"])]
    pub plan: Option<PathBuf>,

    /// Put back what can be put back of what this journal holds
    #[arg(long, value_name = "JOURNAL", conflicts_with_all = ["target", "all_namespaces", "accept_loss"])]
    pub undo: Option<PathBuf>,

    /// Where to note every write with the object as it was, or none [default: a file of its own in the user's state
    /// folder]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,

    /// How long to watch what comes of it (30s, 5m); 0 to watch nothing
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    pub timeout: std::time::Duration,

    /// Who the API server notes as the author of the changes
    #[arg(long, value_name = "NAME", default_value = "kubectl-arc")]
    pub field_manager: String,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,

    /// Say more: every test of a patch, every object; from 6 on every request to the API server (-v=6)
    #[arg(short = 'v', long = "v", value_name = "LEVEL", num_args = 0..=1, require_equals = true,
          default_value_t = 0, default_missing_value = "1", value_parser = words::level)]
    pub verbosity: u8,

    // Last, because its heading stands over all that follows.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What a step may cost, gentlest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AcceptLoss {
    /// Nothing
    None,
    /// What re-applying undoes
    Reversible,
    /// An entry that stays at GitHub
    Registration,
    /// A running job
    Job,
    /// Anything
    Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    None,
    Client,
    Server,
    /// `--dry-run` alone, in kubectl's own word for it: `client`, by an old custom.
    #[value(name = "unchanged", hide = true)]
    Bare,
}

impl DryRun {
    /// The plan alone is wanted.
    pub fn is_client(self) -> bool {
        matches!(self, Self::Client | Self::Bare)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Text,
    Json,
    Yaml,
    Script,
}
