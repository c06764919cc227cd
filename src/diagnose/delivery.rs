//! Who delivered an object, by the marks that delivery tools leave on it.

use super::view::View;
use crate::arc;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A delivery tool that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub name: &'static str,
    /// How to keep it from fighting back.
    pub pause: &'static str,
    /// True if it waits for what it deletes before it goes on.
    pub waits: bool,
    pub seen_on: ObjectId,
    pub field: String,
    pub says: String,
}

/// What Helm puts on the Secret in which it records a release (Helm `pkg/storage/driver/secrets.go`).
pub const HELM_NAME: &str = "name";
pub const HELM_STATUS: &str = "status";
pub const HELM_MODIFIED: &str = "modifiedAt";
/// The states of a release between two others (Helm `pkg/release/status.go`).
pub const HELM_UNFINISHED: [&str; 4] =
    ["pending-install", "pending-rollback", "pending-upgrade", "uninstalling"];
/// What Helm puts on everything that it makes (Helm `pkg/action/validate.go`).
pub const HELM_RELEASE: &str = "meta.helm.sh/release-name";

struct Mark {
    tool: &'static str,
    pause: &'static str,
    waits: bool,
    /// A label or annotation that the tool puts on what it applies.
    key: &'static str,
    /// Its name in `metadata.managedFields`, or its beginning.
    manager: &'static str,
}

/// Read in the tools' documentation: argo-cd `docs/user-guide/resource_tracking.md`, Flux' kustomize-controller
/// and helm-controller `internal/`, Helm `pkg/kube`.
const MARKS: &[Mark] = &[
    Mark {
        tool: "Argo CD",
        pause: "turn off automated sync of the Application",
        waits: true,
        key: "argocd.argoproj.io/tracking-id",
        manager: "argocd-",
    },
    Mark {
        tool: "Flux",
        pause: "flux suspend kustomization <NAME>",
        waits: true,
        key: "kustomize.toolkit.fluxcd.io/name",
        manager: "kustomize-controller",
    },
    Mark {
        tool: "Flux",
        pause: "flux suspend helmrelease <NAME>",
        waits: true,
        key: "helm.toolkit.fluxcd.io/name",
        manager: "helm-controller",
    },
    Mark {
        tool: "Helm",
        pause: "run no helm command meanwhile",
        waits: false,
        key: "meta.helm.sh/release-name",
        manager: "helm",
    },
];

/// The tool that delivered one of these objects.
pub fn of(objects: &[&Object]) -> Option<Tool> {
    MARKS.iter().find_map(|mark| objects.iter().find_map(|object| seen(mark, object)))
}

/// The tool that takes an object for its own by a mark that ARC copied to it from its runner set (0.9.2 and later),
/// and so removes it as something that nobody delivers.
pub fn prunes(object: &Object) -> Option<Tool> {
    let copied = |mark: &&Mark| object.label(mark.key).is_some();
    let mark = COPIED.iter().find(copied)?;
    seen(mark, object)
}

/// The label by which Argo CD tracks where it is told to use a label of its own
/// (`docs/user-guide/resource_tracking.md`).
const COPIED: &[Mark] = &[Mark {
    tool: "Argo CD",
    pause: "turn off automated sync of the Application",
    waits: true,
    key: "argocd.argoproj.io/instance",
    manager: "argocd-",
}];

fn seen(mark: &Mark, object: &Object) -> Option<Tool> {
    let (field, says) = if let Some(value) = object.annotation(mark.key) {
        (format!("metadata.annotations[{}]", mark.key), value.to_owned())
    } else if let Some(value) = object.label(mark.key) {
        (format!("metadata.labels[{}]", mark.key), value.to_owned())
    } else {
        let manager = object.managers.iter().find(|manager| manager.name.starts_with(mark.manager))?;
        ("metadata.managedFields.manager".to_owned(), manager.name.clone())
    };
    Some(Tool {
        name: mark.tool,
        pause: mark.pause,
        waits: mark.waits,
        seen_on: object.id.clone(),
        field,
        says,
    })
}

/// When a record was last written: Helm says so in a label, in seconds.
pub fn written_at(record: &Object) -> Option<Timestamp> {
    let modified = record.label(HELM_MODIFIED).and_then(|seconds| seconds.parse().ok());
    modified.and_then(|seconds| Timestamp::from_second(seconds).ok()).or(record.created)
}

/// The newest record of each release; older ones are history.
pub fn newest_records<'a>(view: &View<'a>) -> Vec<&'a Object> {
    let mut newest: BTreeMap<(&str, &str), &Object> = BTreeMap::new();
    for secret in view.list(&arc::SECRET, None).objects {
        let release = secret.label(HELM_NAME).filter(|_| secret.label("owner") == Some("helm"));
        let Some(release) = release else { continue };
        let revision = |secret: &Object| secret.label("version").and_then(|text| text.parse::<u64>().ok());
        let known = newest.entry((&secret.id.namespace, release)).or_insert(secret);
        if revision(secret) > revision(known) {
            *known = secret;
        }
    }
    newest.into_values().collect()
}
