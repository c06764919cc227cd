//! What a way out does, one change at a time: plain data for whoever carries it out, and the same as a line for a shell.

use super::remedy::resource;
use super::remedy::scope;
use super::remedy::word;
use crate::model::Object;
use crate::model::ObjectId;
use serde_json::Value;
use serde_json::json;

/// One change, or a command that only a person can run.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Patch(Patch),
    Delete(Deletion),
    /// A whole object, as it is sent. If one of its name is there after all, it is left as it is.
    Create(Value),
    /// It needs another program, or somebody who looks.
    Command(String),
}

/// Changes fields of the one object that was seen, and only if they are still what they were.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    pub object: ObjectId,
    pub api_version: String,
    pub uid: String,
    /// When its deletion was asked for, as the API server writes it; `""` if it was not.
    pub deletion: String,
    /// `status`, or `""` for the object itself.
    pub subresource: &'static str,
    /// RFC 6902: tests of what is believed, and then the change.
    pub operations: Vec<Value>,
    /// A shorter way to say it with kubectl; `""` if there is none.
    pub spoken: String,
}

/// Asks for the deletion of the one object that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub object: ObjectId,
    /// `""` for both if the object was not seen; then nobody deletes it without looking.
    pub api_version: String,
    pub uid: String,
    /// True: it does not wait for what it owns, even if it was told to.
    pub background: bool,
    /// True: nobody waits for the containers to end.
    pub at_once: bool,
}

impl Patch {
    /// The patch as it is sent: it holds for this object and this deletion alone.
    pub fn guarded(&self) -> Value {
        let mut patch = vec![json!({"op": "test", "path": "/metadata/uid", "value": self.uid})];
        if !self.deletion.is_empty() {
            let path = "/metadata/deletionTimestamp";
            patch.push(json!({"op": "test", "path": path, "value": self.deletion}));
        }
        patch.extend(self.operations.iter().cloned());
        Value::Array(patch)
    }

    /// For a person the uid says enough: a deletion is never taken back.
    fn command(&self) -> String {
        if !self.spoken.is_empty() {
            return self.spoken.clone();
        }
        let uid = json!({"op": "test", "path": "/metadata/uid", "value": self.uid});
        let patch = Value::Array([vec![uid], self.operations.clone()].concat());
        let (id, patch) = (&self.object, word(&patch.to_string()));
        let of = match self.subresource {
            "" => String::new(),
            of => format!(" --subresource={of}"),
        };
        format!("kubectl patch {}{} {}{of} --type=json -p {patch}", resource(id), scope(id), word(&id.name))
    }
}

impl Deletion {
    fn command(&self) -> String {
        let id = &self.object;
        let how = match (self.background, self.at_once) {
            (true, _) => " --wait=false --cascade=background",
            (_, true) => " --grace-period=0 --force",
            _ => " --wait=false",
        };
        format!("kubectl delete {}{} {}{how}", resource(id), scope(id), word(&id.name))
    }
}

impl Action {
    /// The same for a shell.
    pub fn command(&self) -> String {
        match self {
            Self::Patch(patch) => patch.command(),
            Self::Delete(deletion) => deletion.command(),
            Self::Create(object) => format!("echo {} | kubectl create -f -", word(&object.to_string())),
            Self::Command(command) => command.clone(),
        }
    }

    /// The object that there is, and that is changed.
    pub fn changes(&self) -> Option<&ObjectId> {
        match self {
            Self::Patch(patch) => Some(&patch.object),
            Self::Delete(deletion) => Some(&deletion.object),
            Self::Create(_) | Self::Command(_) => None,
        }
    }

    /// Says which object is meant, if it was seen.
    pub fn identify(&mut self, seen: Option<&Object>) {
        if let (Self::Delete(deletion), Some(object)) = (self, seen) {
            deletion.uid.clone_from(&object.uid);
            deletion.api_version.clone_from(&object.api_version);
        }
    }
}

/// Changes an object that was seen.
pub fn patch(object: &Object, operations: Vec<Value>) -> Action {
    Action::Patch(Patch {
        object: object.id.clone(),
        api_version: object.api_version.clone(),
        uid: object.uid.clone(),
        deletion: object.text("/metadata/deletionTimestamp").unwrap_or_default().to_owned(),
        subresource: "",
        operations,
        spoken: String::new(),
    })
}

/// The same change of a subresource.
pub fn patch_of(subresource: &'static str, object: &Object, operations: Vec<Value>) -> Action {
    match patch(object, operations) {
        Action::Patch(patch) => Action::Patch(Patch { subresource, ..patch }),
        other => other,
    }
}

/// The same change in the words that people know.
pub fn spoken(change: Action, command: String) -> Action {
    match change {
        Action::Patch(patch) => Action::Patch(Patch { spoken: command, ..patch }),
        other => other,
    }
}

