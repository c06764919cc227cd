//! What is asked about a file, and what was asked for that is not there.

use super::target;
use super::target::KindWord;
use super::target::Wanted;
use crate::arc;
use crate::arc::marks;
use crate::diagnose::Ask;
use crate::diagnose::Diagnosis;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::error::Exit;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::Snapshot;
use std::collections::BTreeSet;

/// Where somebody asks.
pub struct Place<'a> {
    pub namespace: Option<&'a str>,
    pub all_namespaces: bool,
    pub selector: &'a [(String, String)],
}

/// How a command that answers with a verdict exits.
pub fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Clear | Verdict::Waiting => Exit::Clear,
        Verdict::Unknown => Exit::Unknown,
        Verdict::Blocked => Exit::Blocked,
    }
}

/// What is asked, about a file. Without -n the namespace is the one that it was taken for, as it is the context's for
/// a cluster; where a file does not say, names are looked for in all of it.
pub fn of_file(place: &Place<'_>, wanted: &[Wanted], snapshot: &Snapshot) -> Result<Vec<Ask>, Error> {
    let taken_for = Some(snapshot.source.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    let namespace = place.namespace.or(taken_for).filter(|_| !place.all_namespaces);
    if wanted.is_empty() {
        return Ok(vec![Ask::Everything {
            namespace: namespace.map(str::to_owned),
            selector: place.selector.to_vec(),
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
pub fn refuse_absent(asks: &[Ask], diagnosis: &Diagnosis, snapshot: &Snapshot) -> Result<(), Error> {
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
