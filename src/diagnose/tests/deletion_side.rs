//! What holds up a deletion beside ARC's own order: each rule where it speaks, one fact away, and unread.

use super::rights::drop_kind;
use super::rights::edit;
use super::rights::live;
use super::*;
use crate::arc::finalizers;
use crate::model::Covered;
use crate::model::PodLog;
use crate::model::Request;
use crate::model::What;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;

/// A cluster and a question about it.
pub type Asked = (Snapshot, Ask);

/// A snapshot with more objects and logs in it, written as a person would.
pub fn with(snapshot: &Snapshot, text: &str) -> Snapshot {
    let header =
        "{apiVersion: kubectl-arc/v1alpha1, kind: Snapshot, capturedAt: '2026-11-21T09:00:00Z'}\n---\n";
    let text = format!("{header}{text}");
    let more = crate::source::file::read(&["-".to_owned()], false, &mut text.as_bytes());
    let more = more.expect("the objects can be read");
    let mut snapshot = snapshot.clone();
    for object in more.objects() {
        snapshot.insert(object.clone());
    }
    snapshot.logs.extend(more.logs.clone());
    snapshot
}

/// What somebody answers who may not look at a kind.
pub fn blind(asked: &Asked, kind: &GroupKind) -> Diagnosis {
    let mut snapshot = without(&asked.0, kind);
    snapshot.coverage.complete = false;
    diagnose(&snapshot, std::slice::from_ref(&asked.1))
}

pub fn answer(asked: &Asked) -> Diagnosis {
    diagnose(&asked.0, std::slice::from_ref(&asked.1))
}

/// The only root of an answer, with what every root has.
pub fn root(asked: &Asked) -> Root {
    let diagnosis = answer(asked);
    let [root] = diagnosis.roots.as_slice() else {
        let roots: Vec<String> =
            diagnosis.roots.iter().map(|root| format!("{}: {}", root.class.id(), root.message)).collect();
        panic!("{roots:#?} {:#?} {:#?}", diagnosis.targets, diagnosis.gaps);
    };
    assert!(!root.evidence.is_empty() && !root.remedies.is_empty(), "{}", root.message);
    let losses: Vec<Loss> = root.remedies.iter().map(|remedy| remedy.loss).collect();
    assert!(losses.is_sorted(), "gentlest first: {losses:?}");
    root.clone()
}

/// It cannot be said, and the gap that says why names the class.
pub fn is_hidden(diagnosis: &Diagnosis, class: Class) {
    assert_eq!(diagnosis.summary.verdict, Verdict::Unknown, "{:?}", classes(diagnosis));
    assert!(diagnosis.gaps.iter().any(|gap| gap.hides.contains(&class)), "{:#?}", diagnosis.gaps);
}

/// Clusters on which these rules look at all that they declare.
pub fn variants() -> Vec<Snapshot> {
    [
        lost_node(),
        dead_api("False"),
        busy(false),
        refused(),
        refused_runners(),
        no_certificate(),
        foreground_alone(),
    ]
    .into_iter()
    .map(|(snapshot, _)| snapshot)
    .collect()
}

pub fn hours_ago(hours: i64) -> Timestamp {
    live().captured_at - SignedDuration::from_hours(hours)
}

fn is_tools(object: &Object, kind: &GroupKind) -> bool {
    object.id.kind == *kind && (object.id.name == "tools" || object.id.name.starts_with("tools-"))
}

pub fn is_runner(object: &Object, kind: &GroupKind) -> bool {
    object.id.kind == *kind && object.id.name == "tools-runner-h58bd"
}

/// A line of the controller, a minute ago, and nothing else in its log.
pub fn says(snapshot: &Snapshot, line: &str) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let at = snapshot.captured_at - SignedDuration::from_mins(1);
    let log = snapshot.logs.first_mut().expect("the controller has a log");
    *log = PodLog { lines: vec![format!("{at}\t{line}")], ..log.clone() };
    snapshot
}

pub fn lost_node() -> Asked {
    let snapshot = edit(&live(), |object| {
        if is_runner(object, &arc::POD) {
            object.deletion_timestamp = Some(hours_ago(1));
            object.body["spec"]["nodeName"] = "node-2".into();
        }
        if object.id.kind == arc::NODE && object.id.name == "node-2" {
            let ready = json!({"type": "Ready", "status": "Unknown", "message": "no word from the kubelet"});
            object.body["status"] = json!({"conditions": [ready]});
        }
    });
    (snapshot, Ask::Object(ObjectId::new(&arc::POD, "arc-tools", "tools-runner-h58bd")))
}

