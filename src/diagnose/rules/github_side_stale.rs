//! The cluster is in order, and GitHub wants more runners than it gives work.

use crate::arc;
use crate::arc::limits;
use crate::diagnose::action;
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
    class: Class::GithubSideStale,
    reads: &[
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
    ],
    page: Page {
        summary: "GitHub's own state is wrong, not the cluster's",
        finds: "All objects are healthy, runners are idle for long while jobs are queued, or the number of \
                wanted runners stays above the busy ones and the minimum for days.",
        why_it_blocks: "After an incident GitHub may have lost the registration of runners, or count jobs that \
                        no longer exist. The runners are up and listen, and nothing is sent to them; or the \
                        listener is told of jobs that never come. Nothing in the cluster proves it.",
        neighbours: "listener-frozen: the listener's log has stopped. ghost-runner: the runner's pod is gone or \
                     says in its log that its registration is not found. Jobs that are queued for the number of \
                     an older installation wait for ever as well: run them again.",
        what_to_do: "Delete the EphemeralRunners that are idle for long: new ones register anew. If the count of \
                     jobs is wrong, delete the runner set and install it again: that makes a new scale set.",
        cost: "None for idle runners. A runner that was busy after all loses its job, and jobs queued for the \
               old scale set have to be run again.",
        sources: &[
            "github.com/actions/actions-runner-controller/issues/4396",
            "github.com/actions/actions-runner-controller/issues/4397",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        if set.is_deleting() || case.world.stuck.contains_key(&set.id) {
            continue;
        }
        let Some(newest) = sets::runner_sets(case.view, set).into_iter().next() else { continue };
        if was_changed(case, set) {
            continue;
        }
        if let Some(unused) = unused(case, set, newest) {
            let end = Node::Repair(set.id.clone());
            let because = "GitHub counts jobs that its runners do not get";
            findings.wait(&set.id, &end, because, Vec::new());
            findings.root(finding(case, set, newest, &unused));
        }
    }
}

/// True if somebody wrote to the set a moment ago, or its listener is as new: what is wanted then follows.
fn was_changed(case: &Case<'_>, set: &Object) -> bool {
    let written = set.managers.iter().filter_map(|manager| manager.time);
    let made = sets::listeners(case.view, &set.id).into_iter().filter_map(|listener| listener.created);
    let newest = written.chain(made).max();
    newest.is_some_and(|at| case.view.now().duration_since(at) < limits::MINIMUM_APPLIED)
}

/// Runners that have been idle for long, in number above the minimum, while more are wanted than the minimum and
/// the busy ones. A set that is idle, or has had its jobs a moment ago, has none.
fn unused<'a>(case: &Case<'a>, set: &Object, newest: &'a Object) -> Option<Vec<&'a Object>> {
    let runners = sets::owned(case.view, &arc::EPHEMERAL_RUNNER, newest);
    let live = runners.into_iter().filter(|runner| !runner.is_deleting() && !sets::is_done(runner));
    let (busy, idle): (Vec<&Object>, Vec<&Object>) = live.partition(|runner| sets::job(runner).is_some());
    let old = |runner: &&Object| {
        runner.text("/status/phase") == Some("Running")
            && runner.created.is_some_and(|at| case.view.now().duration_since(at) > limits::RUNNER_UNUSED)
    };
    let unused: Vec<&Object> = idle.into_iter().filter(old).collect();
    let least = set.number("/spec/minRunners").unwrap_or(0);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let wanted = newest.number("/spec/replicas")?;
    let is_more = count(unused.len()) > least && wanted > least.saturating_add(count(busy.len()));
    is_more.then_some(unused)
}

fn finding(case: &Case<'_>, set: &Object, newest: &Object, unused: &[&Object]) -> Finding {
    let least = set.number("/spec/minRunners").unwrap_or(0);
    let wanted = newest.number("/spec/replicas").unwrap_or(0);
    let mut evidence = vec![
        case.view.evidence(&newest.id, "spec.replicas", wanted.to_string()),
        case.view.evidence(&set.id, "spec.minRunners", least.to_string()),
    ];
    evidence.extend(unused.iter().take(3).map(|runner| {
        case.view.evidence(&runner.id, "status.phase", "Running, for more than an hour without a job")
    }));
    Finding {
        class: Class::GithubSideStale,
        object: set.id.clone(),
        end: Node::Repair(set.id.clone()),
        members: unused.iter().map(|runner| runner.id.clone()).collect(),
        message: format!(
            "{} has {} runners that have waited for more than an hour, although only {least} are kept ready: GitHub \
             counts jobs that it gives to none of them; its listener's log says how many jobs are assigned, and whether they exist GitHub alone would prove",
            set.id,
            unused.len()
        ),
        certainty: Certainty::Likely,
        evidence,
        remedies: vec![
            Remedy {
                id: "delete-idle-runners",
                title: format!("Delete the {} runners that wait; new ones register anew", unused.len()),
                loss: Loss::None,
                applicability: Applicability::Automatic,
                actions: unused.iter().map(|runner| action::delete(&runner.id)).collect(),
                leaves: Vec::new(),
            },
            Remedy {
                id: "recreate-runner-set",
                title: format!(
                    "If the count stays wrong, delete {} and install it again: it gets a new scale set, and jobs \
                     queued for the old one have to be run again",
                    set.id
                ),
                loss: Loss::Reversible,
                // What makes it anew is not in the cluster: the values of its chart.
                applicability: Applicability::NeedsValue,
                actions: vec![action::delete(&set.id)],
                leaves: Vec::new(),
            },
        ],
    }
}
