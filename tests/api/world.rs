//! What is served: the objects, reviews and logs of a snapshot file, and what of it may not be read.

use std::path::Path;

use serde_json::Value;

use super::kinds::Kind;
use super::kinds::built_in;
use super::role::Right;
use super::role::Role;
use super::yaml;

/// A line of a snapshot's coverage.
#[derive(Clone, Debug)]
pub struct Cover {
    pub api_version: String,
    pub kind: String,
    /// `*` stands for all.
    pub namespaces: Vec<String>,
    /// Empty: all.
    pub names: Vec<String>,
    pub selector: String,
    /// `""`, `forbidden`, `not-served`, `failed`, with the server's words after a colon.
    pub error: String,
}

#[derive(Clone, Debug)]
pub struct World {
    pub context: String,
    pub version: String,
    /// What the server says the time is: the file's `capturedAt`.
    pub time: String,
    pub objects: Vec<Value>,
    pub reviews: Vec<Value>,
    pub logs: Vec<Value>,
    pub coverage: Vec<Cover>,
    pub kinds: Vec<Kind>,
    /// What the coverage does not name is forbidden, instead of served as the file has it.
    pub strict: bool,
    /// What the user may do; None: everything.
    pub role: Option<Role>,
    /// At most so many objects in a page, whatever the client asks for.
    pub page_size: usize,
    /// Answers `/api` and `/apis` with everything there is, as Kubernetes does since 1.26.
    pub aggregated_discovery: bool,
    /// Groups whose own server does not answer (`metrics.k8s.io/v1beta1`).
    pub broken_groups: Vec<String>,
    /// The newest `resourceVersion`.
    pub newest: u64,
}

