//! Ghosts, CRDs, admission, legacy mode and releases: each rule where it speaks, one fact away, and unread.

use super::deletion_side::answer;
use super::deletion_side::blind;
use super::deletion_side::is_hidden;
use super::deletion_side::root;
use super::deletion_side::says;
use super::deletion_side::with;
use super::rights::drop_kind;
use super::rights::edit;
use super::rights::live;
use super::*;
use crate::arc::finalizers;
use crate::arc::marks;
use jiff::SignedDuration;
use serde_json::json;

pub type Asked = (Snapshot, Ask);

fn tools() -> Ask {
    set("arc-tools", "tools")
}

fn first(object: &Object, kind: &GroupKind) -> bool {
    object.id.kind == *kind && object.id.name == "tools-runner-h58bd"
}

/// Clusters on which these rules look at all that they declare.
pub fn variants() -> Vec<Snapshot> {
    let guard = SERVICE.replace("READY", "false");
    let answers = SERVICE.replace("READY", "true");
    [
        ghost(),
        skew(&json!(true)),
        crd_gone(),
        guarded(&guard),
        held(),
        legacy_alive(),
        dead_webhook(&guard),
        dead_webhook(&answers),
        legacy_job(),
        release("pending-upgrade"),
    ]
    .into_iter()
    .map(|(snapshot, _)| snapshot)
    .collect()
}

pub fn ghost() -> Asked {
    (drop_kind(&live(), &arc::POD, |object| first(object, &arc::POD)), tools())
}

/// Its pod runs, and its runner says that GitHub does not know it.
pub fn unregistered(line: &str) -> Asked {
    let log = format!(
        "apiVersion: kubectl-arc/v1alpha1\nkind: PodLog\nmetadata: {{name: tools-runner-h58bd, namespace: arc-tools}}\n\
         container: runner\nlines: [\"{line}\"]\n"
    );
    (with(&live(), &log), tools())
}

#[test]
fn ghost_runner_speaks_of_a_runner_without_a_useful_pod() {
    let found = root(&ghost());
    assert_eq!((found.class, found.certainty), (Class::GhostRunner, Certainty::Likely));
    assert_eq!(found.object.id.name, "tools-runner-h58bd");
    assert_eq!(answer(&(live(), tools())).summary.verdict, Verdict::Clear);
    let lost = unregistered("Registration 4f2a was not found.");
    assert_eq!(root(&lost).class, Class::GhostRunner);
    assert_eq!(answer(&unregistered("Listening for Jobs")).summary.verdict, Verdict::Clear);
    let blind = blind(&ghost(), &arc::POD);
    assert_eq!(classes(&blind), []);
    is_hidden(&blind, Class::GhostRunner);
}

/// A list of the runners' pods alone tells that one of them is gone, and is no look at other pods.
#[test]
fn a_list_of_the_runners_pods_is_enough_for_ghost_runner() {
    let narrow = |snapshot: &Snapshot| {
        let mut snapshot = snapshot.clone();
        snapshot.coverage.complete = false;
        for entry in snapshot.coverage.entries.iter_mut().filter(|entry| entry.kind == arc::POD) {
            entry.selector = Some(marks::RUNNER_POD_SELECTOR.to_owned());
        }
        snapshot
    };
    let (snapshot, ask) = ghost();
    assert_eq!(root(&(narrow(&snapshot), ask)).class, Class::GhostRunner);
    assert_eq!(narrow(&snapshot).list(&arc::POD, Some("arc-tools")).reading, Reading::Unread);
}

#[test]
fn a_pod_that_ended_a_moment_ago_makes_no_ghost() {
    let ended = |minutes: i64| {
        let at = live().captured_at - SignedDuration::from_mins(minutes);
        let snapshot = edit(&live(), |object| {
            if first(object, &arc::POD) {
                let state = json!({"terminated": {"exitCode": 137, "finishedAt": at.to_string()}});
                object.body["status"] = json!({"phase": "Failed", "reason": "Evicted",
                    "containerStatuses": [{"name": "runner", "state": state}]});
            }
        });
        classes(&answer(&(snapshot, tools())))
    };
    assert!(!ended(1).contains(&Class::GhostRunner));
    assert!(ended(30).contains(&Class::GhostRunner));
}

