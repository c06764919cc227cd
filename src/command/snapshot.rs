//! `kubectl arc snapshot`: read what `why` would read, and write it down.

use super::Answer;
use super::Output;
use super::Remark;
use super::live;
use super::target;
use crate::arc;
use crate::cli::SnapshotArgs;
use crate::diagnose::Ask;
use crate::error::Error;
use crate::error::Exit;
use crate::model::Coverage;
use crate::model::Covered;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::Snapshot;
use crate::render;
use crate::save;
use crate::source;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

/// Carries the command out. A snapshot answers nothing, so what could not be read is no failure: it is told, it stands
/// in the file, and whoever asks the file gets `unknown`.
///
/// # Errors
/// A wrong TARGET, a file or cluster that cannot be read, a file that cannot be written or would be lost.
pub async fn run(args: &SnapshotArgs) -> Result<Answer, Error> {
    let file = destination(&args.output)?;
    if let Some(path) = file {
        save::check(path, args.overwrite)?;
    }
    let (mut snapshot, asks, said) = read(args).await?;
    let mut remarks = snapshot.remarks.clone();
    remarks.extend(absent(&asks, &snapshot));
    remarks.extend(unread(&snapshot.coverage));
    let mut remarks = super::warnings(&remarks);
    snapshot.remarks.extend(said.iter().map(|text| format!("the API server says: {text}")));
    remarks.extend(said.into_iter().map(Remark::Server));
    let text = render::snapshot::yaml(&snapshot);
    let output = match file {
        Some(path) => {
            save::file(path, &text, args.overwrite)?;
            format!("Saved {} in {}\n", contents(&snapshot), path.display())
        }
        None => text,
    };
    Ok(Answer { output: Output::Raw(output), remarks, exit: Exit::Clear })
}

async fn read(args: &SnapshotArgs) -> Result<(Snapshot, Vec<Ask>, Vec<String>), Error> {
    if !args.filename.is_empty() {
        return Ok((source::file::load(&args.filename, args.complete)?, Vec::new(), Vec::new()));
    }
    let wanted = target::parse(&args.target)?;
    let context = match args.connection.context.as_slice() {
        [] => None,
        [context] => Some(context.as_str()),
        several => {
            let failed =
                Error::usage(format!("a snapshot is of one cluster, and --context names {}", several.len()));
            return Err(failed.hint("take a snapshot of each, in a file of its own"));
        }
    };
    let question = live::Question {
        connection: &args.connection,
        context,
        verbosity: args.verbosity,
        all_namespaces: args.all_namespaces,
        wanted: &wanted,
        selector: &[],
    };
    live::read(&question).await
}

/// The file that `-o` means, None for stdout. `-o yaml` is what other commands write to stdout.
fn destination(output: &Path) -> Result<Option<&Path>, Error> {
    let json = output.as_os_str() == "json" || output.extension().is_some_and(|end| end == "json");
    match output.to_str() {
        Some("-" | "yaml") => Ok(None),
        _ if json => {
            let failed = Error::usage(format!("a snapshot is YAML, and -o {} says JSON", output.display()));
            Err(failed.hint("name the file *.yaml or *.yaml.gz, or leave -o out for stdout"))
        }
        _ => Ok(Some(output)),
    }
}

/// What was asked for by its name and is not there: perhaps what was to be saved, perhaps a slip of the pen.
fn absent(asks: &[Ask], snapshot: &Snapshot) -> Vec<String> {
    let mut named: BTreeSet<ObjectId> = BTreeSet::new();
    for ask in asks {
        named.extend(ask.namespace().map(|namespace| ObjectId::new(&arc::NAMESPACE, "", namespace)));
        if let Ask::Object(id) = ask {
            named.insert(id.clone());
        }
    }
    let is_absent = |id: &&ObjectId| matches!(snapshot.get(id), Lookup::Absent);
    named.iter().filter(is_absent).map(|id| format!("{id} is not in the cluster")).collect()
}

/// What could not be read, each kind on a line.
fn unread(coverage: &Coverage) -> Vec<String> {
    let mut lines: BTreeMap<(&GroupKind, &'static str), Vec<&Covered>> = BTreeMap::new();
    for look in coverage.entries.iter().filter(|look| !look.reading.is_complete()) {
        lines.entry((&look.kind, look.reading.word())).or_default().push(look);
    }
    let lines = lines.into_iter().map(|((kind, word), looks)| {
        let places: BTreeSet<&str> = looks.iter().filter_map(|look| look.namespace.as_deref()).collect();
        let everywhere = looks.iter().any(|look| look.namespace.is_none());
        let place = match arc::kind_row(kind) {
            Some(row) if row.namespaced && everywhere => " of all namespaces".to_owned(),
            Some(_) if !places.is_empty() => {
                format!(" of {}", places.into_iter().collect::<Vec<_>>().join(", "))
            }
            _ => String::new(),
        };
        format!("{}{place} could not be read ({word})", kind.kind)
    });
    lines.collect()
}

/// `12 objects, 1 access review and 2 logs`.
fn contents(snapshot: &Snapshot) -> String {
    let count = |number: usize, one: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    };
    let mut parts = vec![count(snapshot.objects().count(), "object")];
    let beside = [(snapshot.reviews.len(), "access review"), (snapshot.logs.len(), "log")];
    parts
        .extend(beside.into_iter().filter(|(number, _)| *number > 0).map(|(number, one)| count(number, one)));
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    }
}