pub fn delete(object: &ObjectId) -> Action {
    Action::Delete(deletion(object))
}

/// Deletes, without waiting for what it owns.
pub fn delete_in_background(object: &ObjectId) -> Action {
    Action::Delete(Deletion { background: true, ..deletion(object) })
}

/// Deletes a pod without waiting for its node.
pub fn delete_at_once(object: &ObjectId) -> Action {
    Action::Delete(Deletion { at_once: true, ..deletion(object) })
}

fn deletion(object: &ObjectId) -> Deletion {
    Deletion {
        object: object.clone(),
        api_version: String::new(),
        uid: String::new(),
        background: false,
        at_once: false,
    }
}

/// Takes one finalizer off. None: it does not carry it.
pub fn drop_finalizer(object: &Object, finalizer: &str) -> Option<Action> {
    drop_finalizers(object, &[finalizer]).pop()
}

/// Takes finalizers off, one change after the other in this order; each change counts on those before it.
pub fn drop_finalizers(object: &Object, finalizers: &[&str]) -> Vec<Action> {
    let mut held: Vec<&str> = object.finalizers.iter().map(String::as_str).collect();
    let mut changes = Vec::new();
    for finalizer in finalizers {
        let Some(index) = held.iter().position(|held| held == finalizer) else { continue };
        held.remove(index);
        let path = format!("/metadata/finalizers/{index}");
        changes.push(patch(
            object,
            vec![
                json!({"op": "test", "path": path, "value": finalizer}),
                json!({"op": "remove", "path": path}),
            ],
        ));
    }
    changes
}

/// Takes one annotation off. None: it does not carry it.
pub fn drop_annotation(object: &Object, key: &str) -> Option<Action> {
    let value = object.annotation(key)?;
    let path = format!("/metadata/annotations/{}", escaped(key));
    Some(patch(
        object,
        vec![json!({"op": "test", "path": path, "value": value}), json!({"op": "remove", "path": path})],
    ))
}

/// A key as a segment of a JSON Pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A field that is set. A field that has to be the one that was seen as well comes with its value.
pub struct Field<'a> {
    pub path: &'a str,
    pub seen: Option<Value>,
    pub value: Value,
}

/// Sets fields of an object, or of a subresource of it if one is named.
pub fn set(object: &Object, fields: &[Field<'_>], subresource: &'static str) -> Action {
    let mut operations = Vec::new();
    for field in fields {
        if let Some(seen) = &field.seen {
            operations.push(json!({"op": "test", "path": field.path, "value": seen}));
        }
        operations.push(json!({"op": "add", "path": field.path, "value": field.value}));
    }
    patch_of(subresource, object, operations)
}

/// The annotation that makes a pod template another one: the generation that was restarted.
const STAMP: &str = "kubectl-arc/restarted-at-generation";

/// Whether a patch is a restart and nothing else.
pub fn is_restart(operations: &[Value]) -> bool {
    let is_stamp = |operation: &Value| {
        let path = operation["path"].as_str().unwrap_or_default();
        let value = operation["value"].as_object();
        path.ends_with(&escaped(STAMP))
            || value.is_some_and(|map| map.keys().all(|key| key == STAMP) && !map.is_empty())
    };
    let mut changing = operations.iter().filter(|operation| operation["op"] != "test").peekable();
    changing.peek().is_some() && changing.all(is_stamp)
}

/// Lets a Deployment make its pods anew, once for the generation that was seen.
pub fn restart(deployment: &Object) -> Action {
    let annotations = "/spec/template/metadata/annotations";
    let generation = deployment.number("/metadata/generation").unwrap_or_default();
    let at = generation.to_string();
    let known = deployment.at(annotations).is_some_and(Value::is_object);
    let stamp = match known {
        true => json!({"op": "add", "path": format!("{annotations}/{}", escaped(STAMP)), "value": at}),
        false => json!({"op": "add", "path": annotations, "value": {STAMP: at}}),
    };
    let once = json!({"op": "test", "path": "/metadata/generation", "value": generation});
    let id = &deployment.id;
    spoken(
        patch(deployment, vec![once, stamp]),
        format!("kubectl rollout restart deployment -n {} {}", word(&id.namespace), word(&id.name)),
    )
}

/// Sets how many pods a Deployment is to have.
pub fn scale(deployment: &Object, replicas: i64) -> Action {
    let path = "/spec/replicas";
    let seen = deployment.at(path).cloned();
    let id = &deployment.id;
    spoken(
        set(deployment, &[Field { path, seen, value: replicas.into() }], ""),
        format!(
            "kubectl scale deployment -n {} {} --replicas={replicas}",
            word(&id.namespace),
            word(&id.name)
        ),
    )
}