/// An EphemeralRunner of 0.11 under a newer controller, and a set that waits for it.
pub fn skew(value: &serde_json::Value) -> Asked {
    let snapshot = edit(&live(), |object| {
        if first(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["failures"] = json!({"5d2c": value});
        }
    });
    (drop_kind(&snapshot, &arc::AUTOSCALING_LISTENER, |object| object.id.name.starts_with("tools-")), tools())
}

pub fn crd_gone() -> Asked {
    let (snapshot, ask) = skew(&json!("2026-11-21T06:00:00Z"));
    (drop_kind(&snapshot, &arc::CRD, |crd| crd.id.name.starts_with("ephemeralrunners.")), ask)
}

#[test]
fn crd_skew_speaks_of_what_the_controller_cannot_decode_or_does_not_find() {
    let found = root(&skew(&json!(true)));
    assert_eq!((found.class, found.object.id.name.as_str()), (Class::CrdSkew, "tools-runner-h58bd"));
    assert!(found.remedies[0].commands()[0].contains(" --subresource=status "), "{:?}", found.remedies[0]);
    let times = answer(&skew(&json!("2026-11-21T06:00:00Z")));
    assert!(!classes(&times).contains(&Class::CrdSkew), "{:?}", classes(&times));
    let gone = root(&crd_gone());
    assert_eq!((gone.class, gone.object.state), (Class::CrdSkew, State::Missing));
    assert!(!classes(&blind(&skew(&json!(true)), &arc::EPHEMERAL_RUNNER)).contains(&Class::CrdSkew));
}

const WEBHOOK: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard, uid: w1}
webhooks:
- name: guard.example.com
  failurePolicy: Fail
  namespaceSelector: {}
  clientConfig: {caBundle: LS0t, service: {namespace: guard, name: guard}}
  rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: [UPDATE], scope: '*'}]
";
/// A webhook's Service without a ready endpoint.
pub const NOT_READY: &str = "
apiVersion: v1
kind: Service
metadata: {name: guard, namespace: guard}
";
const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: guard, namespace: guard}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: guard-x, namespace: guard, labels: {kubernetes.io/service-name: guard}}
endpoints: [{addresses: [10.0.0.1], conditions: {ready: READY}}]
";

fn deleting() -> Snapshot {
    let since = live().captured_at - SignedDuration::from_mins(10);
    edit(&live(), |object| {
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools" {
            object.deletion_timestamp = Some(since);
        }
    })
}

pub fn guarded(service: &str) -> Asked {
    (with(&with(&deleting(), WEBHOOK), service), tools())
}

#[test]
fn admission_refuses_speaks_of_a_webhook_that_cannot_answer() {
    let class = |service: &str| {
        let diagnosis = answer(&guarded(service));
        diagnosis.roots.iter().find(|root| root.class == Class::AdmissionRefuses).cloned()
    };
    let other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: guard}}";
    let found = class(other).expect("the Service is not there");
    assert_eq!(found.object.id.name, "guard");
    assert!(class(&SERVICE.replace("READY", "false")).is_some(), "no endpoint is ready");
    assert!(class(&SERVICE.replace("READY", "true")).is_none());
    // What is behind it has just gone, and comes back.
    let restarts = |minutes: i64| {
        let at = live().captured_at - SignedDuration::from_mins(minutes);
        let annotation =
            format!("annotations: {{endpoints.kubernetes.io/last-change-trigger-time: '{at}'}}, labels:");
        SERVICE.replace("READY", "false").replace("labels:", &annotation)
    };
    assert!(class(&restarts(1)).is_none());
    assert!(class(&restarts(9)).is_some());
    let unread = blind(&guarded(&SERVICE.replace("READY", "false")), &arc::SERVICE);
    assert!(!classes(&unread).contains(&Class::AdmissionRefuses));
}

