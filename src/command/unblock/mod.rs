//! `kubectl arc unblock`: plan, agree, carry out, watch.

mod agree;
mod promises;
mod report;
mod reviewed;
mod run;
mod steps;
mod undo;
mod watch;

use super::Answer;
use super::Output;
use super::Paper;
use super::Remark;
use super::asked;
use super::live;
use super::live::Session;
use super::target;
use crate::cli::AcceptLoss;
use crate::cli::DryRun;
use crate::cli::PlanFormat;
use crate::cli::UnblockArgs;
use crate::diagnose;
use crate::diagnose::Ask;
use crate::diagnose::Diagnosis;
use crate::diagnose::Loss;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::error::Exit;
use crate::model::Snapshot;
use crate::plan;
use crate::plan::Plan;
use crate::render;
use crate::render::Style;
use crate::source;
use crate::ui::Ui;

/// Carries the command out.
///
/// # Errors
/// A wrong TARGET, an object that does not exist, a file or cluster that cannot be read, a journal that cannot be
/// written, a reviewed plan that the cluster has moved on from. Then nothing was changed.
pub async fn run(args: &UnblockArgs, paper: Paper, ui: &mut Ui) -> Result<Answer, Error> {
    if args.dry_run == DryRun::Bare {
        ui.warn("--dry-run is deprecated without a value, and means --dry-run=client");
    }
    if args.undo.is_some() {
        return undo::run(args, paper, ui).await;
    }
    let wanted = target::parse(&args.target)?;
    if !args.filename.is_empty() {
        return from_file(args, &wanted, paper);
    }
    let reviewed = args.plan.as_deref().map(reviewed::read).transpose()?;
    let question = question(args, &wanted)?;
    let session = Session::open(&question).await?;
    let look = Look::take(&session).await?;
    asked::refuse_absent(&look.asks, &look.diagnosis, &look.snapshot)?;
    if look.diagnosis.summary.verdict != Verdict::Blocked {
        return Ok(unblocked(&look, args, paper));
    }
    let only_plan = args.output.is_some() || args.dry_run.is_client();
    if only_plan {
        return Ok(planned(args, &look, paper));
    }
    run::run(args, reviewed.as_ref(), paper, ui, &session, look).await
}

/// A cluster as it is now, and what that means.
pub struct Look {
    pub snapshot: Snapshot,
    pub asks: Vec<Ask>,
    pub diagnosis: Diagnosis,
    /// What the API server warned of.
    pub warnings: Vec<String>,
}

impl Look {
    /// # Errors
    /// The cluster cannot be reached, or refuses the user.
    pub async fn take(session: &Session<'_>) -> Result<Self, Error> {
        let (snapshot, asks) = session.look().await?;
        let diagnosis = diagnose::diagnose(&snapshot, &asks);
        Ok(Self { snapshot, asks, diagnosis, warnings: session.warnings() })
    }

    /// What is to be said beside what was found.
    pub fn remarks(&self) -> Vec<Remark> {
        let mut remarks = super::warnings(&self.snapshot.remarks);
        remarks.extend(self.warnings.iter().cloned().map(Remark::Server));
        remarks
    }

    pub fn plan(&self, accepted: Loss) -> Plan {
        plan::plan(&self.snapshot, &self.diagnosis, accepted)
    }
}

fn question<'a>(args: &'a UnblockArgs, wanted: &'a [target::Wanted]) -> Result<live::Question<'a>, Error> {
    let context = match args.connection.context.as_slice() {
        [] => None,
        [context] => Some(context.as_str()),
        several => {
            let failed =
                Error::usage(format!("unblock works on one cluster, and --context names {}", several.len()));
            return Err(failed.hint("unblock one after the other"));
        }
    };
    Ok(live::Question {
        connection: &args.connection,
        context,
        verbosity: args.verbosity,
        all_namespaces: args.all_namespaces,
        wanted,
        selector: &[],
    })
}

/// A file can be planned for, and nothing more.
fn from_file(args: &UnblockArgs, wanted: &[target::Wanted], paper: Paper) -> Result<Answer, Error> {
    if args.dry_run == DryRun::Server {
        return Err(Error::usage("a file has no server that could judge").hint("use --dry-run=client"));
    }
    let snapshot = source::file::load(&args.filename, args.complete)?;
    let place = asked::Place {
        namespace: args.connection.namespace.as_deref(),
        all_namespaces: args.all_namespaces,
        selector: &[],
    };
    let asks = asked::of_file(&place, wanted, &snapshot)?;
    let diagnosis = diagnose::diagnose(&snapshot, &asks);
    asked::refuse_absent(&asks, &diagnosis, &snapshot)?;
    let look = Look { snapshot, asks, diagnosis, warnings: Vec::new() };
    if look.diagnosis.summary.verdict != Verdict::Blocked && args.output.is_none() {
        return Ok(unblocked(&look, args, paper));
    }
    Ok(planned(args, &look, paper))
}

fn accepted(args: &UnblockArgs) -> Loss {
    match args.accept_loss {
        AcceptLoss::None => Loss::None,
        AcceptLoss::Reversible => Loss::Reversible,
        AcceptLoss::Registration => Loss::Registration,
        AcceptLoss::Job => Loss::Job,
        AcceptLoss::Data => Loss::Data,
    }
}

fn style(args: &UnblockArgs, paper: Paper) -> Style {
    Style { width: paper.width, verbose: args.verbosity > 0, ascii: paper.ascii }
}

/// Nothing is blocked, or nobody can say: what `why` says of it.
fn unblocked(look: &Look, args: &UnblockArgs, paper: Paper) -> Answer {
    let text = render::text::diagnosis(&look.diagnosis, &style(args, paper));
    let plan = look.plan(Loss::None);
    let output = match args.output {
        None | Some(PlanFormat::Text) => Output::Text(text),
        Some(PlanFormat::Json) => Output::Raw(render::json::plan::json(&plan)),
        Some(PlanFormat::Yaml) => Output::Raw(render::json::plan::yaml(&plan)),
        Some(PlanFormat::Script) => Output::Raw(render::plan::script(&plan)),
    };
    let exit = asked::exit(look.diagnosis.summary.verdict);
    Answer { output, remarks: look.remarks(), exit }
}

/// The plan alone. Something is blocked, so the exit code says so.
fn planned(args: &UnblockArgs, look: &Look, paper: Paper) -> Answer {
    let (plan, remarks) = (&look.plan(accepted(args)), look.remarks());
    let output = match args.output {
        None | Some(PlanFormat::Text) => Output::Text(render::plan::text(plan, &style(args, paper))),
        Some(PlanFormat::Json) => Output::Raw(render::json::plan::json(plan)),
        Some(PlanFormat::Yaml) => Output::Raw(render::json::plan::yaml(plan)),
        Some(PlanFormat::Script) => Output::Raw(render::plan::script(plan)),
    };
    Answer { output, remarks, exit: Exit::Blocked }
}