#[test]
fn node_lost_speaks_of_a_node_that_is_not_ready_or_not_there() {
    let lost = lost_node();
    let found = root(&lost);
    assert_eq!((found.class, found.object.id.to_string().as_str()), (Class::NodeLost, "Node node-2"));
    assert_eq!(found.remedies[0].loss, Loss::None);
    let gone = (drop_kind(&lost.0, &arc::NODE, |node| node.id.name == "node-2"), lost.1.clone());
    assert_eq!(root(&gone).object.state, State::Missing);
    let back = edit(&lost.0, |object| {
        if object.id.kind == arc::NODE {
            object.body["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]});
        }
    });
    assert_eq!(classes(&answer(&(back, lost.1.clone()))), []);
    is_hidden(&blind(&lost, &arc::NODE), Class::NodeLost);
}

const API: &str = "
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io, uid: a1}
spec: {group: metrics.k8s.io, version: v1beta1, service: {namespace: kube-system, name: metrics-server}}
status: {conditions: [{type: Available, status: 'STATUS', reason: MissingEndpoints, message: none}]}
";

pub fn dead_api(status: &str) -> Asked {
    let message = "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server \
                   APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1";
    let condition =
        json!({"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "message": message});
    let snapshot = edit(&live(), |object| {
        if object.id.kind == arc::NAMESPACE && object.id.name == "limited" {
            object.deletion_timestamp = Some(hours_ago(1));
            object.body["status"] = json!({"conditions": [condition]});
        }
    });
    (with(&snapshot, &API.replace("STATUS", status)), namespace("limited"))
}

#[test]
fn apiservice_unavailable_speaks_of_the_api_that_the_namespace_names() {
    let found = root(&dead_api("False"));
    assert_eq!(found.class, Class::ApiserviceUnavailable);
    assert_eq!(found.object.id.name, "v1beta1.metrics.k8s.io");
    assert_eq!(classes(&answer(&dead_api("True"))), []);
    is_hidden(&blind(&dead_api("False"), &arc::API_SERVICE), Class::ApiserviceUnavailable);
}

/// A namespace is asked about: what is wished for it is read, although it is in no namespace itself.
#[test]
fn apiservices_are_read_when_a_namespace_is_asked_about() {
    let is_asked_for = |asked: &Asked| {
        let mut snapshot = without(&asked.0, &arc::API_SERVICE);
        snapshot.coverage.complete = false;
        // As live: wave by wave, and all of it is answered.
        for _ in 0..WAVES {
            for request in wants(&snapshot, std::slice::from_ref(&asked.1)) {
                let Request { what: What::Kind(kind), namespace, name, selector, .. } = request else {
                    continue;
                };
                if kind == arc::API_SERVICE {
                    return true;
                }
                let (api_version, reading) = (String::new(), Reading::Read);
                snapshot.coverage.entries.push(Covered {
                    kind,
                    namespace,
                    name,
                    selector,
                    api_version,
                    reading,
                });
            }
        }
        false
    };
    assert!(is_asked_for(&dead_api("False")));
    assert!(!is_asked_for(&(live(), namespace("limited"))));
}

pub fn foreground(blocks: bool) -> Asked {
    let snapshot = edit(&live(), |object| {
        if object.id.kind == arc::DEPLOYMENT {
            object.deletion_timestamp = Some(hours_ago(1));
            object.finalizers = vec![finalizers::FOREGROUND.to_owned()];
        }
        for owner in &mut object.owners {
            owner.block_owner_deletion &= blocks;
        }
    });
    (snapshot, Ask::Object(ObjectId::new(&arc::DEPLOYMENT, "arc-systems", "arc-gha-rs-controller")))
}

#[test]
fn foreground_waits_speaks_of_a_dependent_that_nobody_deletes() {
    let found = root(&foreground(true));
    assert_eq!((found.class, &*found.object.id.kind.kind), (Class::ForegroundWaits, "ReplicaSet"));
    assert!(found.remedies[0].commands()[0].ends_with("--cascade=background"), "{:?}", found.remedies[0]);
    assert_eq!(classes(&answer(&foreground(false))), []);
}

/// ARC is done with a runner set that was deleted in the foreground, and something else belongs to it.
pub fn foreground_alone() -> Asked {
    let (snapshot, ask) = last_step();
    let snapshot = edit(&snapshot, |object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.finalizers = vec![finalizers::FOREGROUND.to_owned()];
        }
    });
    (snapshot, ask)
}

