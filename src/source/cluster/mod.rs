//! Reading a live cluster into the model. Nothing is read that was not asked for, and nothing is written.

mod discovery;
mod fetch;
mod list;
mod logs;
mod look;
mod outcome;
mod resolve;
mod resource;
mod review;
#[cfg(test)]
mod tests;

use futures::StreamExt as _;
use futures::stream;
use jiff::Timestamp;
use kube::Client;

use crate::error::Error;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Reading;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;

use discovery::Groups;
pub use fetch::{JSON, METADATA};
use list::Seen;
use look::Look;
use look::Task;
use outcome::Outcome;
pub use resource::{Resource, encode, is_possible_name};

/// How many requests are under way at a time: every one has its own connection.
const CONCURRENCY: usize = 8;
/// client-go's page size.
const PAGE_SIZE: usize = 500;

/// A cluster that can be reached.
pub struct Cluster {
    client: Client,
    context: String,
    groups: Groups,
    /// How many objects of a list are asked for at a time. None: all.
    page_size: Option<usize>,
}

impl Cluster {
    pub fn new(client: Client, context: impl Into<String>) -> Self {
        let groups = Groups::new(client.clone());
        Self { groups, client, context: context.into(), page_size: Some(PAGE_SIZE) }
    }

    /// The same with other pages, or none at all.
    #[must_use]
    pub fn paging(mut self, page_size: Option<usize>) -> Self {
        self.page_size = page_size;
        self
    }

    /// An empty snapshot, taken `now`.
    ///
    /// # Errors
    ///
    /// `Access` if the cluster cannot be reached, does not accept the user's credentials, or is no Kubernetes
    /// API server.
    pub async fn open(&self, now: Timestamp) -> Result<Snapshot, Error> {
        let server = resolve::server_version(&self.client).await?;
        let source = SourceInfo {
            source: SourceType::Cluster,
            context: self.context.clone(),
            server,
            // Whoever asks knows what for.
            namespace: String::new(),
        };
        Ok(Snapshot::new(source, now))
    }

    /// Carries out the requests, each once, and adds what it finds to the snapshot.
    ///
    /// Never fails as a whole: how each look ended stands in the coverage. The result does not depend on the
    /// order of the requests or of the answers.
    pub async fn read(&self, requests: &[Request], snapshot: &mut Snapshot) {
        let tasks = look::tasks(requests).into_iter().enumerate();
        let known: &Snapshot = snapshot;
        let mut outcomes: Vec<(usize, Outcome)> = stream::iter(tasks)
            .map(async |(place, task)| (place, self.carry_out(task, known).await))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        outcomes.sort_by_key(|(place, _)| *place);
        for (_, outcome) in outcomes {
            outcome.add_to(snapshot);
        }
        snapshot.sort();
    }

    /// What a TYPE word that `arc::KINDS` does not know means to this server; None if nothing is called so.
    ///
    /// # Errors
    ///
    /// `Access` if nothing is called so and a part of the server that might know the word does not answer.
    pub async fn resolve(&self, word: &str) -> Result<Option<Resource>, Error> {
        resolve::resolve(&self.client, word).await
    }

    async fn carry_out(&self, task: Task, known: &Snapshot) -> Outcome {
        match task {
            Task::Known(resource, look) => {
                let (resource, seen) = self.look(resource, &look).await;
                Outcome::looked(&resource, look, seen)
            }
            Task::Unknown { plural, group, look } => self.look_for(plural, group, look).await,
            Task::Review(question) => match review::ask(&self.client, &question).await {
                Ok(review) => Outcome::Answered(review),
                Err(failure) => Outcome::unanswered(failure),
            },
            Task::Log { namespace, pod } => {
                let containers = logs::containers(known, &namespace, &pod);
                let (logs, reading) = logs::read(&self.client, &namespace, &pod, containers).await;
                Outcome::logged(namespace, pod, logs, reading)
            }
            Task::Impossible(request) => Outcome::impossible(request),
        }
    }

    /// A kind outside Kubernetes may be served in a version that this program does not know. So before it is
    /// said that there is none of it, the server is asked what else it serves.
    async fn look(&self, known: Resource, look: &Look) -> (Resource, Seen) {
        let seen = list::look(&self.client, &known, look, self.page_size).await;
        if seen.reading != Reading::NotServed || discovery::is_built_in(&known.kind.group) {
            return (known, seen);
        }
        // Where the server does not say, the 404 stands: other versions are possible, but unlikely.
        for version in self.groups.versions(&known.kind.group).await.unwrap_or_default() {
            if version == known.api_version {
                continue;
            }
            let other = known.in_version(&version);
            let seen = list::look(&self.client, &other, look, self.page_size).await;
            if seen.reading != Reading::NotServed {
                return (other, seen);
            }
        }
        (known, seen)
    }

    /// Of a resource that this program does not know it cannot tell what is secret in it: so only metadata.
    async fn look_for(&self, plural: String, group: String, look: Look) -> Outcome {
        let look = Look { depth: Depth::Metadata, ..look };
        match self.groups.find(&plural, &group).await {
            Ok(resource) => {
                let seen = list::look(&self.client, &resource, &look, self.page_size).await;
                Outcome::looked(&resource, look, seen)
            }
            Err(failure) => {
                let api_version = outcome::unknown_version(&group);
                let kind = GroupKind { group: group.into(), kind: plural.clone().into() };
                let resource = Resource { kind, api_version, plural, namespaced: true };
                Outcome::looked(&resource, look, failure.into())
            }
        }
    }
}
