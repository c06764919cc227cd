//! kubectl-arc: why an Actions Runner Controller resource is blocked, and the gentlest way out.

mod apply;
mod arc;
mod cli;
mod command;
mod diagnose;
mod error;
mod graph;
mod journal;
mod model;
mod name;
mod plan;
mod render;
mod save;
mod source;
mod ui;

/// The stand-in for an API server, for tests of whatever has a connection.
#[cfg(test)]
#[path = "../tests/api/mod.rs"]
mod api;

use command::complete;
use error::Exit;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use ui::Color;
use ui::Ui;

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    let call = name::of_call(words.first().map(OsString::as_os_str));
    let completes = call.completes;
    name::set(call);
    if let Some(asker) = asker(completes, &words) {
        let answer = complete::run(&asker, complete::typed(&asker, words));
        Ui::new(Color::Never).print_raw(&answer);
        return Exit::Clear.into();
    }
    work(words)
}

/// Who asks how the words go on, if that is what the program was called for.
///
/// The variable alone is no question: left in the environment, it must not silence the commands.
fn asker(by_kubectl: bool, words: &[OsString]) -> Option<complete::Asker> {
    if by_kubectl {
        return Some(complete::Asker::Kubectl);
    }
    words.get(1).filter(|word| *word == complete::BEFORE_WORDS)?;
    let shell = env::var(complete::VARIABLE).ok().filter(|shell| complete::script_is_for(shell))?;
    let cursor = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    Some(complete::Asker::Shell { shell, cursor })
}

#[tokio::main(flavor = "current_thread")]
async fn work(words: Vec<OsString>) -> ExitCode {
    let cli = cli::read(words.into_iter());
    let mut ui = Ui::new(match cli.color() {
        cli::Color::Auto => Color::Auto,
        cli::Color::Always => Color::Always,
        cli::Color::Never => Color::Never,
    });
    ui.trace(cli.verbosity(), command::now);
    let strict = cli.warnings_as_errors();
    let style = ui.style(false);
    let paper = command::Paper { width: style.width, ascii: style.ascii };
    let answer = match command::run(cli, paper, &mut ui).await {
        Ok(answer) => answer,
        Err(error) => {
            ui.error(&error);
            return Exit::Failed.into();
        }
    };
    answer.remarks.iter().for_each(|remark| remark.tell(&mut ui));
    match &answer.output {
        command::Output::Text(text) => ui.print(text),
        command::Output::Raw(document) => ui.print_raw(document),
    }
    match ui.failure().or_else(|| strict.then(|| ui.warned()).flatten()) {
        Some(failure) => {
            ui.error(&failure);
            Exit::Failed.into()
        }
        None => answer.exit.into(),
    }
}