/// The controller was refused while a webhook could not be called; that may be over.
#[test]
fn a_webhook_that_is_ready_again_is_blamed_for_what_it_refused_with_a_doubt() {
    let line = "ERROR\tx\tx\t{\"autoscalingrunnerset\": {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \
                \"error\": \"failed calling webhook \\\"guard.example.com\\\": failed to call webhook\"}";
    let certainty = |ready: &str| {
        let (snapshot, ask) = guarded(&SERVICE.replace("READY", ready));
        let roots = diagnose(&says(&snapshot, line), &[ask]).roots;
        roots.iter().find(|root| root.class == Class::AdmissionRefuses).map(|root| root.certainty)
    };
    assert_eq!(certainty("false"), Some(Certainty::Proven));
    assert_eq!(certainty("true"), Some(Certainty::Likely));
}

/// A webhook that answers is not to be deleted.
#[test]
fn a_webhook_that_says_no_is_left_in_place() {
    let line = "ERROR\tx\tx\t{\"autoscalingrunnerset\": {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \
                \"error\": \"admission webhook \\\"guard.example.com\\\" denied the request: no\"}";
    let (snapshot, ask) = guarded(&SERVICE.replace("READY", "true"));
    let roots = diagnose(&says(&snapshot, line), &[ask]).roots;
    let found: Vec<_> = roots.iter().filter(|root| root.class == Class::AdmissionRefuses).collect();
    let commands: Vec<String> =
        found.iter().flat_map(|root| &root.remedies).flat_map(Remedy::commands).collect();
    assert!(found.len() == 1 && commands.iter().all(|command| !command.contains("delete")), "{found:?}");
}

const LEGACY: &str = "
apiVersion: actions.summerwind.dev/v1alpha1
kind: Runner
metadata:
  {name: ci-1, namespace: runners, uid: r1, creationTimestamp: '2026-11-21T06:00:00Z', DELETION
   finalizers: [runner.actions.summerwind.dev]}
spec: {organization: acme}
---
{apiVersion: v1, kind: Namespace, metadata: {name: runners}}
---
apiVersion: v1
kind: Pod
metadata: {name: ci-1, namespace: runners, uid: p1, creationTimestamp: '2026-11-21T06:00:00Z'}
spec: {containers: [{name: runner}]}
status: {phase: Running}
";

fn legacy(deleted: bool) -> Snapshot {
    let deletion = if deleted { "deletionTimestamp: '2026-11-21T07:00:00Z'," } else { "" };
    with(&live(), &LEGACY.replace("DELETION", deletion))
}

pub fn held() -> Asked {
    (legacy(true), namespace("runners"))
}

/// The legacy controller runs, and the Runner stays all the same.
pub fn legacy_alive() -> Asked {
    let mut alive = live().objects().find(|object| object.id.kind == arc::DEPLOYMENT).cloned().expect("one");
    alive.id = ObjectId::new(&arc::DEPLOYMENT, "legacy", "legacy");
    alive.labels.clear();
    let image = "summerwind/actions-runner-controller:v0.27.6";
    alive.body["spec"]["template"]["spec"]["containers"] = json!([{"name": "manager", "image": image}]);
    let mut snapshot = legacy(true);
    snapshot.insert(alive);
    (snapshot, namespace("runners"))
}

#[test]
fn legacy_finalizer_speaks_of_a_runner_that_nobody_lets_go() {
    let found = root(&held());
    assert_eq!((found.class, found.certainty), (Class::LegacyFinalizer, Certainty::Proven));
    assert_eq!(found.remedies.last().map(|remedy| remedy.loss), Some(Loss::Job), "its Pod runs");
    let runs = |object: &Object| object.id.kind == arc::POD && object.id.name == "ci-1";
    let gone = changed(&held().0, |object| (!runs(object)).then(|| object.clone()));
    let found = root(&(gone, namespace("runners")));
    assert_eq!(found.remedies.last().map(|remedy| remedy.loss), Some(Loss::Registration));
    assert_eq!(classes(&answer(&(legacy(false), namespace("runners")))), []);
    is_hidden(&blind(&held(), &arc::DEPLOYMENT), Class::LegacyFinalizer);
    let likely = root(&legacy_alive());
    assert_eq!((likely.class, likely.certainty), (Class::LegacyFinalizer, Certainty::Likely));
}

