//! Looking for the names that a word may become: in the kubeconfig, in files, in the cluster.

use super::line::Line;
use super::line::Slot;
use super::offer::Offer;
use super::offer::Value;
use super::offer::is_plain;
use super::target;
use super::target::Place;
use super::typed::Typed;
use crate::arc;
use crate::command::live;
use crate::command::live::Question;
use crate::command::target::KindWord;
use crate::command::target::among;
use crate::diagnose::manual;
use crate::error::Error;
use crate::journal;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::model::What;
use crate::source;
use crate::source::client;
use crate::source::client::ConnectOptions;
use crate::source::client::Connection;
use crate::source::cluster::Cluster;
use crate::source::state;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

/// How long names are waited for where there is something else to offer.
const NAMES: Duration = Duration::from_millis(700);
/// How many journals are offered.
const JOURNALS: usize = 20;

/// What the outside knows of the value that is being typed.
///
/// # Errors
/// Something could not be read. Nobody is told.
pub async fn offer(line: &Line, slot: Slot, value: &str) -> Result<Offer, Error> {
    match slot {
        Slot::File => return Ok(Offer { or_file: true, ..Offer::default() }),
        Slot::Topic => return Ok(Offer { in_order: true, ..of(topics()) }),
        Slot::Journal => return Ok(Offer { in_order: true, or_file: true, ..of(journals()) }),
        Slot::Target | Slot::Namespace | Slot::Context | Slot::Cluster | Slot::User => {}
    }
    let Some(typed) = line.typed() else { return Ok(Offer::default()) };
    match slot {
        Slot::Context | Slot::Cluster | Slot::User => {
            let names = client::names(&options(&typed))?;
            let plain = |names: Vec<String>| names.into_iter().map(|name| Value::new(name, "")).collect();
            Ok(of(match slot {
                Slot::Cluster => plain(names.clusters),
                Slot::User => plain(names.users),
                _ => names.contexts.into_iter().map(context).collect(),
            }))
        }
        Slot::Namespace => namespaces(&typed).await,
        _ => targets(&typed, value).await,
    }
}

fn of(mut values: Vec<Value>) -> Offer {
    values.retain(|value| is_plain(&value.text));
    Offer { values, ..Offer::default() }
}

fn context(context: client::Context) -> Value {
    let current = if context.is_current { "current, " } else { "" };
    let namespace = match context.namespace.as_str() {
        "" => String::new(),
        namespace => format!(", namespace {namespace}"),
    };
    Value::new(context.name, format!("{current}cluster {}{namespace}", context.cluster))
}

fn topics() -> Vec<Value> {
    let listed = manual::index().into_iter().flat_map(|part| part.entries);
    let mut values: Vec<Value> = listed.map(|entry| Value::new(entry.name, entry.says)).collect();
    for topic in manual::topics().iter().filter(|topic| !topic.name().contains('*')) {
        if values.iter().all(|value| value.text != topic.name()) {
            values.push(Value::new(topic.name(), "finalizer of others"));
        }
    }
    values
}

fn journals() -> Vec<Value> {
    let found = state::folder().map(|folder| journal::in_folder(&folder)).unwrap_or_default();
    let value = |path: &std::path::PathBuf| {
        let entries = journal::read(path).ok()?;
        let run = entries.first().map(|entry| &entry.run)?;
        let changes = match entries.len() {
            1 => "1 change".to_owned(),
            several => format!("{several} changes"),
        };
        let place = if run.context.is_empty() { &run.server } else { &run.context };
        Some(Value::new(path.to_str()?, format!("{changes} in {place}")))
    };
    found.iter().take(JOURNALS).filter_map(value).collect()
}

async fn namespaces(typed: &Typed) -> Result<Offer, Error> {
    let place = open(typed).await?;
    let snapshot = place.read(&[(arc::NAMESPACE, None, false)]).await;
    let objects = snapshot.list(&arc::NAMESPACE, None).objects;
    let mut values = target::names(&objects, "", place.now(&snapshot));
    if matches!(place, Source::File(_)) {
        // A file need not hold the Namespaces of what is in it.
        let namespaces: BTreeSet<&str> =
            snapshot.objects().map(|object| object.id.namespace.as_str()).collect();
        for namespace in namespaces {
            if values.iter().all(|value| value.text != namespace) {
                values.push(Value::new(namespace, ""));
            }
        }
    }
    Ok(Offer { in_order: true, ..of(values) })
}

async fn targets(typed: &Typed, value: &str) -> Result<Offer, Error> {
    let in_order = |values| Offer { in_order: true, ..of(values) };
    let mut offer = match target::place(&typed.target, value) {
        Place::Type => Offer { goes_on: true, ..of(target::types("/")) },
        Place::First => {
            // Types are known even where nothing can be read, or not in time.
            let sets = timeout(NAMES, sets(typed)).await.unwrap_or_else(|_| Ok(Vec::new()));
            let mut values = sets.unwrap_or_default();
            values.extend(target::types(""));
            in_order(values)
        }
        Place::Name(kinds) => in_order(names(typed, &kinds).await?),
        Place::SetOrName(word) => {
            let values = match names(typed, &[KindWord::Unknown(word)]).await {
                Ok(values) => values,
                Err(_) => sets(typed).await?,
            };
            in_order(values)
        }
        Place::Slashed(kind, start) => {
            let mut values = names(typed, &[kind]).await?;
            values.iter_mut().for_each(|value| value.text.insert_str(0, &start));
            in_order(values)
        }
    };
    offer.values.retain(|value| !typed.target.contains(&value.text));
    Ok(offer)
}

