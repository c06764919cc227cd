//! A change with all that is needed to send it.

use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::wire::Request;
use crate::arc;
use crate::diagnose::Action;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::journal::Named;
use crate::journal::Sent;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::name;
use crate::source::cluster::JSON;
use crate::source::cluster::METADATA;
use crate::source::cluster::Resource;
use crate::source::cluster::encode;
use crate::source::redact;
use http::Method;
use serde_json::Value;
use serde_json::json;

/// A change that can be sent.
#[derive(Clone, Copy, Debug)]
pub enum Write<'a> {
    Patch(&'a Patch),
    Delete(&'a Deletion),
    Create(&'a Value),
}

/// A change, where it goes, and the object that it found there.
#[derive(Clone, Debug)]
pub struct Work<'a> {
    pub write: Write<'a>,
    pub id: ObjectId,
    pub uid: &'a str,
    pub resource: Resource,
    /// As the server sent it. None: it is not there.
    pub before: Option<Value>,
}

/// What an action is about: the change, its object, the object's apiVersion and uid.
///
/// # Errors
/// `Unidentified` if it is for a person, or does not say which object it means.
pub fn identify(action: &Action) -> Result<(Write<'_>, ObjectId, &str, &str), Refusal> {
    let seen = |id: &ObjectId, uid: &str| match uid {
        "" => Err(Refusal::new(
            RefusalKind::Unidentified,
            format!("{id} was not seen, so nothing tells whether this is still the one that is meant"),
        )
        .hint(format!("Run {} again when it can be read.", name::command("unblock")))),
        _ => Ok(()),
    };
    match action {
        Action::Patch(patch) => {
            seen(&patch.object, &patch.uid)?;
            Ok((Write::Patch(patch), patch.object.clone(), &patch.api_version, &patch.uid))
        }
        Action::Delete(deletion) => {
            seen(&deletion.object, &deletion.uid)?;
            Ok((Write::Delete(deletion), deletion.object.clone(), &deletion.api_version, &deletion.uid))
        }
        Action::Create(object) => {
            let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let (api_version, kind) =
                (text("/apiVersion"), GroupKind::of(text("/apiVersion"), text("/kind")));
            let id = ObjectId::new(&kind, text("/metadata/namespace"), text("/metadata/name"));
            Ok((Write::Create(object), id, api_version, ""))
        }
        Action::Command(command) => {
            Err(Refusal::new(RefusalKind::Unidentified, format!("only a person can run this: {command}")))
        }
    }
}

impl Work<'_> {
    /// The request for the object itself.
    pub fn look(&self) -> Request {
        Request {
            method: Method::GET,
            path: self.path(),
            content_type: "",
            accept: self.accept(),
            body: Value::Null,
        }
    }

    /// The change, tried out (`dry`) or for good.
    pub fn request(&self, manager: &str, dry: bool) -> Request {
        let mut query = format!("?fieldManager={}", encode(manager));
        if dry {
            query.push_str("&dryRun=All");
        }
        let (method, path, content_type, body) = match self.write {
            Write::Patch(patch) => {
                let part = match patch.subresource {
                    "" => String::new(),
                    part => format!("/{}", encode(part)),
                };
                let path = format!("{}{part}{query}", self.path());
                (Method::PATCH, path, "application/json-patch+json", patch.guarded())
            }
            // The server reads the options of a deletion from the body alone if there is one.
            Write::Delete(deletion) => (Method::DELETE, self.path(), JSON, options(deletion, dry)),
            Write::Create(object) => {
                let namespace = Some(self.id.namespace.as_str()).filter(|name| !name.is_empty());
                (Method::POST, self.resource.path(namespace, None) + &query, JSON, object.clone())
            }
        };
        Request { method, path, content_type, accept: self.accept(), body }
    }

    fn path(&self) -> String {
        let namespace = Some(self.id.namespace.as_str()).filter(|name| !name.is_empty());
        self.resource.path(namespace, Some(&self.id.name))
    }

    /// The values of Secrets are never asked for, not even as the answer to a change.
    fn accept(&self) -> &'static str {
        if self.id.kind == arc::SECRET { METADATA } else { JSON }
    }

    /// An object as it came, with its own type where the server sent the metadata alone.
    pub fn named(&self, mut object: Value) -> Value {
        if object["kind"] == "PartialObjectMetadata" {
            object["apiVersion"] = self.resource.api_version.clone().into();
            object["kind"] = self.id.kind.kind.clone().into();
        }
        object
    }

    /// What the journal calls the object.
    pub fn subject(&self) -> Named {
        Named {
            api_version: self.resource.api_version.clone(),
            kind: self.id.kind.kind.to_string(),
            namespace: self.id.namespace.clone(),
            name: self.id.name.clone(),
            uid: self.uid.to_owned(),
        }
    }
}

fn options(deletion: &Deletion, dry: bool) -> Value {
    let mut options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": deletion.uid},
    });
    if deletion.background {
        options["propagationPolicy"] = "Background".into();
    }
    if deletion.at_once {
        options["gracePeriodSeconds"] = 0.into();
    }
    if dry {
        options["dryRun"] = json!(["All"]);
    }
    options
}

/// A request as the journal keeps it.
pub fn sent(request: &Request) -> Sent {
    Sent {
        method: request.method.to_string(),
        path: request.path.clone(),
        content_type: request.content_type.to_owned(),
        body: request.body.clone(),
    }
}

/// The object for people and files: without what may be secret, and without who owns which field.
pub fn shown(object: &Value) -> Value {
    let mut shown = object.clone();
    if let Some(metadata) = shown.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    redact::redact(&mut shown);
    shown
}
