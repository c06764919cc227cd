//! An object as the API writes it, with what the reader set aside put back.

use super::filled;
use crate::model::Manager;
use crate::model::Object;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The mark of an object of which only `metadata` was read.
const METADATA_ONLY: &str = "metadataOnly";

pub fn value(object: &Object) -> Value {
    let mut value = object.body.clone();
    if !object.managers.is_empty() {
        let managers: Vec<Value> = object.managers.iter().map(manager).collect();
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("managedFields".to_owned(), Value::from(managers));
        }
    }
    if object.metadata_only
        && let Some(parts) = value.as_object_mut()
    {
        parts.insert(METADATA_ONLY.to_owned(), Value::from(true));
    }
    value
}

/// An entry of `metadata.managedFields` with no other fields than finalizers.
fn manager(manager: &Manager) -> Value {
    let mut entry = Map::new();
    entry.extend(filled("manager", &manager.name));
    entry.extend(filled("operation", &manager.operation));
    entry.extend(manager.time.map(|time| ("time".to_owned(), Value::from(time.to_string()))));
    if !manager.finalizers.is_empty() {
        let held = manager.finalizers.iter().map(|finalizer| (format!("v:{}", json!(finalizer)), json!({})));
        let held: Map<String, Value> = held.collect();
        entry.insert("fieldsType".to_owned(), Value::from("FieldsV1"));
        entry.insert("fieldsV1".to_owned(), json!({"f:metadata": {"f:finalizers": held}}));
    }
    Value::Object(entry)
}
