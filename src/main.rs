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

use error::Exit;
use std::process::ExitCode;
use ui::Ui;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().peekable();
    let call = name::of_call(words.peek().map(std::ffi::OsString::as_os_str));
    name::set(call.name);
    let cli = cli::read(words);
    let mut ui = Ui::new(match cli.color() {
        cli::Color::Auto => ui::Color::Auto,
        cli::Color::Always => ui::Color::Always,
        cli::Color::Never => ui::Color::Never,
    });
    ui::trace(cli.verbosity(), command::now);
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
