//! The Helm release, or the application of a delivery tool, is itself what does not end.

use crate::arc;
use crate::arc::limits;
use crate::diagnose::action;
use crate::diagnose::delivery;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::Timestamp;
use serde_json::Value;

pub const RULE: Rule = Rule {
    class: Class::ReleaseUnfinished,
    reads: &[arc::SECRET, arc::DEPLOYMENT, arc::APPLICATION],
    page: Page {
        summary: "the release or application itself is stuck",
        finds: "The Helm release is in a state between two others, or the Argo CD Application that delivers \
                ARC cannot be rendered, or is being deleted while an operation of it runs.",
        why_it_blocks: "Helm records the state of a release in a Secret. An uninstall that was cut short or met \
                        an error leaves it uninstalling; an install or upgrade that was cut short leaves it \
                        pending, and the next upgrade is refused because another operation is in progress. A \
                        release whose manifest names a kind that the cluster no longer serves cannot be \
                        uninstalled at all: Helm then deletes nothing. Argo CD deletes one wave at a time and \
                        goes no further while anything of it is still being deleted, and nothing while an \
                        operation runs.",
        neighbours: "gitops-delete-deadlock: the tool waits for protected objects of a live runner set. Mostly \
                     the tool waits for objects that have a blocker of their own; then that is named, and the \
                     tool ends by itself once it is cured. foreign-finalizer: the tool itself does not run.",
        what_to_do: "Uninstalling: run helm uninstall again; it goes on where it stopped. Pending: roll back, or \
                     delete the Secret of that one revision. No such kind: put the CRDs back first. Argo CD: end \
                     the running operation; the deletion then goes on.",
        cost: "None. A release Secret that is deleted while its objects are there leaves them to nobody: note \
               which they are.",
        sources: &["helm/helm pkg/action/uninstall.go", "argoproj/argo-cd controller/appcontroller.go"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for record in delivery::newest_records(case.view) {
        let status = record.label(delivery::HELM_STATUS).unwrap_or_default();
        let unfinished = delivery::HELM_UNFINISHED.contains(&status);
        if unfinished && is_old(case, delivery::written_at(record)) {
            helm(case, findings, record, status);
        }
    }
    for application in case.view.list(&arc::APPLICATION, None).objects {
        match application.is_deleting() {
            true => operating(case, findings, application),
            false => unrendered(case, findings, application),
        }
    }
}

fn is_old(case: &Case<'_>, then: Option<Timestamp>) -> bool {
    then.is_none_or(|then| case.view.now().duration_since(then) > limits::HELM_OPERATION)
}

fn helm(case: &Case<'_>, findings: &mut Findings, record: &Object, status: &str) {
    let Some(release) = record.label(delivery::HELM_NAME) else { return };
    let namespace = record.id.namespace.as_str();
    let of_release = |object: &&Object| {
        object.id.namespace == namespace
            && object.annotation(delivery::HELM_RELEASE) == Some(release)
            && (sets::is_arc(object) || object.id.kind == arc::DEPLOYMENT)
    };
    let controllers = case.view.list(&arc::DEPLOYMENT, Some(namespace)).objects;
    let known = |object: &&Object| {
        object.id.kind != arc::DEPLOYMENT
            || case.world.controllers.found.iter().any(|controller| controller.id == object.id)
    };
    let objects: Vec<&Object> =
        case.view.everything().chain(controllers).filter(of_release).filter(known).collect();
    let set = ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace, release);
    // What is being deleted has its own blocker, and Helm ends by itself once that is cured.
    if objects.iter().any(|object| object.is_deleting()) {
        return;
    }
    let waiting: Vec<ObjectId> = match objects.iter().find(|object| object.id.kind == set.kind) {
        Some(set) => vec![set.id.clone()],
        None if !objects.is_empty() => objects.iter().map(|object| object.id.clone()).collect(),
        None => return,
    };
    let evidence =
        vec![case.view.evidence(&record.id, format!("metadata.labels[{}]", delivery::HELM_STATUS), status)];
    let end = Node::Repair(record.id.clone());
    for id in waiting {
        let because =
            format!("its release {release} is {status}, and Helm does nothing else with it meanwhile");
        findings.wait(&id, &end, because, evidence.clone());
    }
    findings.root(Finding {
        class: Class::ReleaseUnfinished,
        end,
        object: record.id.clone(),
        members: Vec::new(),
        message: format!(
            "the Helm release {release} in {namespace} is {status}: an operation of Helm was cut short, and nobody goes \
             on with it; that no helm is still at work on it would prove it"
        ),
        // Helm works outside the cluster, and may have been told to wait for longer.
        certainty: Certainty::Likely,
        evidence,
        remedies: helm_remedies(record, release, status),
    });
}

fn helm_remedies(record: &Object, release: &str, status: &str) -> Vec<Remedy> {
    let (namespace, name) = (remedy::word(&record.id.namespace), remedy::word(release));
    if status == "uninstalling" {
        return vec![remedy::by_hand(
            "uninstall-again",
            format!("Uninstall {release} again: Helm goes on where it stopped"),
            vec![format!("helm uninstall -n {namespace} {name}")],
        )];
    }
    let mut remedies = Vec::new();
    if record.label("version") != Some("1") {
        remedies.push(remedy::by_hand(
            "roll-back-release",
            format!("Roll {release} back to its last revision that was deployed"),
            vec![format!("helm rollback -n {namespace} {name}")],
        ));
    }
    remedies.push(remedy::automatic(
        "delete-release-record",
        format!(
            "Delete {}, the record of this one revision: Helm then takes the one before for the last. Without one \
             before, the objects that it made belong to no release",
            record.id
        ),
        Loss::Reversible,
        vec![action::delete(&record.id)],
    ));
    remedies
}

/// An Application that Argo CD cannot render: nothing of it is ever made. Its chart looks for the controller in the
/// cluster, and Argo CD renders without one.
fn unrendered(case: &Case<'_>, findings: &mut Findings, object: &Object) {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let conditions = object.items("/status/conditions").iter();
    let errors = conditions.filter(|condition| text(condition, "type") == "ComparisonError");
    let Some(message) =
        errors.map(|error| text(error, "message")).find(|words| words.contains(arc::SET_CHART_NAME))
    else {
        return;
    };
    let id = &object.id;
    let namespace = object.text("/spec/destination/namespace").unwrap_or_default();
    let set = ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace, &id.name);
    // What was made before works on; only a change of it is not delivered.
    if case.view.find(&set).is_some() {
        return;
    }
    let title = match message.contains(arc::SET_CHART_FINDS_NO_CONTROLLER) {
        true => "Give the chart the controller's ServiceAccount by value (controllerServiceAccount.name and \
                 .namespace): it cannot look for it where it is rendered without a cluster"
            .to_owned(),
        false => format!("Put right in the values of {id} what Argo CD says of them"),
    };
    let evidence = vec![case.view.evidence(id, "status.conditions[ComparisonError]", message)];
    let end = Node::Repair(id.clone());
    findings.wait(&set, &end, "Argo CD makes nothing of what it cannot render", evidence.clone());
    findings.root(Finding {
        class: Class::ReleaseUnfinished,
        end,
        object: id.clone(),
        members: Vec::new(),
        message: format!("Argo CD cannot render the chart of {id}, so that nothing of it is made"),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![remedy::by_hand("repair-values", title, Vec::new())],
    });
}

/// An Application that is being deleted and is still busy with an operation.
fn operating(case: &Case<'_>, findings: &mut Findings, object: &Object) {
    let id = &object.id;
    if !delivery::is_operating(object) || !case.world.stuck.contains_key(id) {
        return;
    }
    let evidence = vec![case.view.evidence(id, "status.operationState.phase", delivery::RUNNING)];
    let end = Node::Repair(id.clone());
    findings.wait(id, &end, "Argo CD has to go on with it", evidence.clone());
    findings.root(Finding {
        class: Class::ReleaseUnfinished,
        end,
        object: id.clone(),
        members: Vec::new(),
        message: format!("{id} is being deleted while an operation of it runs, which Argo CD waits for"),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![remedy::by_hand(
            "terminate-operation",
            format!("End the operation of {id}: only then does Argo CD go on with its deletion"),
            vec![format!("argocd app terminate-op {}", remedy::word(&id.name))],
        )],
    });
}
