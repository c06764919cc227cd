//! The run as a whole: plan, agree, carry out, watch, and again, until nothing is blocked or nothing more may be done.

use super::Look;
use super::accepted;
use super::agree;
use super::promises::Promises;
use super::report;
use super::reviewed;
use super::reviewed::Reviewed;
use super::style;
use crate::apply::Writer;
use crate::cli::DryRun;
use crate::cli::UnblockArgs;
use crate::command::Answer;
use crate::command::Paper;
use crate::command::interrupt::Interrupt;
use crate::command::live::Session;
use crate::diagnose::Loss;
use crate::error::Error;
use crate::journal;
use crate::journal::Journal;
use crate::journal::Place;
use crate::model::SourceInfo;
use crate::plan;
use crate::plan::Plan;
use crate::render::Style;
use crate::source::state;
use crate::ui::Ui;
use std::collections::BTreeSet;
use std::path::Path;

/// What one run has done so far.
pub struct Run<'a> {
    pub args: &'a UnblockArgs,
    pub session: &'a Session<'a>,
    pub writer: Writer,
    pub interrupt: Interrupt,
    /// The dearest step that is done without being chosen.
    pub accepted: Loss,
    /// How progress is laid out.
    pub style: Style,
    /// The number of the last step.
    pub number: usize,
    /// Each change in the words of a past tense: "patched Role a/b".
    pub done: Vec<String>,
    /// Every change that was sent or found needless: it is not tried again.
    pub tried: BTreeSet<String>,
    /// What stays behind because of what was done.
    pub leaves: Vec<String>,
    /// What the play of the first plan said would be gone.
    pub promises: Option<Promises>,
}

/// Why a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is blocked any more.
    Free,
    /// Something is, and nothing more may be done at the accepted loss.
    NothingMore,
    /// Something is, and the time is over.
    TimedOut,
    /// The user wanted to stop.
    Stopped,
    /// The user was asked, and did not want it.
    Declined,
    /// What was agreed to is not what would be done now.
    Changed(String),
    /// The server, or the journal, said no.
    Refused(String),
}

/// Does what can be done about what is blocked.
///
/// # Errors
/// As [`super::run`].
pub async fn run(
    args: &UnblockArgs,
    reviewed: Option<&Reviewed>,
    paper: Paper,
    ui: &mut Ui,
    session: &Session<'_>,
    look: Look,
) -> Result<Answer, Error> {
    let asks = !args.yes && args.plan.is_none() && args.dry_run == DryRun::None && ui.can_ask();
    let interrupt = Interrupt::listen();
    let mut run = Run {
        args,
        session,
        writer: session.writer(&args.field_manager, None),
        interrupt,
        accepted: accepted(args),
        style: Style { verbose: args.verbosity > 0, ..ui.style_of_stderr() },
        number: 0,
        done: Vec::new(),
        tried: BTreeSet::new(),
        leaves: Vec::new(),
        promises: None,
    };
    let mut plan = match reviewed {
        Some(reviewed) => reviewed::plan(reviewed, &look)?,
        None => look.plan(run.accepted),
    };
    if args.dry_run == DryRun::Server {
        return run.judge(&plan, look.remarks(), paper).await;
    }
    look.remarks().iter().for_each(|remark| remark.tell(ui));
    let mut look = look;
    let end = loop {
        if asks {
            match agree::agree(ui, &look, &run.style) {
                Some(agreed) => plan = agreed,
                None => break End::Declined,
            }
        }
        if plan.steps.is_empty() {
            break End::NothingMore;
        }
        if run.promises.is_none() {
            let journal = open_journal(args, session, &look.snapshot.source)?;
            run.writer = session.writer(&args.field_manager, journal);
            run.promises = Some(Promises::of(&plan, &look));
            run.warn(ui, &plan, asks);
        }
        let strict = asks || args.plan.is_some();
        if let Some(end) = run.carry_out(ui, &plan, strict).await? {
            break end;
        }
        match run.watch(ui, &mut look).await? {
            Some(end) => break end,
            None if args.plan.is_some() => break End::NothingMore,
            // What was done once is not done again: a controller is restarted once, and not for every step.
            None => plan = untried(&look, run.accepted, &run.tried),
        }
    };
    let journal = run.writer.journal().map(Path::to_owned);
    let last = match end {
        End::Free => look,
        // What came of it is worth a last look, if there is still somebody who answers.
        _ if run.done.is_empty() => look,
        _ => Look::take(session).await.unwrap_or(look),
    };
    let answer = report::answer(&run, &last, &end, journal.as_deref(), &style(args, paper));
    run.writer.finish()?;
    Ok(answer)
}

impl Run<'_> {
    /// What has to be known before the first write. Whoever is asked has seen it in the plan.
    fn warn(&self, ui: &mut Ui, plan: &Plan, asks: bool) {
        for fight in plan.fights.iter().filter(|_| !asks) {
            ui.warn(&format!(
                "{} keeps {} as it is in Git and may undo this; pause it with: {}",
                fight.tool, fight.object, fight.pause
            ));
        }
    }
}

/// The journal that the user wants, opened: without it nothing is written.
pub fn open_journal(
    args: &UnblockArgs,
    session: &Session<'_>,
    source: &SourceInfo,
) -> Result<Option<Journal>, Error> {
    let place = match args.journal.as_deref() {
        Some(path) if path == Path::new("none") => return Ok(None),
        Some(path) => Place::File(path.to_owned()),
        None => Place::Folder(state::folder().ok_or_else(|| {
            Error::config("there is no folder for the journal: neither HOME nor XDG_STATE_HOME is set")
                .hint("name a file with --journal FILE, or do without with --journal none")
        })?),
    };
    let run = journal::Run {
        api_version: String::new(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        time: crate::command::now().to_string(),
        context: source.context.clone(),
        server: session.server().to_owned(),
        server_version: source.server.clone(),
        user_agent: concat!("kubectl-arc/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    Journal::open(&place, &run).map(Some)
}

/// The plan of one look that holds nothing which was tried before.
pub fn untried(look: &Look, accepted: Loss, tried: &BTreeSet<String>) -> Plan {
    let mut plan = plan::plan(&look.snapshot, &look.diagnosis, accepted);
    let planned = plan.steps.len();
    plan.steps.retain(|step| step.changes().iter().any(|change| !tried.contains(&change.command())));
    if plan.steps.len() < planned {
        // What was tried in vain is left to the user, with the other ways out.
        plan.left_to_you = plan::plan_of(&look.snapshot, &look.diagnosis, plan.steps.clone()).left_to_you;
    }
    plan
}
