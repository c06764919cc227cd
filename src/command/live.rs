//! Reading the current context: connect, find out what the TARGETs mean there, and look until nothing more bears
//! on the question.

use super::target::KindWord;
use super::target::Wanted;
use super::target::unknown_type;
use crate::apply::Writer;
use crate::arc;
use crate::cli::ConnectionArgs;
use crate::diagnose;
use crate::diagnose::Ask;
use crate::error::Error;
use crate::journal::Journal;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::What;
use crate::source::client;
use crate::source::client::ConnectOptions;
use crate::source::client::Connection;
use crate::source::cluster::Cluster;
use crate::source::redact;
use std::collections::BTreeSet;

/// What was asked of a cluster, in the words of any command that reads one.
pub struct Question<'a> {
    pub connection: &'a ConnectionArgs,
    /// None: the current one.
    pub context: Option<&'a str>,
    pub verbosity: u8,
    pub all_namespaces: bool,
    pub wanted: &'a [Wanted],
    pub selector: &'a [(String, String)],
}

/// Reads everything that bears on the question, once; last what the API server warned of.
///
/// # Errors
/// As [`Session::open`] and [`Session::look`].
pub async fn read(question: &Question<'_>) -> Result<(Snapshot, Vec<Ask>, Vec<String>), Error> {
    let session = Session::open(question).await?;
    let (snapshot, asks) = session.look().await?;
    Ok((snapshot, asks, session.warnings()))
}

/// A cluster that is looked at several times.
pub struct Session<'a> {
    question: &'a Question<'a>,
    connection: Connection,
    cluster: Cluster,
}

impl<'a> Session<'a> {
    /// Gets ready to look.
    ///
    /// # Errors
    /// The kubeconfig cannot be used.
    pub async fn open(question: &'a Question<'a>) -> Result<Self, Error> {
        let connection = client::connect(&options(question)).await?;
        let page_size = usize::try_from(question.connection.chunk_size).ok().filter(|size| *size > 0);
        let cluster = Cluster::new(connection.client.clone(), connection.context.clone()).paging(page_size);
        Ok(Self { question, connection, cluster })
    }

    /// Who may write to it.
    pub fn writer(&self, manager: &str, journal: Option<Journal>) -> Writer {
        Writer::new(self.connection.client.clone(), manager, journal, super::now)
    }

    /// What the API server warned of since this was asked last.
    pub fn warnings(&self) -> Vec<String> {
        self.connection.warnings.take().iter().map(|text| redact::words(text)).collect()
    }

    /// The API server's address.
    pub fn server(&self) -> &str {
        &self.connection.server
    }

    /// Where this leads to, with the server's version.
    ///
    /// # Errors
    /// The cluster cannot be reached or refuses the user.
    pub async fn source(&self) -> Result<SourceInfo, Error> {
        Ok(self.cluster.open(super::now()).await?.source)
    }

    /// Reads everything that bears on the question, as it is now.
    ///
    /// # Errors
    /// The cluster cannot be reached or refuses the user, or has no such type.
    pub async fn look(&self) -> Result<(Snapshot, Vec<Ask>), Error> {
        let (connection, cluster) = (&self.connection, &self.cluster);
        connection.clock.set_back();
        let mut snapshot = cluster.open(super::now()).await?;
        if let Some(time) = connection.clock.first_answer() {
            snapshot.captured_at = time;
        }
        let (asks, mut first) = asks(self.question, cluster, &connection.namespace).await?;
        snapshot.source.namespace = one_namespace(&asks).unwrap_or_default().to_owned();
        let mut done: BTreeSet<Request> = BTreeSet::new();
        for _ in 0..diagnose::WAVES {
            let mut wave: BTreeSet<Request> = diagnose::wants(&snapshot, &asks);
            wave.append(&mut first);
            wave.retain(|request| !done.contains(request));
            if wave.is_empty() {
                break;
            }
            let requests: Vec<Request> = wave.iter().cloned().collect();
            cluster.read(&requests, &mut snapshot).await;
            done.append(&mut wave);
        }
        snapshot.remarks.extend(connection.notes.iter().cloned());
        Ok((snapshot, asks))
    }

    /// Looks for the metadata of objects by their names; of kinds that no table knows nothing is read. A snapshot of its
    /// own, since rules read more than metadata.
    pub async fn look_for(&self, ids: &[&ObjectId], source: &SourceInfo) -> Snapshot {
        let known = ids.iter().filter(|id| arc::kind_row(&id.kind).is_some());
        let requests: Vec<Request> = known
            .map(|id| Request {
                what: What::Kind(id.kind.clone()),
                namespace: Some(id.namespace.clone()).filter(|namespace| !namespace.is_empty()),
                name: Some(id.name.clone()),
                selector: None,
                depth: Depth::Metadata,
            })
            .collect();
        let mut snapshot = Snapshot::new(source.clone(), super::now());
        self.cluster.read(&requests, &mut snapshot).await;
        snapshot
    }
}

