//! The words of `completion`.

use clap::ArgGroup;
use clap::Args;
use clap::ValueEnum;

/// Let kubectl or a shell complete this plugin's words: commands, flags, kinds and the names of objects
///
/// kubectl asks a file beside the plugin what can come next; --install puts it there, because krew does not. A shell that
/// completes kubectl then completes the plugin as well. The scripts are for the program under its own name, without
/// kubectl.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["shell", "install", "uninstall"]),
    after_help = "\
Examples:
  # Let kubectl complete its arc plugin (if your shell completes kubectl already)
  kubectl arc completion --install

  # Take it away again, before the plugin goes
  kubectl arc completion --uninstall

  # Let bash complete kubectl-arc, the program itself
  source <(kubectl arc completion bash)"
)]
pub struct CompletionArgs {
    /// Print the script with which this shell completes the program under its own name
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,

    /// Put the file beside the plugin that kubectl asks for completions; says what it writes, and asks
    #[arg(long)]
    pub install: bool,

    /// Take that file away
    #[arg(long)]
    pub uninstall: bool,

    /// Ask nothing
    #[arg(short = 'y', long, conflicts_with = "shell")]
    pub yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

impl Shell {
    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
        }
    }
}
