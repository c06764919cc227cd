//! Who delivered an object, by the marks that delivery tools leave on it.

use super::remedy;
use super::report::Evidence;
use super::report::Remedy;
use super::view::View;
use crate::arc;
use crate::model::Manager;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// A delivery tool that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub name: &'static str,
    /// How to keep it from fighting back.
    pub pause: String,
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

/// How a tool is kept from undoing what a person does, with the name that its mark gives.
#[derive(Clone, Copy, Debug)]
enum Pause {
    /// Argo CD's Application.
    Application,
    /// Flux' object of this sort; its namespace stands in a label beside the one with its name.
    Suspend(&'static str),
    /// It acts only when somebody runs this.
    Command(&'static str),
}

struct Mark {
    tool: &'static str,
    pause: Pause,
    waits: bool,
    /// A label or annotation that the tool puts on what it applies; `""`: it puts none there.
    key: &'static str,
    /// Its names in `metadata.managedFields`, or their beginnings.
    managers: &'static [&'static str],
}

/// Read in the tools' documentation: argo-cd `docs/user-guide/resource_tracking.md`, Flux' kustomize-controller
/// and helm-controller `internal/`, Helm `pkg/kube`. Terraform puts no mark on anything: its Kubernetes provider writes as
/// what its user agent begins with, or for a manifest as `Terraform`, and its Helm provider as the name of its program,
/// beside Helm's own marks.
const MARKS: &[Mark] = &[
    Mark {
        tool: "Argo CD",
        pause: Pause::Application,
        waits: true,
        key: "argocd.argoproj.io/tracking-id",
        managers: &["argocd-"],
    },
    Mark {
        tool: "Flux",
        pause: Pause::Suspend("kustomization"),
        waits: true,
        key: "kustomize.toolkit.fluxcd.io/name",
        managers: &["kustomize-controller"],
    },
    Mark {
        tool: "Flux",
        pause: Pause::Suspend("helmrelease"),
        waits: true,
        key: "helm.toolkit.fluxcd.io/name",
        managers: &["helm-controller"],
    },
    Mark {
        tool: "Terraform",
        pause: Pause::Command("terraform"),
        waits: false,
        key: "",
        managers: &["Terraform", "HashiCorp", "terraform-provider-helm"],
    },
    Mark {
        tool: "Helm",
        pause: Pause::Command("helm"),
        waits: false,
        key: "meta.helm.sh/release-name",
        managers: &["helm"],
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

/// Evidence that the application of a tool's mark removes by itself what it does not deliver.
pub fn pruning_application(view: &View<'_>, tool: &Tool) -> Option<Evidence> {
    let prunes = |application: &&Object| {
        let switch = application.at("/spec/syncPolicy/automated/prune");
        application.id.name == tool.says && switch.and_then(Value::as_bool) == Some(true)
    };
    let application = view.list(&arc::APPLICATION, None).objects.into_iter().find(prunes)?;
    Some(view.evidence(&application.id, "spec.syncPolicy.automated.prune", "true"))
}

/// The label by which Argo CD tracks where it is told to use a label of its own
/// (`docs/user-guide/resource_tracking.md`).
const COPIED: &[Mark] = &[Mark {
    tool: "Argo CD",
    pause: Pause::Application,
    waits: true,
    key: "argocd.argoproj.io/instance",
    managers: &["argocd-"],
}];

fn seen(mark: &Mark, object: &Object) -> Option<Tool> {
    let told = |value: &str| Some(value.to_owned()).filter(|value| is_its_own(value, object));
    let (field, says, name) = if let Some(value) = object.annotation(mark.key).and_then(told) {
        (format!("metadata.annotations[{}]", mark.key), value.clone(), value)
    } else if let Some(value) = object.label(mark.key) {
        (format!("metadata.labels[{}]", mark.key), value.to_owned(), value.to_owned())
    } else {
        let writes = |manager: &&Manager| mark.managers.iter().any(|name| manager.name.starts_with(name));
        let manager = object.managers.iter().find(writes)?;
        ("metadata.managedFields.manager".to_owned(), manager.name.clone(), String::new())
    };
    Some(Tool {
        name: mark.tool,
        pause: pause(mark, object, &name),
        waits: mark.waits,
        seen_on: object.id.clone(),
        field,
        says,
    })
}

/// Argo CD's tracking id names the object that it is about. Where it was copied from another one, it names that:
/// `<application>:<group>/<kind>:<namespace>/<name>`.
fn is_its_own(value: &str, object: &Object) -> bool {
    let Some((rest, place)) = value.rsplit_once(':') else { return true };
    let kind = rest.rsplit_once('/').map_or("", |(_, kind)| kind);
    let its_place = format!("{}/{}", object.id.namespace, object.id.name);
    !place.contains('/') || (kind == object.id.kind.kind && place == its_place)
}

fn pause(mark: &Mark, object: &Object, value: &str) -> String {
    let name = value.split(':').next().unwrap_or_default();
    match mark.pause {
        Pause::Application if name.is_empty() => "turn off automated sync of the Application".to_owned(),
        Pause::Application => format!("argocd app set {} --sync-policy none", remedy::word(name)),
        Pause::Suspend(sort) if name.is_empty() => format!("flux suspend {sort} <NAME>"),
        Pause::Suspend(sort) => {
            let beside = mark.key.replace("/name", "/namespace");
            let namespace = object.label(&beside).unwrap_or("flux-system");
            format!("flux suspend {sort} -n {} {}", remedy::word(namespace), remedy::word(name))
        }
        Pause::Command(program) => format!("run no {program} command meanwhile"),
    }
}

/// A way out that changes a live object which a tool keeps as it is in Git says that the tool comes first.
pub fn told(view: &View<'_>, id: &ObjectId, remedy: &Remedy) -> Remedy {
    let mut remedy = remedy.clone();
    let live = view.subject(id).filter(|object| !object.is_deleting());
    let Some(tool) = live.and_then(|object| of(&[object])).filter(|tool| tool.waits) else { return remedy };
    let changes = remedy.actions.iter().any(|action| action.changes() == Some(id));
    if changes && !remedy.title.contains(&tool.pause) {
        remedy.title =
            format!("{}. Pause {} first, which would undo it: {}", remedy.title, tool.name, tool.pause);
    }
    remedy
}

/// How Argo CD calls an operation that has not ended (`gitops-engine` `pkg/sync/common/types.go`).
pub const RUNNING: &str = "Running";

/// True for an Application that Argo CD still synchronizes: as long as that runs, it deletes nothing of it
/// (`controller/appcontroller.go`). A suspended object of Flux, in contrast, is let go at once, with what belongs to it
/// left behind (`internal/controller/helmrelease_controller.go`).
pub fn is_operating(object: &Object) -> bool {
    object.id.kind == arc::APPLICATION && object.text("/status/operationState/phase") == Some(RUNNING)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::action;
    use crate::diagnose::report::Loss;
    use crate::model::Lookup;

    fn delivered(mark: &str) -> Option<Tool> {
        let text = format!(
            "{{apiVersion: kubectl-arc/v1alpha1, kind: Snapshot, capturedAt: '2026-11-21T09:00:00Z'}}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{namespace: team, name: s, {mark}}}\n"
        );
        let snapshot =
            crate::source::file::read(&["-".to_owned()], false, &mut text.as_bytes()).expect("a Secret");
        let id = ObjectId::new(&arc::SECRET, "team", "s");
        let Lookup::Found(object) = snapshot.get(&id) else { panic!("{id} is there") };
        let view = View::new(&snapshot);
        let delete = remedy::automatic("x", "Delete it".to_owned(), Loss::None, vec![action::delete(&id)]);
        let tool = of(&[object]);
        let says = told(&view, &id, &delete).title.contains("Pause");
        assert_eq!(says, tool.as_ref().is_some_and(|tool| tool.waits), "{mark}");
        tool
    }

    #[test]
    fn the_tool_that_fights_back_is_paused_by_name() {
        let argo = "annotations: {argocd.argoproj.io/tracking-id: 'ci:/Secret:team/s'}";
        assert_eq!(
            delivered(argo).map(|tool| tool.pause),
            Some("argocd app set ci --sync-policy none".to_owned())
        );
        let flux =
            "labels: {kustomize.toolkit.fluxcd.io/name: ci, kustomize.toolkit.fluxcd.io/namespace: apps}";
        let pause = Some("flux suspend kustomization -n apps ci".to_owned());
        assert_eq!(delivered(flux).map(|tool| tool.pause), pause);
        let helm = "annotations: {meta.helm.sh/release-name: ci}";
        assert_eq!(delivered(helm).map(|tool| tool.name), Some("Helm"));
        // Terraform is known by its field managers alone, also where it runs Helm.
        for manager in ["HashiCorp", "Terraform", "terraform-provider-helm_v2.17.0_x5"] {
            let terraform = format!(
                "annotations: {{meta.helm.sh/release-name: ci}}, managedFields: [{{manager: {manager}, operation: Update}}]"
            );
            let tool = delivered(&terraform).map(|tool| (tool.name, tool.pause));
            assert_eq!(
                tool,
                Some(("Terraform", "run no terraform command meanwhile".to_owned())),
                "{manager}"
            );
        }
    }

    #[test]
    fn a_tracking_id_that_was_copied_from_another_object_says_nothing() {
        let copied = "annotations: {argocd.argoproj.io/tracking-id: 'ci:actions.github.com/Other:team/t'}";
        assert_eq!(delivered(copied), None);
    }
}
