//! No ARC controller runs that could take the finalizers off.

use crate::arc;
use crate::arc::marks;
use crate::arc::versions::Version;
use crate::diagnose::action;
use crate::diagnose::action::Action;
use crate::diagnose::controllers::Controller;
use crate::diagnose::expected::Expected;
use crate::diagnose::expected::Known;
use crate::diagnose::forbidden;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::not_served;
use crate::diagnose::remedy;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::waiters;
use crate::diagnose::waiters::Waiter;
use crate::diagnose::wish::Sight;
use crate::diagnose::without_controller::consequence;
use crate::diagnose::without_controller::ending;
use crate::diagnose::without_controller::strip;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::ObjectId;
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    class: Class::ControllerGone,
    reads: &[
        arc::DEPLOYMENT,
        arc::CRD,
        arc::AUTOSCALING_LISTENER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::ROLE,
        arc::ROLE_BINDING,
        arc::SERVICE_ACCOUNT,
        arc::SECRET,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::POD,
        arc::POD_LOG,
        arc::ACCESS_REVIEW,
        arc::ROLE,
        arc::CLUSTER_ROLE,
        arc::CLUSTER_ROLE_BINDING,
    ],
    page: Page {
        summary: "no ARC controller runs",
        finds: "There is a runner set, or an object of ARC that waits for the controller, and no Deployment of an \
                ARC controller that watches its namespace has a ready replica: it was uninstalled, scaled to zero, \
                or does not start. One that lost its last replica in the last two minutes is restarting.",
        why_it_blocks: "Every finalizer of ARC is taken off by the controller and by nobody else. Without it the \
                        runner sets, listeners, runners and the chart's protected objects stay Terminating, and \
                        with them their namespaces and CRDs. A live runner set keeps its listener, but gets no \
                        new runner and loses none.",
        neighbours: "rbac-missing: the controller runs, but may not act in the namespace, or it ends at its start \
                     because it may not watch what it needs to, as its log says. \
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
    let barred = forbidden::barred(case).into_iter().chain(not_served::blind(case)).collect();
    for waiter in waiters::all(case) {
        judge(case, findings, &barred, &waiter);
    }
}

fn judge(case: &Case<'_>, findings: &mut Findings, barred: &BTreeSet<&ObjectId>, waiter: &Waiter<'_>) {
    let controllers = &case.world.controllers;
    let namespace = &waiter.set.namespace;
    if controllers.alive(namespace).is_some() {
        return;
    }
    let responsible = controllers.responsible(namespace);
    if !waiter.is_stuck && !controllers.reading.is_complete() {
        return;
    }
    if let Some(starting) = responsible.iter().find(|dead| dead.is_restarting(case.view.now())) {
        if waiter.is_stuck {
            let because = format!("{}, and that is restarting", waiter.because);
            findings.wait(waiter.id, &Node::Object(starting.id.clone()), because, Vec::new());
        }
        return;
    }
    let finding = match responsible.first() {
        // It is there and tries; what it may not do, or what is not there for it, is the matter.
        Some(dead) if barred.contains(&dead.id) => {
            let because = format!("{}, and that does not get ready", waiter.because);
            findings.wait(waiter.id, &Node::Object(dead.id.clone()), because, Vec::new());
            return;
        }
        Some(dead) if findings.saw_again(Class::ControllerGone, &dead.id, Vec::new()) => {
            findings.wait(waiter.id, &Node::Repair(dead.id.clone()), waiter.because.clone(), Vec::new());
            return;
        }
        Some(dead) => {
            if dead.desired > 0 && matches!(logs::of_controller(case.view, dead), Log::Unread(_)) {
                findings.wish_for_proof(waiter.id, Sight::ControllerLog(dead.id.clone()));
            }
            not_ready(case, dead)
        }
        None if !controllers.reading.is_complete() => {
            findings.gap(waiter.id, &arc::DEPLOYMENT, "", &controllers.reading, &[Class::ControllerGone]);
            return;
        }
        None => {
            let expected = Expected::of(case.view, namespace);
            // One that is there and does not act is not gone.
            if expected.inactive(case.view, &case.world.controllers, namespace).is_some() {
                return;
            }
            if !waiter.is_stuck && !matches!(case.view.look(&expected.deployment), Lookup::Absent) {
                return;
            }
            if findings.saw_again(Class::ControllerGone, &expected.deployment, expected.evidence.clone()) {
                let end = Node::Object(expected.deployment);
                findings.wait(waiter.id, &end, waiter.because.clone(), Vec::new());
                return;
            }
            missing(case, waiter, expected)
        }
    };
    findings.wait(waiter.id, &finding.end, waiter.because.clone(), Vec::new());
    findings.root(finding);
}

