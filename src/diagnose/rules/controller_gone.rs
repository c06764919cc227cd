//! No ARC controller runs that could take the finalizers off.

use crate::arc;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::diagnose::controllers::Controller;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;
use crate::model::ObjectId;
use serde_json::Value;

pub const RULE: Rule = Rule {
    class: Class::ControllerGone,
    reads: &[
        arc::ROLE_BINDING,
        arc::AUTOSCALING_LISTENER,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
    ],
    page: Page {
        summary: "no ARC controller runs",
        finds: "An object of ARC waits for the controller, and no Deployment of an ARC controller has a ready \
                replica: it was uninstalled, scaled to zero, or does not start.",
        why_it_blocks: "Every finalizer of ARC is taken off by the controller and by nobody else. Without it the \
                        runner sets, listeners, runners and the chart's protected objects stay Terminating, and \
                        with them their namespaces and CRDs.",
        neighbours: "rbac-missing: the controller runs, but may not act in the namespace. \
                     controller-not-reconciling: it runs and may, but does nothing.",
        what_to_do: "Install the controller again under the same release name and in the same namespace, in the \
                     version it had: its ServiceAccount then has the name that the RoleBindings in the runner \
                     namespaces grant to, and it finishes all deletions by itself. The deletion does not check \
                     versions, so any build that understands the objects will do.",
        cost: "None. Taking the finalizers off by hand instead leaves scale sets and runners at GitHub.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "charts/gha-runner-scale-set-controller/templates/deployment.yaml",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Controller)) {
        let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
        let controllers = &case.world.controllers;
        if controllers.alive(namespace).is_some() {
            continue;
        }
        let dead = controllers.responsible(namespace).into_iter().next();
        if dead.is_none() && !controllers.reading.is_complete() {
            findings.gap(&stuck.id, &arc::DEPLOYMENT, "", &controllers.reading, &[Class::ControllerGone]);
            continue;
        }
        let finding = match dead {
            Some(controller) => not_ready(case, controller),
            None => missing(case, stuck),
        };
        let because = match stuck.finalizers.iter().find(|held| finalizers::is_arc(held)) {
            Some(finalizer) => format!("only the controller takes {finalizer} off"),
            None => "only the controller makes what is missing".to_owned(),
        };
        findings.wait(&stuck.id, &finding.end, because, Vec::new());
        findings.root(finding);
    }
}

