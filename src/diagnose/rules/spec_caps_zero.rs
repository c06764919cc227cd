//! The spec of a live runner set lets no runner start.

use crate::arc;
use crate::diagnose::action;
use crate::diagnose::action::Action;
use crate::diagnose::action::Field;
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

pub const RULE: Rule = Rule {
    class: Class::SpecCapsZero,
    reads: &[arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER],
    page: Page {
        summary: "the live spec caps the set at zero",
        finds: "The live runner set has spec.maxRunners 0.",
        why_it_blocks: "Such a set is healthy and never starts a runner. A value that somebody patched in by hand \
                        stays through chart upgrades if the values of the chart say nothing about the field.",
        neighbours: "failed-runner-slots: the maximum is above zero, but taken up by Failed runners. \
                     listener-missing: there is no listener, for instance because a minimum above the maximum \
                     makes its configuration invalid.",
        what_to_do: "Set spec.maxRunners in the values of the chart or in the delivery tool, and on the live \
                     object if that does not bring it there.",
        cost: "None.",
        sources: &[
            "apis/actions.github.com/v1alpha1/autoscalingrunnerset_types.go",
            "cmd/ghalistener/config/config.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        if set.is_deleting() || set.number("/spec/maxRunners") != Some(0) || is_draining(case, set) {
            continue;
        }
        let end = Node::Repair(set.id.clone());
        let evidence = vec![case.view.evidence(&set.id, "spec.maxRunners", "0")];
        findings.wait(&set.id, &end, "its maximum is 0 runners", evidence.clone());
        let maximum = Field { path: "/spec/maxRunners", seen: Some(0.into()), value: "<MAXIMUM>".into() };
        findings.root(Finding {
            class: Class::SpecCapsZero,
            object: set.id.clone(),
            end,
            members: Vec::new(),
            message: format!("{} may have 0 runners at most, so none is ever made", set.id),
            certainty: Certainty::Proven,
            evidence,
            remedies: vec![Remedy {
                id: "raise-maximum",
                title: format!(
                    "Set maxRunners of {} in the chart's values or where it is delivered from, and on the object if \
                     that does not bring it there",
                    set.id
                ),
                loss: Loss::None,
                applicability: Applicability::NeedsValue,
                actions: vec![Action::Command(
                    action::set(set, &[maximum], "").command().replace("\"<MAXIMUM>\"", "<MAXIMUM>"),
                )],
                leaves: Vec::new(),
            }],
        });
    }
}

/// Somebody lets the set run empty: as long as a runner is at work, that is the purpose.
fn is_draining(case: &Case<'_>, set: &Object) -> bool {
    let owned = sets::owned(case.view, &arc::EPHEMERAL_RUNNER_SET, set);
    let mut runners = owned.iter().flat_map(|owned| sets::owned(case.view, &arc::EPHEMERAL_RUNNER, owned));
    runners.any(|runner| sets::job(runner).is_some() && !sets::is_done(runner))
}
