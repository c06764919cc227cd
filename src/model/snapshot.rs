//! A cluster as it was at one moment, and what of it was not seen.

use super::Coverage;
use super::GroupKind;
use super::Object;
use super::ObjectId;
use super::Reading;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Where a snapshot comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    pub source: SourceType,
    /// The kubeconfig context, or the one a file says it was taken from; `""` if unknown.
    pub context: String,
    /// The API server's version (`v1.36.2`); `""` if unknown.
    pub server: String,
    /// The one namespace that it was read for, and so the one that is meant where none is named; `""` if it was
    /// read for more than one.
    pub namespace: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceType {
    Cluster,
    File,
}

/// May `user` do this? What a SubjectAccessReview asks (authorization.k8s.io/v1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// `system:serviceaccount:<namespace>:<name>`.
    pub user: String,
    pub verb: String,
    /// `""` is the core group.
    pub group: String,
    pub resource: String,
    pub subresource: String,
    /// `""`: cluster-wide.
    pub namespace: String,
    /// `""`: any object.
    pub name: String,
}

/// A recorded answer of the authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessReview {
    pub question: Question,
    pub allowed: bool,
    /// The server's words, such as `RBAC: role.rbac.authorization.k8s.io "x" not found`.
    pub reason: String,
}

/// The tail of a container's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodLog {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    pub lines: Vec<String>,
}

/// A scale set at GitHub that a listener of another cluster asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elsewhere {
    /// How the user calls the other cluster.
    pub context: String,
    /// The runner set there.
    pub set: ObjectId,
    pub url: String,
    pub number: i64,
}

/// Everything that was read, in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub source: SourceInfo,
    /// The only clock there is (invariant 1).
    pub captured_at: Timestamp,
    objects: BTreeMap<ObjectId, Object>,
    pub coverage: Coverage,
    pub reviews: Vec<AccessReview>,
    pub logs: Vec<PodLog>,
    /// What the reader thought worth saying about the input: duplicates, skipped documents.
    pub remarks: Vec<String>,
    /// What other clusters that are asked in the same breath use at GitHub; never part of a file.
    pub elsewhere: Vec<Elsewhere>,
}

/// What is known about one name.
#[derive(Clone, Debug)]
pub enum Lookup<'a> {
    Found(&'a Object),
    /// It was looked for and is not there.
    Absent,
    /// It was not seen, and that proves nothing.
    Unread(Reading),
}

/// The objects of a kind that were seen, and whether there could be more.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    pub objects: Vec<&'a Object>,
    pub reading: Reading,
}

impl Snapshot {
    pub fn new(source: SourceInfo, captured_at: Timestamp) -> Self {
        Self {
            source,
            captured_at,
            objects: BTreeMap::new(),
            coverage: Coverage::default(),
            reviews: Vec::new(),
            logs: Vec::new(),
            remarks: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    /// Adds an object. Of two with the same name the one that was created later stays; of two readings of one
    /// object the fuller, then the one with the higher resourceVersion. Returns true if the name was taken before.
    pub fn insert(&mut self, object: Object) -> bool {
        let age = |o: &Object| (o.created, !o.metadata_only, o.resource_version.parse::<u64>().ok());
        match self.objects.get(&object.id) {
            Some(known) if age(known) > age(&object) => true,
            Some(_) => {
                self.objects.insert(object.id.clone(), object);
                true
            }
            None => {
                self.objects.insert(object.id.clone(), object);
                false
            }
        }
    }

    /// Puts an object in the place of what was there under its name.
    pub fn put(&mut self, object: Object) {
        self.objects.insert(object.id.clone(), object);
    }

    /// Takes an object out.
    pub fn take(&mut self, id: &ObjectId) -> Option<Object> {
        self.objects.remove(id)
    }

    /// Puts everything beside the objects, which are sorted anyway, in the order that does not depend on who read
    /// it when. Readers call it last.
    pub fn sort(&mut self) {
        self.coverage.entries.sort();
        self.reviews.sort_by(|a, b| a.question.cmp(&b.question));
        let place = |log: &PodLog| (log.namespace.clone(), log.pod.clone(), log.container.clone());
        self.logs.sort_by_cached_key(place);
    }

    /// Every object, sorted by kind, namespace and name.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    pub fn get(&self, id: &ObjectId) -> Lookup<'_> {
        if let Some(object) = self.objects.get(id) {
            return Lookup::Found(object);
        }
        match self.coverage.of_name(&id.kind, &id.namespace, &id.name) {
            reading if reading.is_complete() => Lookup::Absent,
            reading => Lookup::Unread(reading),
        }
    }

    /// The objects of a kind in one namespace, or everywhere.
    pub fn list(&self, kind: &GroupKind, namespace: Option<&str>) -> Listing<'_> {
        // Names are sorted by kind, namespace, name: what is wanted stands together.
        let first = ObjectId::new(kind, namespace.unwrap_or_default(), "");
        let objects = self
            .objects
            .range(first..)
            .map(|(_, object)| object)
            .take_while(|object| object.id.kind == *kind)
            .take_while(|object| namespace.is_none_or(|wanted| object.id.namespace == wanted))
            .collect();
        Listing { objects, reading: self.coverage.of(kind, namespace) }
    }
}