/// What is asked, in the terms of this cluster, and requests for kinds that only this cluster knows.
async fn asks(
    question: &Question<'_>,
    cluster: &Cluster,
    default_namespace: &str,
) -> Result<(Vec<Ask>, BTreeSet<Request>), Error> {
    let namespace = (!question.all_namespaces).then_some(default_namespace);
    let one_namespace = |name: &str| match question.all_namespaces {
        false => Ok(default_namespace),
        true => Err(Error::usage(format!("{name} is looked for in one namespace, and -A says all"))
            .hint("leave -A out; -n NAMESPACE says which")),
    };
    let mut asks = Vec::new();
    let mut first = BTreeSet::new();
    if question.wanted.is_empty() {
        let selector = question.selector.to_vec();
        asks.push(Ask::Everything { namespace: namespace.map(str::to_owned), selector });
    }
    for target in question.wanted {
        match target {
            Wanted::Set(name) => {
                let namespace = one_namespace(name)?;
                asks.push(Ask::Object(ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace, name)));
            }
            Wanted::All(word) => {
                let (kind, namespaced, unknown) = kind(word, cluster).await?;
                let namespace = namespace.filter(|_| namespaced).map(str::to_owned);
                if let Some(what) = unknown {
                    first.insert(Request {
                        what,
                        namespace: namespace.clone(),
                        name: None,
                        selector: None,
                        depth: Depth::Metadata,
                    });
                }
                asks.push(Ask::Kind { kind, namespace });
            }
            Wanted::Named { kind: word, name } => {
                let (kind, namespaced, unknown) = kind(word, cluster).await?;
                let namespace = if namespaced { one_namespace(name)? } else { "" };
                if let Some(what) = unknown {
                    let namespace = namespaced.then(|| namespace.to_owned());
                    first.insert(Request {
                        what,
                        namespace,
                        name: Some(name.clone()),
                        selector: None,
                        depth: Depth::Metadata,
                    });
                }
                asks.push(Ask::Object(ObjectId::new(&kind, namespace, name)));
            }
        }
    }
    Ok((asks, first))
}

/// What a TYPE means: its kind, whether it lives in namespaces, and how to ask for it if no table knows it.
pub async fn kind(word: &KindWord, cluster: &Cluster) -> Result<(GroupKind, bool, Option<What>), Error> {
    match word {
        KindWord::Known(row) => Ok((row.group_kind(), row.namespaced, None)),
        KindWord::Unknown(word) => {
            let found = cluster.resolve(word).await?.ok_or_else(|| unknown_type(word, "the server"))?;
            let what = What::Resource { plural: found.plural.clone(), group: found.kind.group.to_string() };
            Ok((found.kind, found.namespaced, Some(what)))
        }
    }
}

/// The namespace that all of it is confined to.
fn one_namespace(asks: &[Ask]) -> Option<&str> {
    let (first, rest) = asks.split_first()?;
    let namespace = first.namespace()?;
    rest.iter().all(|ask| ask.namespace() == Some(namespace)).then_some(namespace)
}

/// The connection that the flags mean.
pub fn options(question: &Question<'_>) -> ConnectOptions {
    let connection = question.connection;
    ConnectOptions {
        kubeconfig: connection.kubeconfig.clone(),
        context: question.context.map(str::to_owned),
        cluster: connection.cluster.clone(),
        user: connection.user.clone(),
        server: connection.server.clone(),
        token: connection.token.clone().map(Into::into),
        username: connection.username.clone(),
        password: connection.password.clone().map(Into::into),
        certificate_authority: connection.certificate_authority.clone(),
        client_certificate: connection.client_certificate.clone(),
        client_key: connection.client_key.clone(),
        tls_server_name: connection.tls_server_name.clone(),
        insecure_skip_tls_verify: connection.insecure_skip_tls_verify,
        impersonate: connection.impersonate.clone(),
        impersonate_groups: connection.impersonate_groups.clone(),
        impersonate_uid: connection.impersonate_uid.clone(),
        impersonate_extra: connection.impersonate_extra.clone(),
        request_timeout: Some(connection.request_timeout).filter(|timeout| !timeout.is_zero()),
        namespace: connection.namespace.clone(),
        disable_compression: connection.disable_compression,
        verbosity: question.verbosity,
        user_agent: concat!("kubectl-arc/", env!("CARGO_PKG_VERSION")).to_owned(),
        unattended: false,
    }
}
