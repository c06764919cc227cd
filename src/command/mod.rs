//! What was meant: each command wires the rooms together and says what to print and how to exit.

mod asked;
pub mod complete;
mod completion;
mod explain;
mod interrupt;
mod live;
mod snapshot;
mod target;
mod unblock;
mod watch;
mod why;

use crate::cli::Cli;
use crate::cli::Command;
use crate::error::Error;
use crate::error::Exit;
use crate::render::Text;
use crate::ui::Ui;

/// What a command leaves: the answer, what to say beside it, and how to exit.
#[derive(Debug)]
pub struct Answer {
    pub output: Output,
    pub remarks: Vec<Remark>,
    pub exit: Exit,
}

/// What is said on stderr beside the answer, one line each.
#[derive(Clone, Debug)]
pub enum Remark {
    /// What does not change the answer but should be known.
    Warning(String),
    /// What the API server warns of.
    Server(String),
    /// What a kubectl user waits to hear.
    Note(String),
}

impl Remark {
    pub fn tell(&self, ui: &mut Ui) {
        match self {
            Self::Warning(text) => ui.warn(text),
            Self::Server(text) => ui.warn_as_server(text),
            Self::Note(text) => ui.note(text),
        }
    }
}

/// What the reader of a cluster or a file remarked.
fn warnings(remarks: &[String]) -> Vec<Remark> {
    remarks.iter().cloned().map(Remark::Warning).collect()
}

/// What goes to stdout.
#[derive(Debug)]
pub enum Output {
    Text(Text),
    /// JSON or YAML, or plain words of our own.
    Raw(String),
}

/// How wide and in which letters text is to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub width: usize,
    pub ascii: bool,
}

/// Carries a command out.
///
/// # Errors
/// Whatever keeps the tool from doing its work; exit code 2.
pub async fn run(cli: Cli, paper: Paper, ui: &mut Ui) -> Result<Answer, Error> {
    match cli.command {
        Command::Why(args) => why::run(&args, paper, ui).await,
        Command::Unblock(args) => unblock::run(&args, paper, ui).await,
        Command::Snapshot(args) => snapshot::run(&args).await,
        Command::Explain(args) => explain::run(&args, paper),
        Command::Completion(args) => completion::run(&args, ui),
        Command::Version => {
            let output = Output::Raw(format!("kubectl-arc {}\n", env!("CARGO_PKG_VERSION")));
            Ok(Answer { output, remarks: Vec::new(), exit: Exit::Clear })
        }
    }
}

/// The one place where the clock is read (invariant 1).
#[expect(clippy::disallowed_methods, reason = "somebody has to read the clock once")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
