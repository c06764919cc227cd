//! kubectl-arc: why an Actions Runner Controller resource is blocked, and the gentlest way out.

mod arc;
mod cli;
mod command;
mod diagnose;
mod error;
mod graph;
mod model;
mod render;
mod source;
mod ui;

use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let cli = cli::Cli::parse();
    match command::run(cli, command::Paper { width: 80, ascii: false }).await {
        Ok(answer) => {
            match answer.output {
                command::Output::Text(text) => print!("{text}"),
                command::Output::Raw(text) => print!("{text}"),
            }
            for r in answer.remarks {
                eprintln!("{r}");
            }
            answer.exit.into()
        }
        Err(e) => {
            eprintln!("error: {e}\n{:?}", e.hint);
            error::Exit::Failed.into()
        }
    }
}
