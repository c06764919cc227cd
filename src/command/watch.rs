//! `kubectl arc why -w`: the answer, and again whenever it is another one.

use super::Answer;
use super::Output;
use super::Paper;
use super::asked;
use super::interrupt::Interrupt;
use super::live::Question;
use super::live::Session;
use super::warnings;
use super::why;
use crate::cli::Format;
use crate::cli::WhyArgs;
use crate::diagnose;
use crate::diagnose::Diagnosis;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::render;
use crate::render::Style;
use crate::ui::Ui;
use std::time::Duration;

/// Between two looks, as `unblock` takes them.
const PAUSE: Duration = Duration::from_secs(3);
const WATCHING: &str = "watching; Ctrl-C ends it";

/// Looks until somebody wants it to end, or, where a person reads, until nothing waits any more. The exit code is that of the
/// last answer.
///
/// # Errors
/// As for a single answer, until there is one. Afterwards a cluster that gives none is asked again.
pub async fn run(
    args: &WhyArgs,
    question: &Question<'_>,
    paper: Paper,
    ui: &mut Ui,
) -> Result<Answer, Error> {
    let session = Session::open(question).await?;
    let interrupt = Interrupt::listen();
    let mut last: Option<(Vec<String>, Verdict)> = None;
    loop {
        let looked = tokio::select! {
            looked = session.look() => looked,
            () = interrupt.wait() => break,
        };
        match looked {
            Err(error) if last.is_none() => return Err(error),
            Err(error) => ui.progress(&format!("cannot look, trying again: {error}")),
            Ok((snapshot, asks)) => {
                let diagnosis = diagnose::diagnose(&snapshot, &asks);
                if last.is_none() {
                    asked::refuse_absent(&asks, &diagnosis, &snapshot)?;
                    warnings(&snapshot.remarks).iter().for_each(|remark| remark.tell(ui));
                }
                let (picture, verdict) = (picture(&diagnosis), diagnosis.summary.verdict);
                let is_another = last.as_ref().is_none_or(|(before, _)| *before != picture);
                let is_text = args.output.output == Format::Text;
                if is_another && is_text && last.is_some() {
                    ui.make_room();
                }
                session.warnings().iter().for_each(|text| ui.warn_as_server(text));
                if is_another {
                    why::nothing_found(&asks, &diagnosis, "").iter().for_each(|remark| remark.tell(ui));
                    show(&diagnosis, args, paper, ui, last.is_none());
                }
                last = Some((picture, verdict));
                if (is_text && verdict == Verdict::Clear) || ui.takes_no_more() {
                    break;
                }
                ui.progress(WATCHING);
            }
        }
        if !interrupt.sleep(PAUSE).await {
            break;
        }
    }
    match last {
        Some((_, verdict)) => {
            Ok(Answer { output: Output::Raw(String::new()), remarks: Vec::new(), exit: asked::exit(verdict) })
        }
        None => Err(Error::access("stopped before there was an answer")),
    }
}

fn show(diagnosis: &Diagnosis, args: &WhyArgs, paper: Paper, ui: &mut Ui, is_first: bool) {
    match args.output.output {
        Format::Text => {
            let style = Style { width: paper.width, verbose: args.output.verbosity > 0, ascii: paper.ascii };
            ui.print(&render::text::diagnosis(diagnosis, &style));
        }
        Format::Json => ui.print_raw(&render::json::json(diagnosis)),
        Format::Yaml => {
            let between = if is_first { "" } else { "---\n" };
            ui.print_raw(&format!("{between}{}", render::json::yaml(diagnosis)));
        }
    }
}

/// What makes an answer another one: not that time has passed.
fn picture(diagnosis: &Diagnosis) -> Vec<String> {
    let targets = diagnosis.targets.iter();
    let verdicts = targets.clone().map(|target| format!("{} {}", target.object.id, target.verdict.word()));
    let steps = targets.flat_map(|target| &target.path);
    let steps = steps.map(|step| format!("{} {} {}", step.object.id, step.waits_for.id, step.stage));
    let found = diagnosis.roots.iter().chain(&diagnosis.notices);
    let found = found.map(|root| format!("{} {} {:?}", root.class.id(), root.object.id, root.certainty));
    let gaps = diagnosis.gaps.iter().map(|gap| format!("{} {:?}", gap.kind, gap.namespace));
    let verdict = diagnosis.summary.verdict.word().to_owned();
    [verdict].into_iter().chain(verdicts).chain(steps).chain(found).chain(gaps).collect()
}
