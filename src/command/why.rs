//! `kubectl arc why`: read, diagnose, render.

use super::Answer;
use super::Output;
use super::Paper;
use super::live;
use super::target;
use super::target::KindWord;
use super::target::Wanted;
use crate::arc;
use crate::arc::marks;
use crate::cli::Format;
use crate::cli::WhyArgs;
use crate::diagnose;
use crate::diagnose::Ask;
use crate::diagnose::Diagnosis;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::error::Exit;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::Snapshot;
use crate::render;
use crate::source;
use std::collections::BTreeSet;

/// Carries the command out.
///
/// # Errors
/// A wrong TARGET, an object that does not exist, a file or cluster that cannot be read.
pub async fn run(args: &WhyArgs, paper: Paper) -> Result<Answer, Error> {
    let wanted = target::parse(&args.target)?;
    let selector = selector(args)?;
    let (mut snapshots, asks) = read(args, &wanted, &selector).await?;
    diagnose::introduce(&mut snapshots);
    let several = snapshots.len() > 1;
    let mut remarks = Vec::new();
    let mut answers: Vec<Diagnosis> = Vec::new();
    let mut absent = None;
    for (snapshot, asks) in snapshots.iter().zip(&asks) {
        let diagnosis = diagnose::diagnose(snapshot, asks);
        let place = if several { format!("{}: ", snapshot.source.context) } else { String::new() };
        remarks.extend(snapshot.remarks.iter().map(|remark| format!("{place}{remark}")));
        if let Err(error) = refuse_absent(asks, &diagnosis, snapshot) {
            remarks.extend(several.then(|| format!("{place}{error}")));
            absent = Some(error);
            continue;
        }
        if diagnosis.targets.is_empty() && diagnosis.gaps.is_empty() && diagnosis.notices.is_empty() {
            remarks.push(match asks.first().and_then(Ask::namespace) {
                Some(namespace) => format!("{place}No resources of ARC found in {namespace} namespace."),
                None => format!("{place}No resources of ARC found."),
            });
        }
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
    let exit = match verdict {
        Verdict::Clear | Verdict::Waiting => Exit::Clear,
        Verdict::Unknown => Exit::Unknown,
        Verdict::Blocked => Exit::Blocked,
    };
    Ok(Answer { output, remarks, exit })
}

/// Every cluster that is asked, with what is asked of it: files, the current context, or each `--context`.
async fn read(
    args: &WhyArgs,
    wanted: &[Wanted],
    selector: &[(String, String)],
) -> Result<(Vec<Snapshot>, Vec<Vec<Ask>>), Error> {
    if !args.filename.is_empty() {
        let snapshot = source::file::load(&args.filename, args.complete)?;
        let asks = asks_of_file(args, wanted, &snapshot, selector)?;
        return Ok((vec![snapshot], vec![asks]));
    }
    let mut contexts: Vec<Option<&str>> = Vec::new();
    for context in args.connection.context.iter().map(|context| Some(context.as_str())) {
        if !contexts.contains(&context) {
            contexts.push(context);
        }
    }
    if contexts.is_empty() {
        contexts.push(None);
    }
    let mut snapshots = Vec::new();
    let mut asks = Vec::new();
    for context in contexts {
        let question = live::Question {
            connection: &args.connection,
            context,
            verbosity: args.output.verbosity,
            all_namespaces: args.all_namespaces,
            wanted,
            selector,
        };
        let (snapshot, asked) = live::read(&question).await?;
        snapshots.push(snapshot);
        asks.push(asked);
    }
    Ok((snapshots, asks))
}

/// `-l key=value,key==value`.
fn selector(args: &WhyArgs) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = &args.selector else { return Ok(Vec::new()) };
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

/// What is asked, about a file. Without -n the namespace is the one that it was taken for, as it is the context's for
/// a cluster; where a file does not say, names are looked for in all of it.
fn asks_of_file(
    args: &WhyArgs,
    wanted: &[Wanted],
    snapshot: &Snapshot,
    selector: &[(String, String)],
) -> Result<Vec<Ask>, Error> {
    let taken_for = Some(snapshot.source.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    let named = args.connection.namespace.as_deref();
    let namespace = named.or(taken_for).filter(|_| !args.all_namespaces);
    if wanted.is_empty() {
        return Ok(vec![Ask::Everything {
            namespace: namespace.map(str::to_owned),
            selector: selector.to_vec(),
        }]);
    }
    let seen = snapshot.objects().map(|object| &object.id.kind);
    let looked_at = snapshot.coverage.entries.iter().map(|look| &look.kind);
    let kinds: BTreeSet<&GroupKind> = seen.chain(looked_at).collect();
    let kind_of = |word: &KindWord| match word {
        KindWord::Known(row) => Ok(row.group_kind()),
        KindWord::Unknown(word) => {
            target::among(word, kinds.iter().copied()).ok_or_else(|| target::unknown_type(word, "the file"))
        }
    };
    let mut asks = Vec::new();
    for target in wanted {
        asks.extend(match target {
            Wanted::All(word) => {
                let kind = kind_of(word)?;
                let everywhere = arc::kind_row(&kind).is_some_and(|row| !row.namespaced);
                let namespace = namespace.filter(|_| !everywhere).map(str::to_owned);
                vec![Ask::Kind { kind, namespace }]
            }
            Wanted::Named { kind, name } => {
                vec![Ask::Object(find(snapshot, &kind_of(kind)?, namespace, name)?)]
            }
            Wanted::Set(name) => vec![Ask::Object(find_set(snapshot, namespace, name)?)],
        });
    }
    Ok(asks)
}

/// A runner set by its name alone: a scale set first, then one of legacy mode.
fn find_set(snapshot: &Snapshot, namespace: Option<&str>, name: &str) -> Result<ObjectId, Error> {
    let legacy = ["RunnerDeployment", "RunnerSet", "RunnerReplicaSet"];
    let has =
        |kind: &GroupKind| snapshot.list(kind, namespace).objects.iter().any(|object| object.id.name == name);
    let kind = legacy
        .into_iter()
        .map(|kind| GroupKind::new(arc::LEGACY_GROUP, kind))
        .find(|kind| has(kind) && !has(&arc::AUTOSCALING_RUNNER_SET))
        .unwrap_or(arc::AUTOSCALING_RUNNER_SET);
    find(snapshot, &kind, namespace, name)
}

/// The object of a kind and a name; without a namespace the only one of that name.
fn find(
    snapshot: &Snapshot,
    kind: &GroupKind,
    namespace: Option<&str>,
    name: &str,
) -> Result<ObjectId, Error> {
    let cluster_scoped = arc::kind_row(kind).is_some_and(|row| !row.namespaced);
    if cluster_scoped {
        return Ok(ObjectId::new(kind, "", name));
    }
    if let Some(namespace) = namespace {
        return Ok(ObjectId::new(kind, namespace, name));
    }
    let mut places: BTreeSet<&str> = snapshot
        .list(kind, None)
        .objects
        .iter()
        .filter(|object| object.id.name == name)
        .map(|object| object.id.namespace.as_str())
        .collect();
    if places.is_empty() && *kind == arc::AUTOSCALING_RUNNER_SET {
        // A runner set that is gone is still named by what belonged to it.
        places = snapshot
            .objects()
            .filter(|object| object.label(marks::SCALE_SET_NAME) == Some(name))
            .filter_map(|object| object.label(marks::SCALE_SET_NAMESPACE))
            .collect();
    }
    match places.iter().collect::<Vec<_>>().as_slice() {
        [] => Err(not_found(snapshot, kind, name, "the file")),
        [namespace] => Ok(ObjectId::new(kind, namespace, name)),
        several => {
            let list: Vec<&str> = several.iter().map(|place| **place).collect();
            Err(Error::usage(format!("{} {name} is in several namespaces: {}", kind.kind, list.join(", ")))
                .hint("say which with -n NAMESPACE"))
        }
    }
}

/// Nothing of the name, neither there nor missed by anybody, is an error and not an answer.
fn refuse_absent(asks: &[Ask], diagnosis: &Diagnosis, snapshot: &Snapshot) -> Result<(), Error> {
    let place =
        if snapshot.source.source == crate::model::SourceType::File { "the file" } else { "the cluster" };
    for namespace in asks.iter().filter_map(Ask::namespace) {
        let id = ObjectId::new(&arc::NAMESPACE, "", namespace);
        let empty = !snapshot.objects().any(|object| object.id.namespace == namespace);
        if empty && diagnosis.roots.is_empty() && matches!(snapshot.get(&id), Lookup::Absent) {
            return Err(not_found(snapshot, &id.kind, namespace, place));
        }
    }
    for id in asks.iter().filter_map(|ask| if let Ask::Object(id) = ask { Some(id) } else { None }) {
        let clear = diagnosis
            .targets
            .iter()
            .any(|target| target.object.id == *id && target.verdict == Verdict::Clear);
        if clear && matches!(snapshot.get(id), Lookup::Absent) {
            return Err(not_found(snapshot, &id.kind, &id.to_string(), place));
        }
    }
    Ok(())
}

fn not_found(snapshot: &Snapshot, kind: &GroupKind, name: &str, place: &str) -> Error {
    let name = name.strip_prefix(&format!("{} ", kind.kind)).unwrap_or(name);
    let error = Error::usage(format!("{} {name} is not in {place}", kind.kind));
    let known: Vec<String> = snapshot
        .list(kind, None)
        .objects
        .iter()
        .take(8)
        .map(|object| match object.id.namespace.as_str() {
            "" => object.id.name.clone(),
            namespace => format!("{namespace}/{}", object.id.name),
        })
        .collect();
    if known.is_empty() { error } else { error.hint(format!("there are: {}", known.join(", "))) }
}
