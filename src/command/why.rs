//! `kubectl arc why`: read, diagnose, render.

use super::Answer;
use super::Output;
use super::Paper;
use super::Remark;
use super::asked;
use super::live;
use super::target;
use super::target::Wanted;
use super::watch;
use crate::cli::Format;
use crate::cli::WhyArgs;
use crate::diagnose;
use crate::diagnose::Ask;
use crate::diagnose::Diagnosis;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::model::Snapshot;
use crate::render;
use crate::source;
use crate::ui::Ui;

/// Carries the command out.
///
/// # Errors
/// A wrong TARGET, an object that does not exist, a file or cluster that cannot be read.
pub async fn run(args: &WhyArgs, paper: Paper, ui: &mut Ui) -> Result<Answer, Error> {
    let wanted = target::parse(&args.target)?;
    let selector = selector(args)?;
    if !selector.is_empty() && !wanted.is_empty() {
        return Err(Error::usage("-l chooses among runner sets, and a TARGET says which object is meant")
            .hint("leave one of them out"));
    }
    if args.watch {
        let context = match args.connection.context.as_slice() {
            [] => None,
            [context] => Some(context.as_str()),
            several => {
                let failed =
                    Error::usage(format!("-w watches one cluster, and --context names {}", several.len()));
                return Err(failed.hint("watch each in a terminal of its own"));
            }
        };
        return watch::run(args, &question(args, context, &wanted, &selector), paper, ui).await;
    }
    let (mut snapshots, asks, said) = read(args, &wanted, &selector).await?;
    diagnose::introduce(&mut snapshots);
    let several = snapshots.len() > 1;
    let mut remarks = Vec::new();
    let mut answers: Vec<Diagnosis> = Vec::new();
    let mut absent = None;
    for ((snapshot, asks), said) in snapshots.iter().zip(&asks).zip(said) {
        let diagnosis = diagnose::diagnose(snapshot, asks);
        let place = if several { format!("{}: ", snapshot.source.context) } else { String::new() };
        remarks.extend(snapshot.remarks.iter().map(|remark| Remark::Warning(format!("{place}{remark}"))));
        remarks.extend(said.into_iter().map(|text| Remark::Server(format!("{place}{text}"))));
        if let Err(error) = asked::refuse_absent(asks, &diagnosis, snapshot) {
            remarks.extend(several.then(|| Remark::Warning(format!("{place}{error}"))));
            absent = Some(error);
            continue;
        }
        remarks.extend(nothing_found(asks, &diagnosis, &place));
        answers.push(diagnosis);
    }
    // What one of several clusters does not have is no slip of the pen.
    if let Some(error) = absent.filter(|_| answers.is_empty()) {
        return Err(error);
    }
    let style = render::Style { width: paper.width, verbose: args.output.verbosity > 0, ascii: paper.ascii };
    let output = match (args.output.output, answers.as_slice()) {
        (Format::Text, answers) => Output::Text(render::text::diagnoses(answers, &style)),
        (Format::Json, [answer]) if !several => Output::Raw(render::json::json(answer)),
        (Format::Yaml, [answer]) if !several => Output::Raw(render::json::yaml(answer)),
        (Format::Json, answers) => Output::Raw(render::json::list_json(answers)),
        (Format::Yaml, answers) => Output::Raw(render::json::list_yaml(answers)),
    };
    let verdict = answers.iter().map(|answer| answer.summary.verdict).max().unwrap_or(Verdict::Clear);
    Ok(Answer { output, remarks, exit: asked::exit(verdict) })
}

/// What kubectl says where there is nothing.
pub fn nothing_found(asks: &[Ask], diagnosis: &Diagnosis, place: &str) -> Option<Remark> {
    let nothing = diagnosis.targets.is_empty() && diagnosis.gaps.is_empty() && diagnosis.notices.is_empty();
    nothing.then(|| {
        Remark::Note(match asks.first().and_then(Ask::namespace) {
            Some(namespace) => format!("{place}No resources found in {namespace} namespace."),
            None => format!("{place}No resources found"),
        })
    })
}

fn question<'a>(
    args: &'a WhyArgs,
    context: Option<&'a str>,
    wanted: &'a [Wanted],
    selector: &'a [(String, String)],
) -> live::Question<'a> {
    live::Question {
        connection: &args.connection,
        context,
        verbosity: args.output.verbosity,
        all_namespaces: args.all_namespaces,
        wanted,
        selector,
    }
}

/// Every cluster that is asked, with what is asked of it and what it warns of: files, the current context, or each `--context`.
async fn read(
    args: &WhyArgs,
    wanted: &[Wanted],
    selector: &[(String, String)],
) -> Result<(Vec<Snapshot>, Vec<Vec<Ask>>, Vec<Vec<String>>), Error> {
    if !args.filename.is_empty() {
        let snapshot = source::file::load(&args.filename, args.complete)?;
        let place = asked::Place {
            namespace: args.connection.namespace.as_deref(),
            all_namespaces: args.all_namespaces,
            selector,
        };
        let asks = asked::of_file(&place, wanted, &snapshot)?;
        return Ok((vec![snapshot], vec![asks], vec![Vec::new()]));
    }
    let mut contexts: Vec<Option<&str>> = Vec::new();
    for context in args.connection.context.iter().filter(|context| !context.is_empty()) {
        if !contexts.contains(&Some(context)) {
            contexts.push(Some(context));
        }
    }
    if contexts.is_empty() {
        contexts.push(None);
    }
    let (mut snapshots, mut asks, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let several = contexts.len() > 1;
    for context in contexts {
        let (snapshot, asked, said) =
            live::read(&question(args, context, wanted, selector)).await.map_err(|error| {
                match context.filter(|_| several) {
                    Some(context) => Error { message: format!("{context}: {}", error.message), ..error },
                    None => error,
                }
            })?;
        snapshots.push(snapshot);
        asks.push(asked);
        warnings.push(said);
    }
    Ok((snapshots, asks, warnings))
}

/// `-l key=value,key==value`.
fn selector(args: &WhyArgs) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = args.selector.as_ref().filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    text.split(',')
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() && !key.ends_with('!') => {
                Ok((key.trim().to_owned(), value.trim_start_matches('=').trim().to_owned()))
            }
            _ => Err(Error::usage(format!("\"{pair}\" in the selector is not key=value"))
                .hint("why understands equality only: -l key=value,other=value")),
        })
        .collect()
}
