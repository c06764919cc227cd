//! Invariant 2 on more clusters than the examples: what could not be read is no comfort.

use super::deletion_side;
use super::github_side;
use super::odd_side;
use super::odd_side::Asked;
use super::runners_and_pods;
use super::running_side;
use super::*;

fn asked() -> Vec<(&'static str, Asked)> {
    let tools = |snapshot: Snapshot| (snapshot, set("arc-tools", "tools"));
    vec![
        ("foreground-waits", deletion_side::foreground(true)),
        ("node-lost", deletion_side::lost_node()),
        ("apiservice-unavailable", deletion_side::dead_api("False")),
        ("job-still-running", deletion_side::busy(false)),
        ("github-refuses", deletion_side::refused()),
        ("a scale set that is not listed", github_side::unlisted()),
        ("a certificate", deletion_side::no_certificate()),
        ("ghost-runner", odd_side::ghost()),
        ("crd-skew", odd_side::skew(&serde_json::json!(true))),
        ("a CRD that is gone", odd_side::crd_gone()),
        ("admission-refuses", odd_side::guarded(odd_side::NOT_READY)),
        ("legacy-finalizer", odd_side::held()),
        ("legacy-webhook-dead", odd_side::dead_webhook(odd_side::NOT_READY)),
        ("a legacy job", odd_side::legacy_job()),
        ("release-unfinished", odd_side::release("pending-upgrade")),
        ("outdated-deadlock", tools(running_side::outdated("0.14.2"))),
        ("spec-caps-zero", tools(running_side::capped(0))),
        ("listener-dangling-ers", tools(running_side::dangling("tools-9q2fx"))),
        ("stale-scale-set-id", tools(running_side::crashing(Some("RunnerScaleSetNotFoundException")))),
        ("listener-frozen", tools(running_side::silent_for(45))),
        ("listener-missing", tools(running_side::listenerless("eventual", false))),
        ("failed-runner-slots", tools(runners_and_pods::failed("TooManyPodFailures", "", 2))),
        ("pod-create-denied", tools(runners_and_pods::failed("InvalidPod", runners_and_pods::QUOTA, 2))),
        ("pod-cannot-start", tools(runners_and_pods::unscheduled_for(20))),
        ("runner-exits-immediately", tools(runners_and_pods::ending(3, 0, 2, false))),
        ("github-side-stale", tools(github_side::unused(3))),
    ]
}

/// What is left open without a word, and why: nobody looks for legacy mode where its CRD was not seen; what Helm has on
/// record bears on the next upgrade and on nothing that runs; and a right to read logs is asked of nobody.
const BESIDE: [(&str, &str); 4] = [
    ("legacy-finalizer", "Runner"),
    ("legacy-webhook-dead", "Runner"),
    ("release-unfinished", "Secret"),
    ("listener-frozen", "PodLog"),
];

/// Legacy mode that was looked for and may not be seen.
#[test]
fn forbidden_legacy_objects_are_a_gap() {
    let (mut snapshot, ask) = odd_side::held();
    let row = arc::kind_row(&arc::LEGACY_RUNNER).expect("a row");
    snapshot.coverage.entries.push(model::Covered {
        api_version: row.api_version(),
        kind: arc::LEGACY_RUNNER,
        namespace: Some("runners".to_owned()),
        name: None,
        selector: None,
        reading: Reading::Read,
    });
    deletion_side::is_hidden(
        &deletion_side::blind(&(snapshot, ask), &arc::LEGACY_RUNNER),
        Class::LegacyFinalizer,
    );
}

#[test]
fn whoever_may_not_see_a_kind_is_not_told_that_all_is_well() {
    let mut kinds: Vec<GroupKind> = world::READS.to_vec();
    kinds.extend(RULES.iter().flat_map(|rule| rule.reads.iter().cloned()));
    kinds.sort();
    kinds.dedup();
    let mut wrong = Vec::new();
    for (name, asked) in asked() {
        let full = deletion_side::answer(&asked);
        assert_eq!(full.summary.verdict, Verdict::Blocked, "{name}");
        for kind in &kinds {
            let blind = deletion_side::blind(&asked, kind);
            if blind.summary.verdict < Verdict::Unknown && !BESIDE.contains(&(name, kind.kind.as_ref())) {
                wrong.push(format!("{name} without {kind}: {:?}", blind.summary.verdict));
            }
            let known = |root: &Root| {
                full.roots.iter().any(|seen| (seen.class, &seen.object.id) == (root.class, &root.object.id))
            };
            let made_up =
                |root: &&Root| !known(root) && root.certainty == Certainty::Proven && blind.gaps.is_empty();
            for root in blind.roots.iter().filter(made_up) {
                wrong.push(format!("{name} without {kind}: made up {:?} {}", root.class, root.object.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
