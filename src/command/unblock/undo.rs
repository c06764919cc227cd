//! `--undo JOURNAL`: what a run did is put back, as far as it can be.

use super::question;
use super::run::open_journal;
use super::steps::told;
use crate::apply::Done;
use crate::apply::Judged;
use crate::cli::DryRun;
use crate::cli::UnblockArgs;
use crate::command::Answer;
use crate::command::Output;
use crate::command::Paper;
use crate::command::Remark;
use crate::command::interrupt::Interrupt;
use crate::command::live::Session;
use crate::error::Error;
use crate::error::Exit;
use crate::journal;
use crate::journal::Back;
use crate::render;
use crate::render::plan::Became;
use crate::ui::Asked;
use crate::ui::Ui;

/// Carries it out, the newest write first.
///
/// # Errors
/// A file that is no journal, or that of another cluster, a cluster that cannot be reached, a journal that cannot be
/// written.
pub async fn run(args: &UnblockArgs, paper: Paper, ui: &mut Ui) -> Result<Answer, Error> {
    let Some(file) = &args.undo else { return Err(Error::internal("no journal was named")) };
    let entries = journal::read(file)?;
    let undos = journal::undo(&entries);
    let style = super::style(args, paper);
    let lines = |undos: &[(journal::Undo, Became)]| render::plan::undone(undos, &style);
    let only_told = |undo: &journal::Undo| match &undo.back {
        Back::Action(action) => (undo.clone(), Became::Command(action.command())),
        Back::Needless(why) | Back::Cannot(why) => (undo.clone(), Became::Said(why.clone())),
    };
    let told_all: Vec<(journal::Undo, Became)> = undos.iter().map(only_told).collect();
    let can = undos.iter().any(|undo| matches!(undo.back, Back::Action(_)));
    if args.dry_run.is_client() || !can {
        let exit = if can || undos.is_empty() { Exit::Clear } else { Exit::Blocked };
        return Ok(Answer { output: Output::Text(lines(&told_all)), remarks: Vec::new(), exit });
    }
    let question = question(args, &[])?;
    let session = Session::open(&question).await?;
    // What is made again has no uid that would tell another cluster apart.
    journal::is_of(&entries, session.server())?;
    let interrupt = Interrupt::listen();
    let source = session.source().await?;
    let dry = args.dry_run == DryRun::Server;
    if !dry && !args.yes {
        ui.tell(&lines(&told_all));
        if !ui.can_ask() {
            return Err(Error::usage("nobody can be asked here").hint("say --yes to put this back"));
        }
        if !matches!(ui.confirm("Put this back?"), Asked::Answer(true)) {
            let output = Output::Raw("Nothing was changed.\n".to_owned());
            return Ok(Answer { output, remarks: Vec::new(), exit: Exit::Blocked });
        }
    }
    let journal = if dry { None } else { open_journal(args, &session, &source)? };
    let mut writer = session.writer(&args.field_manager, journal);
    let mut outcome = Vec::new();
    let mut failed = false;
    for undo in undos {
        let said = match &undo.back {
            Back::Needless(why) => why.clone(),
            Back::Cannot(why) => {
                failed = true;
                format!("cannot be put back: {why}")
            }
            // Between two changes, never within one.
            Back::Action(_) if interrupt.happened() => {
                failed = true;
                "not put back: you stopped it".to_owned()
            }
            Back::Action(action) if dry => match writer.judge(action).await {
                Ok(Judged::Would(_)) => "the server would take it".to_owned(),
                Ok(Judged::Already(why)) => format!("nothing to do: {why}"),
                Err(refusal) => told(&refusal),
            },
            Back::Action(action) => {
                let step = journal::Step { number: 0, class: String::new(), remedy: "undo".to_owned() };
                match writer.carry_out(action, &step).await {
                    Ok(Done::Changed(_)) => "put back".to_owned(),
                    Ok(Done::Already(why)) => format!("nothing to do: {why}"),
                    Err(refusal) => {
                        failed = true;
                        told(&refusal)
                    }
                }
            }
        };
        outcome.push((undo, Became::Said(said)));
    }
    writer.finish()?;
    let remarks = session.warnings().into_iter().map(Remark::Server).collect();
    let exit = if failed { Exit::Blocked } else { Exit::Clear };
    Ok(Answer { output: Output::Text(lines(&outcome)), remarks, exit })
}