#[test]
fn foreground_waits_is_likely_where_nothing_but_the_garbage_collector_is_left() {
    let found = root(&foreground_alone());
    assert_eq!((found.class, found.certainty), (Class::ForegroundWaits, Certainty::Likely));
    assert_eq!(found.object.id.to_string(), "AutoscalingRunnerSet arc-tools/tools");
    assert!(found.remedies[0].commands()[0].ends_with("--cascade=background"), "{:?}", found.remedies[0]);
    let (snapshot, ask) = foreground_alone();
    let arc_too = edit(&snapshot, |object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.finalizers.push(finalizers::RUNNER_SET.to_owned());
        }
    });
    assert!(!classes(&answer(&(arc_too, ask))).contains(&Class::ForegroundWaits));
    is_hidden(&blind(&foreground_alone(), &arc::EPHEMERAL_RUNNER_SET), Class::ForegroundWaits);
}

pub fn busy(pod: bool) -> Asked {
    let snapshot = edit(&live(), |object| {
        if is_runner(object, &arc::EPHEMERAL_RUNNER) {
            object.deletion_timestamp = Some(hours_ago(1));
            object.body["status"]["jobId"] = "81f2".into();
        }
    });
    let snapshot = drop_kind(&snapshot, &arc::POD, |object| !pod && is_runner(object, &arc::POD));
    (snapshot, Ask::Object(ObjectId::new(&arc::EPHEMERAL_RUNNER, "arc-tools", "tools-runner-h58bd")))
}

pub const BUSY: &str = "INFO\tEphemeralRunner\tRunner is not finished yet, retrying in 30s\t{\"ephemeralrunner\": \
                        {\"name\":\"tools-runner-h58bd\",\"namespace\":\"arc-tools\"}}";

#[test]
fn job_still_running_speaks_only_when_nothing_is_left_to_end_the_job() {
    let (gone, ask) = busy(false);
    let found = root(&(gone.clone(), ask.clone()));
    assert_eq!((found.class, found.certainty), (Class::JobStillRunning, Certainty::Likely));
    assert_eq!(root(&(says(&gone, BUSY), ask.clone())).certainty, Certainty::Proven);
    assert_eq!(found.remedies.last().map(|remedy| remedy.loss), Some(Loss::Registration));
    assert_eq!(answer(&busy(true)).summary.verdict, Verdict::Waiting);
    assert!(found.message.contains("its pod is gone"), "{}", found.message);
    let idle = edit(&gone, |object| {
        if is_runner(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["jobId"] = "".into();
        }
    });
    assert!(!classes(&answer(&(idle, ask))).contains(&Class::JobStillRunning));
    is_hidden(&blind(&busy(false), &arc::POD), Class::JobStillRunning);
}

/// The runner set is being deleted, and only GitHub is left to ask.
pub fn last_step() -> Asked {
    let mut snapshot = live();
    for kind in [arc::AUTOSCALING_LISTENER, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD] {
        snapshot = drop_kind(&snapshot, &kind, |object| is_tools(object, &kind));
    }
    let snapshot = edit(&snapshot, |object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.deletion_timestamp = Some(hours_ago(1));
        }
    });
    (snapshot, set("arc-tools", "tools"))
}

pub fn refused() -> Asked {
    let (snapshot, ask) = last_step();
    let line = "ERROR\tAutoscalingRunnerSet\tFailed to delete runner scale set\t{\"autoscalingrunnerset\": \
                {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \"error\": \"github api error: StatusCode 401\"}";
    (says(&snapshot, line), ask)
}

/// The EphemeralRunnerSet is being deleted, and GitHub does not let its runners go.
fn refused_runners() -> Asked {
    let snapshot = edit(&live(), |object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) || is_tools(object, &arc::EPHEMERAL_RUNNER_SET) {
            object.deletion_timestamp = Some(hours_ago(1));
        }
    });
    let snapshot =
        drop_kind(&snapshot, &arc::AUTOSCALING_LISTENER, |object| object.id.name.starts_with("tools-"));
    let line = "ERROR\tEphemeralRunnerSet\tFailed to clean up EphemeralRunners\t{\"ephemeralrunnerset\": \
                {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \"error\": \"403 Forbidden\"}";
    (says(&snapshot, line), set("arc-tools", "tools"))
}

