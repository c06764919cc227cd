//! An extra or old listener is left that the controller does not find any more.

use crate::arc;
use crate::arc::names;
use crate::arc::versions::Version;
use crate::diagnose::access;
use crate::diagnose::access::Decision;
use crate::diagnose::action;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::deletion::question;
use crate::diagnose::need::Need;
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
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;

pub const RULE: Rule = Rule {
    class: Class::ListenerOrphaned,
    reads: &[
        arc::AUTOSCALING_LISTENER,
        arc::AUTOSCALING_RUNNER_SET,
        arc::ACCESS_REVIEW,
        arc::ROLE,
        arc::ROLE_BINDING,
        arc::CLUSTER_ROLE,
        arc::CLUSTER_ROLE_BINDING,
    ],
    page: Page {
        summary: "an extra or old listener is left",
        finds: "A listener whose runner set does not exist, that lies in a namespace where no running controller \
                looks for it, or whose name is not the one that the controller computes while another listener of \
                the same set has it.",
        why_it_blocks: "A runner set finds its listener by a computed name in the controller's namespace, and by \
                        nothing else. When the controller moves, or the name changes with the version, the runner \
                        group or the URL, the old listener is never deleted: it holds the message session of the \
                        scale set, or its namespace.",
        neighbours: "session-conflict: what an extra listener causes. rbac-missing: the listener is where it should \
                     be, and the controller may not clean up after it.",
        what_to_do: "Delete the old listener. If it lies in a namespace where no controller has rights, take its \
                     finalizer off as well and delete the Role and RoleBinding of its name in the runner namespace.",
        cost: "None: the listener that is in use is another one, or the runner set is gone.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "controllers/actions.github.com/autoscalinglistener_controller.go",
            "controllers/actions.github.com/resourcebuilder.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for listener in case.view.list(&arc::AUTOSCALING_LISTENER, None).objects {
        let Some(set) = sets::set_of(listener) else { continue };
        let stuck = case.world.stuck.get(&listener.id);
        let reason = if listener.is_deleting() {
            if !stuck.is_some_and(|stuck| stuck.needs.contains(&Need::Found)) {
                continue;
            }
            case.world.controllers.alive(&set.namespace).and_then(|home| elsewhere(case, home, listener))
        } else {
            live(case, findings, listener, &set)
        };
        let Some(reason) = reason else { continue };
        let others = sets::listeners(case.view, &set).len() > 1;
        findings.root(finding(case, listener, &set, reason, others));
        let lives = case.view.find(&set).is_some_and(|set| !set.is_deleting());
        if lives && others && !listener.is_deleting() {
            findings.wait(
                &set,
                &Node::Object(listener.id.clone()),
                "two listeners want the message session of one scale set",
                Vec::new(),
            );
        }
    }
}

/// Why a listener is an orphan.
struct Reason {
    text: String,
    certainty: Certainty,
    evidence: Vec<Evidence>,
}

/// The controller looks for its listeners in its own namespace. In another one it can still finish a deletion, if
/// somebody gave it the rights there.
fn elsewhere(case: &Case<'_>, home: &Controller, listener: &Object) -> Option<Reason> {
    let place = &listener.id.namespace;
    let asked = Question { user: home.user(), ..question("delete", "", "pods", place, "") };
    let certainty = match access::decide(case.view, &asked) {
        Decision::Allowed(_) if listener.is_deleting() => return None,
        Decision::Unread { .. } if listener.is_deleting() => Certainty::Likely,
        Decision::Allowed(_) | Decision::Denied(_) | Decision::Unread { .. } => Certainty::Proven,
    };
    let text = match certainty {
        Certainty::Proven => format!("the controller looks for it in namespace {} alone", home.id.namespace),
        Certainty::Likely => format!(
            "the controller looks for it in namespace {} alone; that it has no rights in {place} could not be seen",
            home.id.namespace
        ),
    };
    Some(Reason { text, certainty, evidence: vec![alive_evidence(case.view, home)] })
}

