//! How the diagnosis looks at a snapshot: every look is noted, so that a rule cannot read what it did not
//! declare (invariant 4).

use super::report::{Evidence, Reference, State};
use crate::arc;
use crate::model::Elsewhere;
use crate::model::GroupKind;
use crate::model::Listing;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use crate::model::Snapshot;
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A snapshot, and the kinds that were looked at through this view.
#[derive(Debug)]
pub struct View<'a> {
    snapshot: &'a Snapshot,
    looked_at: RefCell<BTreeSet<GroupKind>>,
}

impl<'a> View<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, looked_at: RefCell::default() }
    }

    /// The kinds looked at so far: what a test compares with what was declared.
    #[cfg(test)]
    pub fn looked_at(&self) -> BTreeSet<GroupKind> {
        self.looked_at.borrow().clone()
    }

    pub fn now(&self) -> Timestamp {
        self.snapshot.captured_at
    }

    pub fn get(&self, kind: &GroupKind, namespace: &str, name: &str) -> Lookup<'a> {
        self.look(&ObjectId::new(kind, namespace, name))
    }

    pub fn look(&self, id: &ObjectId) -> Lookup<'a> {
        self.note(&id.kind);
        self.snapshot.get(id)
    }

    /// The object, if it was seen.
    pub fn find(&self, id: &ObjectId) -> Option<&'a Object> {
        match self.look(id) {
            Lookup::Found(object) => Some(object),
            Lookup::Absent | Lookup::Unread(_) => None,
        }
    }

    /// An object that is known to be there, because it is what a rule is asked about. That is no look.
    pub fn subject(&self, id: &ObjectId) -> Option<&'a Object> {
        match self.snapshot.get(id) {
            Lookup::Found(object) => Some(object),
            Lookup::Absent | Lookup::Unread(_) => None,
        }
    }

    pub fn list(&self, kind: &GroupKind, namespace: Option<&str>) -> Listing<'a> {
        self.note(kind);
        self.snapshot.list(kind, namespace)
    }

    /// The kind that a resource of others is of: one of its group that was looked at, and whose plural this may be.
    pub fn kind_of_plural(&self, group: &str, plural: &str) -> Option<GroupKind> {
        let looked_at = self.snapshot.coverage.entries.iter().map(|entry| &entry.kind);
        let of_group = looked_at
            .chain(self.snapshot.objects().map(|object| &object.id.kind))
            .filter(|kind| kind.group == group);
        // A plural keeps all letters of the singular but, at times, the last.
        let same = |kind: &GroupKind| {
            let letters = kind.kind.to_lowercase();
            plural.chars().zip(letters.chars()).take_while(|(a, b)| a == b).count() + 1
                >= letters.chars().count()
        };
        of_group.filter(|kind| same(kind)).max_by_key(|kind| kind.kind.len()).cloned()
    }

    /// How objects with this selector were read.
    pub fn reading_of_selector(&self, kind: &GroupKind, namespace: Option<&str>, selector: &str) -> Reading {
        self.note(kind);
        self.snapshot.coverage.of_selector(kind, namespace, selector)
    }

    /// Every object of every kind: for what holds for any object, such as a finalizer or a place in a namespace.
    pub fn everything(&self) -> impl Iterator<Item = &'a Object> {
        self.snapshot.objects()
    }

    /// What the listeners of other clusters ask for.
    pub fn elsewhere(&self) -> &'a [Elsewhere] {
        &self.snapshot.elsewhere
    }

    pub fn reviews(&self) -> &'a [crate::model::AccessReview] {
        self.note(&arc::ACCESS_REVIEW);
        &self.snapshot.reviews
    }

    pub fn logs(&self) -> &'a [crate::model::PodLog] {
        self.note(&arc::POD_LOG);
        &self.snapshot.logs
    }

    /// How the logs of the pods whose name begins like this were read.
    pub fn log_reading(&self, namespace: &str, prefix: &str) -> Reading {
        self.note(&arc::POD_LOG);
        let entries = self.snapshot.coverage.entries.iter();
        entries
            .filter(|entry| entry.kind == arc::POD_LOG)
            .filter(|entry| entry.namespace.as_deref().is_none_or(|place| place == namespace))
            .filter(|entry| entry.name.as_deref().is_none_or(|name| name.starts_with(prefix)))
            .map(|entry| entry.reading.clone())
            .find(|reading| *reading != Reading::Unread)
            .unwrap_or_default()
    }

    /// How an object is to be named in the answer. Naming is not looking: it decides nothing.
    pub fn reference(&self, id: &ObjectId) -> Reference {
        let kind_version = arc::kind_row(&id.kind).map(arc::KindRow::api_version);
        match self.snapshot.get(id) {
            Lookup::Found(object) => Reference {
                id: id.clone(),
                api_version: object.api_version.clone(),
                uid: object.uid.clone(),
                state: if object.is_deleting() { State::Deleting } else { State::Present },
            },
            lookup => Reference {
                id: id.clone(),
                api_version: kind_version.unwrap_or_else(|| id.kind.group.to_string()),
                uid: String::new(),
                state: if matches!(lookup, Lookup::Absent) { State::Missing } else { State::Unseen },
            },
        }
    }

    /// A field of an object that says so.
    pub fn evidence(&self, id: &ObjectId, field: impl Into<String>, says: impl Into<String>) -> Evidence {
        Evidence { object: self.reference(id), field: field.into(), says: says.into() }
    }

    /// Evidence that an object is not there.
    pub fn missing(&self, id: &ObjectId) -> Evidence {
        self.evidence(id, "exists", "no, it was looked for and not found")
    }

    fn note(&self, kind: &GroupKind) {
        self.looked_at.borrow_mut().insert(kind.clone());
    }
}