/// An old CRD of legacy mode makes the API server refuse what the controller writes; it said so so many hours ago.
#[test]
fn what_a_legacy_crd_demanded_yesterday_proves_nothing() {
    let said = |hours: i64| {
        let (mut snapshot, ask) = legacy_alive();
        let at = snapshot.captured_at - SignedDuration::from_hours(hours);
        let error = "RunnerReplicaSet.actions.summerwind.dev \\\"ci\\\" is invalid: status.availableReplicas: Required value";
        let log = format!(
            "apiVersion: kubectl-arc/v1alpha1\nkind: PodLog\nmetadata: {{name: legacy-1, namespace: legacy}}\n\
             container: manager\nlines: ['{at}\tERROR\tx\t{{\"error\": \"{error}\"}}']\n"
        );
        snapshot = with(&snapshot, &log);
        classes(&answer(&(snapshot, ask)))
    };
    assert!(said(0).contains(&Class::CrdSkew), "{:?}", said(0));
    assert!(!said(30).contains(&Class::CrdSkew));
}

pub fn dead_webhook(service: &str) -> Asked {
    let webhook = WEBHOOK.replace("guard.example.com", "validate.runner.actions.summerwind.dev");
    (with(&with(&legacy(true), &webhook), service), namespace("runners"))
}

#[test]
fn legacy_webhook_dead_comes_before_the_finalizer() {
    let other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: guard}}";
    let found = root(&dead_webhook(other));
    assert_eq!((found.class, found.object.id.name.as_str()), (Class::LegacyWebhookDead, "guard"));
    let fine = root(&dead_webhook(&SERVICE.replace("READY", "true")));
    assert_eq!(fine.class, Class::LegacyFinalizer);
}

/// GitHub believes that the legacy runner is busy, and its containers have ended.
pub fn legacy_job() -> Asked {
    let snapshot = edit(&legacy(true), |object| {
        if object.id.kind == arc::POD && object.id.name == "ci-1" {
            object.deletion_timestamp = live().captured_at.checked_sub(SignedDuration::from_hours(1)).ok();
            object.finalizers = vec![finalizers::LEGACY_POD.to_owned()];
            let key = crate::arc::marks::LEGACY_COMPLETION_WAIT;
            object.annotations.insert(key.to_owned(), "2026-11-21T07:00:00Z".to_owned());
            let ended = json!({"name": "runner", "state": {"terminated": {"exitCode": 137}}});
            object.body["status"] = json!({"phase": "Failed", "containerStatuses": [ended]});
        }
    });
    (snapshot, namespace("runners"))
}

#[test]
fn a_legacy_pod_that_waits_for_its_job_is_the_root_and_not_its_runner() {
    let found = root(&legacy_job());
    assert_eq!((found.class, found.object.id.kind.clone()), (Class::JobStillRunning, arc::POD));
}

pub fn release(status: &str) -> Asked {
    let snapshot = edit(&live(), |object| {
        if object.id.name.starts_with("sh.helm.release.v1.tools") {
            object.labels.insert("status".to_owned(), status.to_owned());
            object.labels.remove("modifiedAt");
        }
    });
    (snapshot, tools())
}

#[test]
fn release_unfinished_speaks_of_a_release_that_helm_left_between_two_states() {
    let found = root(&release("pending-upgrade"));
    assert_eq!((found.class, found.certainty), (Class::ReleaseUnfinished, Certainty::Likely));
    assert_eq!(found.object.id.name, "sh.helm.release.v1.tools.v1");
    assert_eq!(answer(&release("deployed")).summary.verdict, Verdict::Clear);
    let unread = blind(&(release("pending-upgrade").0, namespace("arc-tools")), &arc::SECRET);
    assert_eq!(unread.summary.verdict, Verdict::Unknown);
}

/// The controller's release is ARC's matter, too, and its runner sets are well.
#[test]
fn the_release_of_a_controller_is_told_about_where_all_is_asked_about() {
    let cut_short = edit(&live(), |object| {
        if object.id.name.starts_with("sh.helm.release.v1.arc.") {
            object.labels.insert("status".to_owned(), "pending-upgrade".to_owned());
            object.labels.remove("modifiedAt");
        }
    });
    let found = root(&(cut_short.clone(), everything()));
    assert_eq!((found.class, &*found.object.id.namespace), (Class::ReleaseUnfinished, "arc-systems"));
    assert_eq!(answer(&(cut_short, tools())).summary.verdict, Verdict::Clear);
}