fn not_ready(case: &Case<'_>, controller: &Controller) -> Finding {
    let scaled_down = controller.desired == 0;
    let open = forbidden::is_open(case.view, controller);
    let message = match (scaled_down, open) {
        (true, _) => format!("{} is scaled to 0, so {}", controller.id, consequence(case)),
        (false, false) => format!("{} has no ready replica, so {}", controller.id, consequence(case)),
        (false, true) => format!(
            "{} has no ready replica, so {}; its log would prove that no missing right is behind it",
            controller.id,
            consequence(case)
        ),
    };
    let id = &controller.id;
    let (namespace, name) = (remedy::word(&id.namespace), remedy::word(&id.name));
    let gentlest = if scaled_down {
        let scale = case.view.subject(id).map(|controller| action::scale(controller, 1));
        let title = format!("Scale {id} up again; {}", ending(case));
        remedy::automatic("scale-up-controller", title, Loss::None, scale.into_iter().collect())
    } else {
        remedy::by_hand(
            "repair-controller",
            format!("Find out why the pods of {id} are not ready, and repair that"),
            vec![
                format!("kubectl describe deployment -n {namespace} {name}"),
                format!("kubectl logs -n {namespace} deployment/{name} --tail=50"),
            ],
        )
    };
    Finding {
        class: Class::ControllerGone,
        end: Node::Repair(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message,
        certainty: if case.world.controllers.reading.is_complete() && !open {
            Certainty::Proven
        } else {
            Certainty::Likely
        },
        evidence: vec![
            case.view.evidence(id, "spec.replicas", controller.desired.to_string()),
            case.view.evidence(id, "status.readyReplicas", controller.ready.to_string()),
        ],
        remedies: [gentlest].into_iter().chain(strip(case)).collect(),
    }
}

fn missing(case: &Case<'_>, waiter: &Waiter<'_>, expected: Expected) -> Finding {
    let Expected { deployment: object, release, known, mut evidence } = expected;
    let is_absent = matches!(case.view.look(&object), Lookup::Absent);
    if is_absent {
        evidence.insert(0, case.view.missing(&object));
    }
    let is_only = case.world.controllers.found.is_empty();
    let place = if is_only { "in this cluster".to_owned() } else { format!("for {}", waiter.set.namespace) };
    let mut message = format!("no ARC controller runs {place}, so {}", consequence(case));
    if known == Known::Guessed {
        message = format!("{message}; {object} is a guess: the manager RoleBinding would tell its name");
    } else if !is_absent {
        message = format!("{message}; the Deployments in {} would prove it", object.namespace);
    } else if !is_only {
        message = format!("{message}; another one may have been meant to, as its settings would prove");
    }
    let version = case.view.find(waiter.set).and_then(|set| Version::parse(set.label(marks::VERSION)?));
    let version = version.map(|version| format!(" --version {version}")).unwrap_or_default();
    let named = if known == Known::Guessed { "; both names are a guess" } else { "" };
    let reinstall = Remedy {
        id: "reinstall-controller",
        title: format!(
            "Install the controller again as release {release} in namespace {}{named}; {}",
            object.namespace,
            ending(case)
        ),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: vec![Action::Command(format!(
            "helm upgrade --install {} {}{version} -n {} --create-namespace",
            remedy::word(&release),
            arc::CONTROLLER_CHART,
            remedy::word(&object.namespace),
        ))],
        leaves: Vec::new(),
    };
    let is_proven = is_only && is_absent && known != Known::Guessed;
    Finding {
        class: Class::ControllerGone,
        message,
        end: Node::Object(object.clone()),
        object,
        members: Vec::new(),
        certainty: if is_proven { Certainty::Proven } else { Certainty::Likely },
        evidence,
        remedies: [reinstall].into_iter().chain(strip(case)).collect(),
    }
}