/// Why a live listener is an orphan, if it is one.
fn live(case: &Case<'_>, findings: &mut Findings, listener: &Object, set: &ObjectId) -> Option<Reason> {
    let object = match case.view.look(set) {
        Lookup::Found(object) => object,
        Lookup::Absent => {
            return Some(Reason {
                text: format!("its runner set {}/{} does not exist", set.namespace, set.name),
                certainty: Certainty::Proven,
                evidence: vec![case.view.missing(set)],
            });
        }
        Lookup::Unread(reading) => {
            findings.gap(&listener.id, &set.kind, &set.namespace, &reading, &[Class::ListenerOrphaned]);
            return None;
        }
    };
    let controllers = &case.world.controllers;
    let Some(home) = controllers.alive(&set.namespace) else {
        if !controllers.reading.is_complete() {
            let hides = [Class::ListenerOrphaned];
            findings.gap(&listener.id, &arc::DEPLOYMENT, "", &controllers.reading, &hides);
        }
        return None;
    };
    let beside = controllers
        .responsible(&set.namespace)
        .into_iter()
        .find(|controller| controller.is_alive() && controller.id.namespace == listener.id.namespace);
    let Some(beside) = beside else { return elsewhere(case, home, listener) };
    // Without a version the formula of the name is not known.
    let version = Version::parse(&beside.version)?;
    let wanted = names::listener(
        &set.name,
        &set.namespace,
        object.text("/spec/runnerGroup").unwrap_or_default(),
        object.text("/spec/githubConfigUrl").unwrap_or_default(),
        Some(version),
    );
    let right = ObjectId::new(&arc::AUTOSCALING_LISTENER, &beside.id.namespace, &wanted);
    if wanted == listener.id.name || case.view.find(&right).is_none() {
        return None;
    }
    Some(Reason {
        text: format!("the controller looks for {wanted}, which exists as well"),
        certainty: Certainty::Proven,
        evidence: vec![case.view.evidence(&right, "metadata.name", "the name that the controller computes")],
    })
}

fn finding(case: &Case<'_>, listener: &Object, set: &ObjectId, reason: Reason, others: bool) -> Finding {
    let Reason { text, certainty, mut evidence } = reason;
    let id = &listener.id;
    evidence.insert(
        0,
        case.view.evidence(id, "spec.autoscalingRunnerSetName", format!("{}/{}", set.namespace, set.name)),
    );
    let responsible = case.world.controllers.responsible(&set.namespace);
    let beside = responsible
        .into_iter()
        .any(|controller| controller.is_alive() && controller.id.namespace == id.namespace);
    let remedy = if beside && !listener.is_deleting() {
        Remedy {
            id: "delete-listener",
            title: format!("Delete {id}; the controller beside it cleans up"),
            loss: Loss::None,
            applicability: Applicability::Automatic,
            actions: vec![action::delete(id)],
            leaves: Vec::new(),
        }
    } else {
        // The only listener of a live set still hands out its jobs.
        let last = !others && case.view.find(set).is_some_and(|set| !set.is_deleting());
        let title = if last {
            format!("When the controller has made a new listener, let {id} go: nobody will clean up after it")
        } else if certainty == Certainty::Likely {
            format!("Once you have seen that the controller has no rights there, let {id} go")
        } else {
            format!("Let {id} go: no controller will clean up after it")
        };
        Remedy {
            id: "drop-listener-finalizer",
            title,
            loss: if last { Loss::Reversible } else { Loss::None },
            applicability: Applicability::Automatic,
            actions: remedy::let_listener_go(case.view, listener),
            leaves: Vec::new(),
        }
    };
    Finding {
        class: Class::ListenerOrphaned,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!("{id} is a left-over: {text}"),
        certainty,
        evidence,
        remedies: vec![remedy],
    }
}
