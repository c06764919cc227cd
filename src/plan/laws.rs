//! The few laws that the cluster obeys, on a snapshot: what a change does to an object, and what goes by itself.
//!
//! Where they were read: kubernetes/kubernetes `pkg/registry/generic/registry/store.go` (deletion),
//! `pkg/controller/garbagecollector` (owners), `pkg/controller/namespace` (content), and for ARC's own steps
//! `controllers/actions.github.com/autoscalingrunnerset_controller.go`.

use crate::arc;
use crate::arc::finalizers;
use crate::diagnose;
use crate::diagnose::Action;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// A cluster that is played on, and what has gone from it.
pub struct World {
    pub snapshot: Snapshot,
    /// In the order of going.
    pub gone: Vec<ObjectId>,
    /// The uids of those, for whoever they owned.
    dead: Vec<String>,
}

impl World {
    pub fn new(snapshot: &Snapshot) -> Self {
        Self { snapshot: snapshot.clone(), gone: Vec::new(), dead: Vec::new() }
    }

    pub fn find(&self, id: &ObjectId) -> Option<&Object> {
        match self.snapshot.get(id) {
            Lookup::Found(object) => Some(object),
            Lookup::Absent | Lookup::Unread(_) => None,
        }
    }

    /// Does what an action does. What it believes of its object is taken to be so.
    pub fn carry_out(&mut self, action: &Action) {
        match action {
            Action::Patch(patch) => self.patch(patch),
            Action::Delete(deletion) => self.delete(deletion),
            Action::Create(object) => self.create(object),
            Action::Command(_) => {}
        }
    }

    fn patch(&mut self, patch: &Patch) {
        let Some(mut object) = self.find(&patch.object).cloned() else { return };
        let operations = Value::Array(patch.operations.clone());
        let Ok(operations) = serde_json::from_value::<json_patch::Patch>(operations) else { return };
        if json_patch::patch(&mut object.body, &operations).is_err() {
            return;
        }
        let metadata = |object: &Object, key: &str| object.body.pointer(&format!("/metadata/{key}")).cloned();
        object.finalizers = match metadata(&object, "finalizers") {
            Some(Value::Array(list)) => {
                list.iter().filter_map(|finalizer| finalizer.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        object.annotations = words(metadata(&object, "annotations"));
        let vanishes = object.is_deleting() && object.finalizers.is_empty() && object.id.kind != arc::POD;
        self.snapshot.put(object);
        if vanishes {
            self.remove(&patch.object);
        }
    }

    fn delete(&mut self, deletion: &Deletion) {
        let Some(mut object) = self.find(&deletion.object).cloned() else { return };
        if deletion.background {
            object.finalizers.retain(|finalizer| finalizer != finalizers::FOREGROUND);
        }
        let pod_ends = object.id.kind == arc::POD && deletion.at_once;
        object.deletion_timestamp.get_or_insert(self.snapshot.captured_at);
        let (vanishes, id) =
            (object.finalizers.is_empty() && (object.id.kind != arc::POD || pod_ends), object.id.clone());
        self.snapshot.put(object);
        if vanishes {
            self.remove(&id);
        }
    }

    fn create(&mut self, made: &Value) {
        let text =
            |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let api_version = text("/apiVersion");
        let kind = GroupKind::of(&api_version, &text("/kind"));
        let id = ObjectId::new(&kind, &text("/metadata/namespace"), &text("/metadata/name"));
        if self.find(&id).is_some() {
            return;
        }
        self.snapshot.put(Object {
            id,
            api_version,
            uid: String::new(),
            resource_version: String::new(),
            created: Some(self.snapshot.captured_at),
            deletion_timestamp: None,
            finalizers: Vec::new(),
            owners: Vec::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            managers: Vec::new(),
            metadata_only: false,
            body: made.clone(),
        });
    }

    /// What a repaired Role or binding gives is given: reviews that were denied before speak of the time before. `""`:
    /// in all namespaces.
    pub fn allow(&mut self, namespace: &str) {
        let here = |place: &str| namespace.is_empty() || place == namespace;
        for review in self.snapshot.reviews.iter_mut().filter(|review| here(&review.question.namespace)) {
            review.allowed = true;
        }
    }

    /// An object goes for good, and what that brings with it goes as well: a runner set releases what it protected, a
    /// namespace takes its content along, and the garbage collector deletes what has no owner left.
    pub fn remove(&mut self, id: &ObjectId) {
        let mut left = vec![id.clone()];
        while let Some(id) = left.pop() {
            let Some(object) = self.snapshot.take(&id) else { continue };
            self.dead.extend(Some(object.uid.clone()).filter(|uid| !uid.is_empty()));
            self.gone.push(id.clone());
            if id.kind == arc::NAMESPACE {
                let inside = |object: &&Object| object.id.namespace == id.name;
                left.extend(self.snapshot.objects().filter(inside).map(|object| object.id.clone()));
            }
            left.extend(self.collect_garbage());
        }
    }

    /// The controller is done with a runner set: before it lets go of it, it releases what the chart made for it.
    pub fn release_protected(&mut self, set: &ObjectId) {
        let Some(set) = self.find(set) else { return };
        for id in diagnose::protected_by(set) {
            let Some(mut object) = self.find(&id).cloned() else { continue };
            object.finalizers.retain(|finalizer| finalizer != finalizers::CLEANUP_PROTECTION);
            let vanishes = object.is_deleting() && object.finalizers.is_empty();
            self.snapshot.put(object);
            if vanishes {
                self.remove(&id);
            }
        }
    }

    /// Marks what has lost all its owners as being deleted; what nothing holds is returned: it goes at once.
    fn collect_garbage(&mut self) -> Vec<ObjectId> {
        let dead = |uid: &String| self.dead.contains(uid);
        let orphans: Vec<Object> = self
            .snapshot
            .objects()
            .filter(|object| !object.owners.is_empty())
            .filter(|object| object.owners.iter().all(|owner| dead(&owner.uid)))
            .cloned()
            .collect();
        let mut vanish = Vec::new();
        for mut orphan in orphans {
            let id = orphan.id.clone();
            if orphan.finalizers.is_empty() && id.kind != arc::POD {
                vanish.push(id);
            } else if !orphan.is_deleting() {
                orphan.deletion_timestamp = Some(self.snapshot.captured_at);
                self.snapshot.put(orphan);
            }
        }
        vanish
    }
}

fn words(map: Option<Value>) -> BTreeMap<String, String> {
    match map {
        Some(Value::Object(map)) => map
            .into_iter()
            .filter_map(|(key, value)| value.as_str().map(|value| (key, value.to_owned())))
            .collect(),
        _ => BTreeMap::new(),
    }
}