fn not_ready(case: &Case<'_>, controller: &Controller) -> Finding {
    let scaled_down = controller.desired == 0;
    let message = if scaled_down {
        format!("{} is scaled to 0, so nobody takes ARC's finalizers off", controller.id)
    } else {
        format!("{} has no ready replica, so nobody takes ARC's finalizers off", controller.id)
    };
    let id = &controller.id;
    let gentlest = if scaled_down {
        Remedy {
            id: "scale-up-controller",
            title: format!("Scale {id} up again; it finishes by itself"),
            loss: Loss::None,
            applicability: Applicability::Automatic,
            commands: vec![format!(
                "kubectl scale deployment -n {} {} --replicas=1",
                remedy::word(&id.namespace),
                remedy::word(&id.name)
            )],
            leaves: Vec::new(),
        }
    } else {
        Remedy {
            id: "repair-controller",
            title: format!("Find out why the pods of {id} are not ready, and repair that"),
            loss: Loss::None,
            applicability: Applicability::Manual,
            commands: vec![
                format!(
                    "kubectl describe deployment -n {} {}",
                    remedy::word(&id.namespace),
                    remedy::word(&id.name)
                ),
                format!(
                    "kubectl logs -n {} deployment/{} --tail=50",
                    remedy::word(&id.namespace),
                    remedy::word(&id.name)
                ),
            ],
            leaves: Vec::new(),
        }
    };
    Finding {
        class: Class::ControllerGone,
        end: Node::Repair(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message,
        certainty: if case.world.controllers.reading.is_complete() {
            Certainty::Proven
        } else {
            Certainty::Likely
        },
        evidence: vec![
            case.view.evidence(id, "spec.replicas", controller.desired.to_string()),
            case.view.evidence(id, "status.readyReplicas", controller.ready.to_string()),
        ],
        remedies: vec![gentlest, strip(case)],
    }
}

fn missing(case: &Case<'_>, stuck: &Stuck) -> Finding {
    let (object, release, mut evidence) = expected(case, stuck);
    evidence.insert(0, case.view.missing(&object));
    let version =
        case.view.find(stuck.set.as_ref().unwrap_or(&stuck.id)).and_then(|set| set.label(marks::VERSION));
    let version = version.map(|version| format!(" --version {}", remedy::word(version))).unwrap_or_default();
    let reinstall = Remedy {
        id: "reinstall-controller",
        title: format!(
            "Install the controller again as release {release} in namespace {}; it finishes by itself",
            object.namespace
        ),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        commands: vec![format!(
            "helm install {} {}{version} -n {} --create-namespace",
            remedy::word(&release),
            arc::CONTROLLER_CHART,
            remedy::word(&object.namespace),
        )],
        leaves: Vec::new(),
    };
    Finding {
        class: Class::ControllerGone,
        message: "no ARC controller runs in this cluster, so nobody takes ARC's finalizers off".to_owned(),
        end: Node::Object(object.clone()),
        object,
        members: Vec::new(),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![reinstall, strip(case)],
    }
}

/// The Deployment that should be there, its release, and what tells so: the manager RoleBinding grants to its
/// ServiceAccount, which has the same name.
fn expected(case: &Case<'_>, stuck: &Stuck) -> (ObjectId, String, Vec<Evidence>) {
    let bindings = case.view.list(&arc::ROLE_BINDING, None).objects;
    let near =
        |namespace: &str| stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace) == namespace;
    let mut managers: Vec<_> = bindings
        .into_iter()
        .filter(|binding| binding.label(marks::COMPONENT) == Some(marks::MANAGER_ROLE_BINDING))
        .collect();
    managers.sort_by_key(|binding| !near(&binding.id.namespace));
    for binding in managers {
        for subject in binding.items("/subjects") {
            let text = |key: &str| subject.get(key).and_then(Value::as_str);
            if let (Some("ServiceAccount"), Some(name), Some(namespace)) =
                (text("kind"), text("name"), text("namespace"))
            {
                let release = name
                    .strip_suffix(marks::CONTROLLER_SUFFIX)
                    .and_then(|rest| rest.strip_suffix('-'))
                    .unwrap_or(name);
                let says = format!("{namespace}/{name}");
                let evidence = case.view.evidence(&binding.id, "subjects", says);
                return (
                    ObjectId::new(&arc::DEPLOYMENT, namespace, name),
                    release.to_owned(),
                    vec![evidence],
                );
            }
        }
    }
    let listener = case.view.list(&arc::AUTOSCALING_LISTENER, None).objects.into_iter().next();
    match listener {
        Some(listener) => {
            let evidence =
                case.view.evidence(&listener.id, "metadata.namespace", listener.id.namespace.clone());
            let object = ObjectId::new(&arc::DEPLOYMENT, &listener.id.namespace, marks::CONTROLLER_SUFFIX);
            (object, "arc".to_owned(), vec![evidence])
        }
        None => {
            let object = ObjectId::new(
                &arc::DEPLOYMENT,
                marks::DEFAULT_CONTROLLER_NAMESPACE,
                marks::CONTROLLER_SUFFIX,
            );
            (object, "arc".to_owned(), Vec::new())
        }
    }
}

/// The last resort: everything by hand, in the order in which nothing is left that could not be finished.
fn strip(case: &Case<'_>) -> Remedy {
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects;
    let leaves = sets
        .iter()
        .filter(|set| set.is_deleting())
        .flat_map(|set| remedy::registrations(case.view, &set.id))
        .collect::<Vec<_>>();
    Remedy {
        id: "strip-finalizers",
        title: "Take ARC's finalizers off by hand, one object at a time: runners, EphemeralRunnerSets, listeners, \
                runner sets, the chart's objects"
            .to_owned(),
        loss: if leaves.is_empty() { Loss::Reversible } else { Loss::Registration },
        applicability: Applicability::Automatic,
        commands: Vec::new(),
        leaves,
    }
}