async fn sets(typed: &Typed) -> Result<Vec<Value>, Error> {
    let place = open(typed).await?;
    if place.takes_no_name(typed) {
        return Ok(Vec::new());
    }
    let mut kinds = vec![arc::AUTOSCALING_RUNNER_SET];
    if matches!(place, Source::File(_)) {
        kinds.extend([arc::LEGACY_RUNNER_DEPLOYMENT, arc::LEGACY_RUNNER_SET, arc::LEGACY_RUNNER_REPLICA_SET]);
    }
    let asked: Vec<Asked> = kinds.into_iter().map(|kind| (kind, None, true)).collect();
    Ok(place.names(typed, &asked, "runner set").await)
}

async fn names(typed: &Typed, words: &[KindWord]) -> Result<Vec<Value>, Error> {
    let place = open(typed).await?;
    let mut asked = Vec::new();
    for word in words {
        asked.push(place.kind(word).await?);
    }
    asked.retain(|(_, _, namespaced)| !namespaced || !place.takes_no_name(typed));
    Ok(place.names(typed, &asked, "").await)
}

/// A kind, how to ask for it if no table knows it, and whether it lives in namespaces.
type Asked = (GroupKind, Option<What>, bool);

/// Where names are looked for.
enum Source {
    File(Snapshot),
    Cluster(Cluster, Box<Connection>),
}

async fn open(typed: &Typed) -> Result<Source, Error> {
    if typed.filename.iter().any(|path| path == "-") {
        return Err(Error::usage("standard input is not read to complete a word"));
    }
    if !typed.filename.is_empty() {
        return source::file::load(&typed.filename, typed.complete).map(Source::File);
    }
    let connection = client::connect(&options(typed)).await?;
    let cluster = Cluster::new(connection.client.clone(), connection.context.clone());
    Ok(Source::Cluster(cluster, Box::new(connection)))
}

impl Source {
    /// A cluster is not asked for a name in all namespaces.
    fn takes_no_name(&self, typed: &Typed) -> bool {
        typed.all_namespaces && matches!(self, Self::Cluster(..))
    }

    async fn kind(&self, word: &KindWord) -> Result<Asked, Error> {
        match (self, word) {
            (Self::Cluster(cluster, _), word) => {
                let (kind, namespaced, what) = live::kind(word, cluster).await?;
                Ok((kind, what, namespaced))
            }
            (Self::File(_), KindWord::Known(row)) => Ok((row.group_kind(), None, row.namespaced)),
            (Self::File(snapshot), KindWord::Unknown(word)) => {
                let kind = among(word, snapshot.objects().map(|object| &object.id.kind));
                let kind = kind.ok_or_else(|| Error::usage("no such type in the file"))?;
                Ok((kind, None, true))
            }
        }
    }

    /// The metadata of all objects of these kinds.
    async fn read(&self, asked: &[Asked]) -> Snapshot {
        let (cluster, connection) = match self {
            Self::File(snapshot) => return snapshot.clone(),
            Self::Cluster(cluster, connection) => (cluster, connection),
        };
        let source = SourceInfo {
            source: SourceType::Cluster,
            context: connection.context.clone(),
            server: String::new(),
            namespace: connection.namespace.clone(),
        };
        let mut snapshot = Snapshot::new(source, crate::command::now());
        let requests: Vec<Request> = asked
            .iter()
            .map(|(kind, what, namespaced)| Request {
                what: what.clone().unwrap_or_else(|| What::Kind(kind.clone())),
                namespace: namespaced.then(|| connection.namespace.clone()),
                name: None,
                selector: None,
                depth: Depth::Metadata,
            })
            .collect();
        cluster.read(&requests, &mut snapshot).await;
        snapshot
    }

    fn now(&self, snapshot: &Snapshot) -> jiff::Timestamp {
        match self {
            Self::Cluster(_, connection) => connection.clock.first_answer().unwrap_or(snapshot.captured_at),
            Self::File(_) => snapshot.captured_at,
        }
    }

    /// The names of objects of these kinds, in the namespace that a NAME is looked for in.
    async fn names(&self, typed: &Typed, asked: &[Asked], what: &str) -> Vec<Value> {
        let snapshot = self.read(asked).await;
        let taken_for = Some(snapshot.source.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let namespace = match self {
            Self::Cluster(..) => taken_for,
            Self::File(_) => {
                typed.connection.namespace.as_deref().or(taken_for).filter(|_| !typed.all_namespaces)
            }
        };
        let objects: Vec<&Object> = asked
            .iter()
            .flat_map(|(kind, _, namespaced)| snapshot.list(kind, namespace.filter(|_| *namespaced)).objects)
            .collect();
        target::names(&objects, what, self.now(&snapshot))
    }
}

/// The connection that the flags mean, and nobody to be asked anything.
fn options(typed: &Typed) -> ConnectOptions {
    let question = Question {
        connection: &typed.connection,
        context: typed.connection.context.last().map(String::as_str),
        verbosity: 0,
        all_namespaces: typed.all_namespaces,
        wanted: &[],
        selector: &[],
    };
    ConnectOptions { unattended: true, ..live::options(&question) }
}
