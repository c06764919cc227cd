//! The end of a run: what was done, what came of it, what is left.

use super::Look;
use super::promises::Promises;
use super::promises::State;
use super::run::End;
use super::run::Run;
use super::run::untried;
use crate::command::Answer;
use crate::command::Output;
use crate::diagnose::Loss;
use crate::diagnose::Verdict;
use crate::error::Exit;
use crate::render;
use crate::render::Style;
use crate::render::plan::Report;
use std::path::Path;

/// The answer on stdout, and the exit code.
pub fn answer(run: &Run<'_>, last: &Look, end: &End, journal: Option<&Path>, style: &Style) -> Answer {
    let verdict = last.diagnosis.summary.verdict;
    let free = *end == End::Free && verdict <= Verdict::Waiting;
    let promises = run.promises.as_ref().filter(|_| free);
    let seen = |state: State| promises.map_or(Vec::new(), |promises| promises.seen(state));
    let plan = untried(last, run.accepted, &run.tried);
    let why = match end {
        End::Free => String::new(),
        End::NothingMore => nothing_more(run, plan.dearer),
        End::TimedOut => format!("it did not end within {}s", run.args.timeout.as_secs()),
        End::Stopped => "you stopped it".to_owned(),
        End::Declined if run.done.is_empty() => "nothing was changed".to_owned(),
        End::Declined => "you wanted nothing more to be done".to_owned(),
        End::Changed(words) | End::Refused(words) => words.clone(),
    };
    // Whoever was refused, or did not want it, would only be refused or asked the same again.
    let would_go_on = match end {
        End::NothingMore | End::TimedOut | End::Stopped | End::Changed(_) => true,
        End::Free | End::Declined | End::Refused(_) => false,
    };
    let report = Report {
        free,
        why,
        diagnosis: &last.diagnosis,
        done: &run.done,
        leaves: run.leaves.iter().map(String::as_str).collect(),
        gone: promises.map_or(0, Promises::gone),
        promised: promises.map_or(0, |promises| promises.all),
        still_going: seen(State::Deleting),
        still_there: seen(State::There),
        unread: seen(State::Unread),
        left_to_you: if free { Vec::new() } else { untried(last, Loss::None, &run.tried).left_to_you },
        more: would_go_on && !plan.steps.is_empty(),
        dearer: plan.dearer.filter(|_| !free),
        journal: journal.map(|path| path.display().to_string()).filter(|_| !run.done.is_empty()),
    };
    let exit = match (free, verdict) {
        (true, _) => Exit::Clear,
        (false, Verdict::Unknown) => Exit::Unknown,
        (false, _) => Exit::Blocked,
    };
    Answer { output: Output::Text(render::plan::report(&report, style)), remarks: Vec::new(), exit }
}

/// Why it ends where no step is left. What costs too much could be done all the same; what takes a person could not.
fn nothing_more(run: &Run<'_>, dearer: Option<Loss>) -> String {
    let more = if run.done.is_empty() { "" } else { " more" };
    let limit = match dearer {
        None => "without you".to_owned(),
        Some(_) if run.accepted == Loss::None => "without a loss".to_owned(),
        Some(_) => format!("at a loss of {} or less", run.accepted.word()),
    };
    format!("nothing{more} can be done by this program {limit}")
}