#[test]
fn github_refuses_is_what_the_log_says_of_who_removes_the_runners() {
    let found = root(&refused_runners());
    assert_eq!((found.class, found.remedies[0].id), (Class::GithubRefuses, "grant-permission"));
    assert_eq!(found.remedies.last().map(|remedy| remedy.loss), Some(Loss::Registration));
}

#[test]
fn github_refuses_is_what_the_log_says_of_the_very_set() {
    let found = root(&refused());
    assert_eq!((found.class, found.certainty), (Class::GithubRefuses, Certainty::Proven));
    assert_eq!(found.object.id.to_string(), "AutoscalingRunnerSet arc-tools/tools");
    assert_eq!(found.remedies[0].id, "repair-credentials");
    let (snapshot, ask) = refused();
    let mut other = snapshot.clone();
    other.logs[0].lines[0] = snapshot.logs[0].lines[0].replace("tools", "other");
    assert!(!classes(&answer(&(other, ask))).contains(&Class::GithubRefuses));
    let unread = blind(&refused(), &arc::POD_LOG);
    is_hidden(&unread, Class::GithubRefuses);
    let log = unread.gaps.iter().find(|gap| gap.kind == "PodLog").expect("the log is a gap");
    assert!(log.command.starts_with("kubectl logs -n arc-systems deployment/"), "{}", log.command);
}

/// What GitHub said of a runner yesterday it may not say today.
#[test]
fn a_runner_that_github_did_not_know_a_while_ago_is_likely() {
    let line = "ERROR\tx\tx\t{\"ephemeralrunner\": {\"name\":\"tools-runner-h58bd\",\"namespace\":\"arc-tools\"}, \
                \"error\": \"AgentNotFoundException\"}";
    let found = |age: i64| {
        let (gone, ask) = busy(false);
        let gone = edit(&gone, |object| {
            if is_runner(object, &arc::EPHEMERAL_RUNNER) {
                object.body["status"]["jobId"] = "".into();
            }
        });
        let mut snapshot = says(&gone, line);
        let at = hours_ago(age);
        snapshot.logs[0].lines = vec![format!("{at}\t{line}")];
        let root = root(&(snapshot, ask));
        (root.class, root.certainty, root.message.contains("a while ago"))
    };
    assert_eq!(found(0), (Class::GithubRefuses, Certainty::Proven, false));
    assert_eq!(found(3), (Class::GithubRefuses, Certainty::Likely, true));
}

/// A server of one's own, whose certificate is in a ConfigMap that is not there.
pub fn no_certificate() -> Asked {
    let (snapshot, ask) = last_step();
    let snapshot = edit(&snapshot, |object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            let key = json!({"configMapKeyRef": {"name": "ca", "key": "ca.crt"}});
            object.body["spec"]["githubServerTLS"] = json!({"certificateFrom": key});
        }
    });
    (snapshot, ask)
}

#[test]
fn a_certificate_that_is_not_there_is_seen_without_a_log() {
    let found = root(&no_certificate());
    assert_eq!((found.class, found.remedies[0].id), (Class::GithubRefuses, "restore-certificate"));
    let (snapshot, ask) = no_certificate();
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: arc-tools}}";
    assert!(!classes(&answer(&(with(&snapshot, map), ask))).contains(&Class::GithubRefuses));
}

#[test]
fn controller_not_reconciling_is_what_is_left_when_the_log_is_silent() {
    let silent = last_step();
    let found = root(&silent);
    assert_eq!((found.class, found.certainty), (Class::ControllerNotReconciling, Certainty::Likely));
    assert_eq!(found.remedies[0].id, "restart-controller");
    let line = "INFO\tAutoscalingRunnerSet\tx\t{\"autoscalingrunnerset\": \
                {\"name\":\"tools\",\"namespace\":\"arc-tools\"}}";
    let pauses = answer(&(says(&silent.0, line), silent.1.clone()));
    assert_eq!((classes(&pauses), pauses.summary.verdict), (Vec::new(), Verdict::Unknown));
    // Nothing is unread, and where the answer will stand is said.
    assert_eq!(pauses.gaps, []);
    let reasons = &pauses.targets[0].reasons;
    let pointer = "kubectl logs -n arc-systems deployment/arc-gha-rs-controller --since=20m";
    assert!(reasons.iter().any(|reason| reason.contains(pointer)), "{reasons:?}");
    is_hidden(&blind(&silent, &arc::POD_LOG), Class::ControllerNotReconciling);
}
