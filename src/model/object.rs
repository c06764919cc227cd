//! One object as it was read, with the parts that decide about deletion within reach.

use super::ObjectId;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// One object of the cluster. Secret values, last-applied configurations and other secrets never get here:
/// the readers take them out before they build it.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub id: ObjectId,
    /// As the object was written: `actions.github.com/v1alpha1`.
    pub api_version: String,
    /// Identity. A re-created namesake has another one. `""` where a hand-made file leaves it out.
    pub uid: String,
    pub resource_version: String,
    pub created: Option<Timestamp>,
    /// When its deletion was asked for plus its grace period: for a Pod this may lie in the future.
    pub deletion_timestamp: Option<Timestamp>,
    pub finalizers: Vec<String>,
    pub owners: Vec<Owner>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Who wrote to it, in the order of `metadata.managedFields`.
    pub managers: Vec<Manager>,
    /// True if only `metadata` was asked for: then everything outside it is unread, not absent.
    pub metadata_only: bool,
    /// The whole object, without `metadata.managedFields`.
    pub body: Value,
}

/// An entry of `metadata.ownerReferences`. Kind and apiVersion may be empty (ARC 0.11 to 0.14.1 wrote such
/// references), so match by `uid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
    pub controller: bool,
    pub block_owner_deletion: bool,
}

/// An entry of `metadata.managedFields`, reduced to what tells who put a finalizer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manager {
    pub name: String,
    /// `Apply` or `Update`.
    pub operation: String,
    pub time: Option<Timestamp>,
    /// The finalizers this manager owns.
    pub finalizers: Vec<String>,
}

impl Object {
    /// The value at a JSON pointer (`/spec/replicas`), if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        debug_assert!(
            !self.metadata_only || pointer.starts_with("/metadata"),
            "{}: only metadata was read, so {pointer} is unread, not absent",
            self.id
        );
        self.body.pointer(pointer)
    }

    /// The string at a JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// The whole number at a JSON pointer.
    pub fn number(&self, pointer: &str) -> Option<i64> {
        self.at(pointer).and_then(Value::as_i64)
    }

    /// The elements of the array at a JSON pointer; none if there is no array.
    pub fn items(&self, pointer: &str) -> &[Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    pub fn has_finalizer(&self, finalizer: &str) -> bool {
        self.finalizers.iter().any(|f| f == finalizer)
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str)
    }

    /// True if an owner reference carries this uid.
    pub fn is_owned_by(&self, uid: &str) -> bool {
        !uid.is_empty() && self.owners.iter().any(|owner| owner.uid == uid)
    }
}