impl World {
    pub fn of_file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::of_text(&text)
    }

    /// From YAML documents, with or without a `Snapshot` header.
    pub fn of_text(text: &str) -> Self {
        let mut world = Self {
            context: String::new(),
            version: "v1.36.2".to_owned(),
            time: String::new(),
            objects: Vec::new(),
            reviews: Vec::new(),
            logs: Vec::new(),
            coverage: Vec::new(),
            kinds: built_in(),
            strict: false,
            role: None,
            page_size: usize::MAX,
            aggregated_discovery: true,
            broken_groups: Vec::new(),
            newest: 1_000_000,
        };
        yaml::documents(text).into_iter().for_each(|document| world.add(document));
        world
    }

    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The user may do what the roles in these files of docs/rbac allow, and nothing else.
    #[must_use]
    pub fn with_roles(mut self, files: &[&str]) -> Self {
        self.role.get_or_insert_default().0.append(&mut Role::documented(files).0);
        self
    }

    /// And this as well.
    #[must_use]
    pub fn who_may(mut self, verb: &str, resource: &str, group: &str) -> Self {
        self.role.get_or_insert_default().0.insert(Right {
            group: group.to_owned(),
            resource: resource.to_owned(),
            verb: verb.to_owned(),
        });
        self
    }

    #[must_use]
    pub fn page_size(mut self, page_size: usize) -> Self {
        self.page_size = page_size;
        self
    }

    /// Adds a document: an object, a List, a header, a review or a log.
    pub fn add(&mut self, document: Value) {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        match text("/kind") {
            "" => {}
            "Snapshot" => self.header(&document),
            "PodLog" => self.logs.push(document),
            "SubjectAccessReview" | "LocalSubjectAccessReview" => self.reviews.push(document),
            "List" => {
                let items = document["items"].as_array().cloned().unwrap_or_default();
                items.into_iter().for_each(|item| self.add(item));
            }
            kind => {
                let namespaced = !text("/metadata/namespace").is_empty();
                self.serve(&Kind::guess(text("/apiVersion"), kind, namespaced));
                let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
                for known in self.kinds.iter_mut().filter(|known| !known.built_in) {
                    if known.group == group && known.kind == kind {
                        known.namespaced = namespaced;
                    }
                }
                if kind == "CustomResourceDefinition" {
                    self.serve_crd(&document);
                }
                self.objects.push(document);
            }
        }
    }

    /// Takes an object out, as if it had been deleted. The namespace is `""` where there is none.
    pub fn remove(&mut self, kind: &str, namespace: &str, name: &str) {
        let before = self.objects.len();
        self.objects.retain(|object| !is_called(object, kind, namespace, name));
        assert!(self.objects.len() < before, "there is no {kind} {namespace}/{name}");
    }

    /// An object. The namespace is `""` where there is none.
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.objects.iter().find(|object| is_called(object, kind, namespace, name))
    }

    /// Sets a field, such as `/spec/replicas`, as somebody else would.
    pub fn set(&mut self, kind: &str, namespace: &str, name: &str, pointer: &str, value: Value) {
        let version = self.next_version().to_string();
        let object = self.objects.iter_mut().find(|object| is_called(object, kind, namespace, name));
        let object = object.unwrap_or_else(|| panic!("there is no {kind} {namespace}/{name}"));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        object.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}"))[key] = value;
        object["metadata"]["resourceVersion"] = version.into();
    }

    /// Another object of the same name, which nobody deletes.
    pub fn recreate(&mut self, kind: &str, namespace: &str, name: &str, uid: &str) {
        self.set(kind, namespace, name, "/metadata/uid", uid.into());
        for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
            self.set(kind, namespace, name, &format!("/metadata/{key}"), Value::Null);
        }
        let object = self.objects.iter_mut().find(|object| is_called(object, kind, namespace, name));
        object.unwrap()["metadata"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }

    pub fn next_version(&mut self) -> u64 {
        self.newest += 1;
        self.newest
    }

    /// What time it is: the file's `capturedAt`.
    pub fn now(&self) -> String {
        if self.time.is_empty() { "2026-11-21T05:00:00Z".to_owned() } else { self.time.clone() }
    }

    /// Makes a kind unreadable: `error` is `forbidden`, `not-served` or `failed`.
    pub fn refuse(&mut self, api_version: &str, kind: &str, namespace: &str, error: &str) {
        let cover = Cover {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespaces: vec![namespace.to_owned()],
            names: Vec::new(),
            selector: String::new(),
            error: error.to_owned(),
        };
        self.coverage.push(cover);
    }

    /// The kinds that are served, without those that the coverage says are not.
    pub fn served(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(|kind| {
            !self.coverage.iter().any(|cover| cover.is_of(kind) && cover.error.starts_with("not-served"))
        })
    }

    fn header(&mut self, header: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
        self.context = text(&header["context"]);
        self.time = text(&header["capturedAt"]);
        if !text(&header["serverVersion"]).is_empty() {
            self.version = text(&header["serverVersion"]);
        }
        for entry in header["coverage"].as_array().into_iter().flatten() {
            let cover = Cover {
                api_version: text(&entry["apiVersion"]),
                kind: text(&entry["kind"]),
                namespaces: texts(&entry["namespaces"]),
                names: texts(&entry["names"]),
                selector: text(&entry["labelSelector"]) + &text(&entry["fieldSelector"]),
                error: text(&entry["error"]),
            };
            // What was looked at everywhere may still live in namespaces; the objects or the CRD will tell.
            self.serve(&Kind::guess(&cover.api_version, &cover.kind, true));
            self.coverage.push(cover);
        }
    }

    fn serve(&mut self, kind: &Kind) {
        if !self.kinds.iter().any(|known| known.group == kind.group && known.kind == kind.kind) {
            self.kinds.push(kind.clone());
        }
    }

    /// A CRD says better than a guess how its kind is spelled.
    fn serve_crd(&mut self, crd: &Value) {
        let text =
            |pointer: &str| crd.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let version = text("/spec/versions/0/name");
        let api_version = format!("{}/{version}", text("/spec/group"));
        let mut kind = Kind::guess(&api_version, &text("/spec/names/kind"), text("/spec/scope") != "Cluster");
        if version.is_empty() || kind.kind.is_empty() {
            return;
        }
        kind.plural = text("/spec/names/plural");
        let short = crd.pointer("/spec/names/shortNames").and_then(Value::as_array);
        kind.short = short.into_iter().flatten().filter_map(|s| Some(s.as_str()?.to_owned())).collect();
        self.kinds.retain(|known| known.group != kind.group || known.kind != kind.kind);
        self.kinds.push(kind);
    }
}

fn is_called(object: &Value, kind: &str, namespace: &str, name: &str) -> bool {
    let metadata = &object["metadata"];
    object["kind"] == kind
        && metadata["namespace"].as_str().unwrap_or_default() == namespace
        && metadata["name"] == name
}

impl Cover {
    pub fn is_of(&self, kind: &Kind) -> bool {
        let group = self.api_version.split_once('/').map_or("", |(group, _)| group);
        group == kind.group && self.kind == kind.kind
    }

    /// Whether the line speaks of this namespace (`None`: of all of them).
    pub fn holds_for(&self, namespace: Option<&str>, name: Option<&str>) -> bool {
        let here = self.namespaces.is_empty()
            || self.namespaces.iter().any(|known| known == "*" || Some(known.as_str()) == namespace);
        here && (self.names.is_empty() || self.names.iter().any(|known| Some(known.as_str()) == name))
    }
}
