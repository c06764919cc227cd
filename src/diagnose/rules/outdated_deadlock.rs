//! A runner set is Outdated, and its controller takes no set out of that phase.

use crate::arc;
use crate::arc::names;
use crate::arc::versions;
use crate::arc::versions::Version;
use crate::diagnose::action;
use crate::diagnose::action::Field;
use crate::diagnose::containers;
use crate::diagnose::controllers::build_evidence;
use crate::diagnose::need::Need;
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
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::OutdatedDeadlock,
    reads: &[arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::AUTOSCALING_LISTENER],
    page: Page {
        summary: "the runner set is Outdated and stays so",
        finds: "A live runner set is in the phase Outdated, without a listener and without an \
                EphemeralRunnerSet. Its counters may still show runners.",
        why_it_blocks: "From 0.14.0 a runner that ends with exit code 7 says that its version is no longer \
                        supported; the controller calls it, its EphemeralRunnerSet and its runner set Outdated. \
                        In 0.14.0 to 0.14.2 it then removes the listener, the runners and the scale set at \
                        GitHub, and does nothing more until the spec or the labels change. Helm and Argo CD call \
                        the set healthy meanwhile.",
        neighbours: "listener-missing: no listener either, but another phase. runner-exits-immediately: what \
                     comes before. version-mismatch: the set is deleted and not Outdated.",
        what_to_do: "Put a newer runner image into the template: any change of the spec brings the set back, and \
                     an old image would only bring it down again. If the image is right already, empty the phase \
                     with a patch of the status subresource.",
        cost: "None: the set gets a new scale set. Jobs that were queued for the old one may have to be run \
               again.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "controllers/actions.github.com/ephemeralrunner_controller.go",
            "apis/actions.github.com/v1alpha1/autoscalingrunnerset_types.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let outdated = case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::NewPhase));
    let ids: Vec<ObjectId> = outdated.map(|stuck| stuck.id.clone()).collect();
    for set in ids.iter().filter_map(|id| case.view.find(id)) {
        let finding = deadlock(case, set);
        let because = "only a change of its spec or of its status ends the phase Outdated";
        findings.wait(&set.id, &finding.end, because, Vec::new());
        findings.root(finding);
    }
}

fn deadlock(case: &Case<'_>, set: &Object) -> Finding {
    let mut evidence = vec![case.view.evidence(&set.id, "status.phase", "Outdated")];
    let owned = sets::owned(case.view, &arc::EPHEMERAL_RUNNER_SET, set);
    let listeners = sets::listeners(case.view, &set.id);
    let complete = case.view.list(&arc::EPHEMERAL_RUNNER_SET, Some(&set.id.namespace)).reading.is_complete()
        && case.view.list(&arc::AUTOSCALING_LISTENER, None).reading.is_complete();
    let taken_down = complete && owned.is_empty() && listeners.is_empty();
    if taken_down {
        let says = "none is left of this set";
        evidence.push(case.view.evidence(&set.id, "AutoscalingListener, EphemeralRunnerSet", says));
    }
    let controller = case.world.controllers.alive(&set.id.namespace);
    let build = controller.and_then(|controller| Version::parse(&controller.version));
    let known = build.is_some_and(versions::stays_outdated);
    if let Some(controller) = controller {
        evidence.extend(build_evidence(case.view, controller));
    }
    let mut message = format!("{} is Outdated, and nothing takes it out of that phase", set.id);
    let certainty = if known && taken_down { Certainty::Proven } else { Certainty::Likely };
    if certainty == Certainty::Likely {
        message.push_str(match (known, taken_down) {
            (false, _) => "; the controller's version would prove it: 0.14.0 to 0.14.2 behave so",
            (true, _) => "; that its listener and EphemeralRunnerSet are gone would prove it",
        });
    }
    Finding {
        class: Class::OutdatedDeadlock,
        object: set.id.clone(),
        end: Node::Repair(set.id.clone()),
        members: Vec::new(),
        message,
        certainty,
        evidence,
        remedies: vec![newer_image(set), empty_phase(set)],
    }
}

fn newer_image(set: &Object) -> Remedy {
    let runner = containers::of_spec(set, "/spec/template/spec", names::RUNNER_CONTAINER[0]);
    let image = runner.and_then(|runner| runner.get("image")?.as_str());
    let now = image.map(|image| format!(" in place of {image}")).unwrap_or_default();
    Remedy {
        id: "renew-runner-image",
        title: format!(
            "Put a newer runner image into the template of {}{now}, in the chart's values or where it is delivered \
             from; the change brings the set back",
            set.id
        ),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: Vec::new(),
        leaves: Vec::new(),
    }
}

fn empty_phase(set: &Object) -> Remedy {
    let phase = Field { path: "/status/phase", seen: Some("Outdated".into()), value: "".into() };
    Remedy {
        id: "empty-phase",
        title: format!("If the runner image is new enough by now, empty the phase of {}", set.id),
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions: vec![action::set(set, &[phase], "status")],
        leaves: Vec::new(),
    }
}
