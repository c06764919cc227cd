//! Runners that fail and pods that do not start: each rule where it speaks, and one fact away from there.

use super::running_side::complete;
use super::running_side::day_after;
use super::*;
use crate::arc::marks;
use crate::model::PodLog;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;

fn is_tools(object: &Object, kind: &GroupKind) -> bool {
    object.id.kind == *kind && object.id.namespace == "arc-tools"
}

/// The runners of the set, read once.
fn names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let snapshot = load("healthy");
        let runners = snapshot.list(&arc::EPHEMERAL_RUNNER, Some("arc-tools")).objects;
        runners.iter().map(|runner| runner.id.name.clone()).collect()
    });
    &NAMES
}

/// One of the two runners of the set, or its pod.
fn is_first(object: &Object, kind: &GroupKind) -> bool {
    is_tools(object, kind) && object.id.name == names()[0]
}

fn tools(snapshot: &Snapshot) -> Diagnosis {
    diagnose(snapshot, &[set("arc-tools", "tools")])
}

fn root(snapshot: &Snapshot) -> Root {
    let diagnosis = tools(snapshot);
    let [root] = diagnosis.roots.as_slice() else {
        let roots: Vec<String> =
            diagnosis.roots.iter().map(|root| format!("{}: {}", root.class.id(), root.message)).collect();
        panic!("{roots:#?} {:#?} {:#?}", diagnosis.targets, diagnosis.gaps);
    };
    assert!(!root.evidence.is_empty() && !root.remedies.is_empty(), "{}", root.message);
    assert!(diagnose(snapshot, &[set("arc-web", "web")]).roots.is_empty());
    root.clone()
}

fn verdict(snapshot: &Snapshot) -> Verdict {
    tools(snapshot).summary.verdict
}

fn now() -> jiff::Timestamp {
    day_after(|_| Some(())).captured_at
}

/// A pod that is Pending for so many minutes, with this status.
pub fn pending(minutes: i64, status: &Value) -> Snapshot {
    let created = now() - SignedDuration::from_mins(minutes);
    complete(day_after(|object| {
        if is_first(object, &arc::POD) {
            object.created = Some(created);
            object.body["status"] = status.clone();
            object.body["status"]["phase"] = "Pending".into();
        }
        if is_first(object, &arc::EPHEMERAL_RUNNER) {
            object.created = Some(created);
            object.body["status"]["phase"] = "Pending".into();
        }
        Some(())
    }))
}

fn waiting(reason: &str) -> Value {
    json!({"conditions": [{"type": "PodScheduled", "status": "True"}],
           "containerStatuses": [{"name": "runner", "state": {"waiting": {"reason": reason, "message": "why"}}}]})
}

fn unscheduled() -> Value {
    json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                           "message": "0/3 nodes are available: 3 Insufficient cpu."}]})
}

/// A pod for which there has been no node for so many minutes.
pub fn unscheduled_for(minutes: i64) -> Snapshot {
    pending(minutes, &unscheduled())
}

/// An event about the first pod.
pub fn with_event(mut snapshot: Snapshot, reason: &str) -> Snapshot {
    let mut event = object_like(&snapshot, &arc::POD);
    event.id = ObjectId::new(&arc::EVENT, "arc-tools", "pod.1");
    event.body = json!({"reason": reason, "message": "Multi-Attach error", "count": 4,
        "lastTimestamp": now().to_string(),
        "involvedObject": {"kind": "Pod", "namespace": "arc-tools", "name": names()[0]}});
    snapshot.insert(event);
    snapshot
}

fn object_like(snapshot: &Snapshot, kind: &GroupKind) -> Object {
    let objects = snapshot.list(kind, Some("arc-tools")).objects;
    objects.first().map(|object| (*object).clone()).expect("an object")
}

#[test]
fn pod_cannot_start() {
    let found = root(&pending(20, &waiting("ImagePullBackOff")));
    assert_eq!((found.class, found.certainty), (Class::PodCannotStart, Certainty::Proven));
    assert_eq!(found.object.id.to_string(), format!("Pod arc-tools/{}", names()[0]));
    let found = root(&pending(20, &unscheduled()));
    assert_eq!((found.class, found.certainty), (Class::PodCannotStart, Certainty::Proven));
    assert_eq!(found.remedies[0].id, "make-room");
    // What is being created says nothing; its events do.
    let creating = pending(20, &waiting("ContainerCreating"));
    assert_eq!(root(&creating).certainty, Certainty::Likely);
    let found = root(&with_event(creating, "FailedAttachVolume"));
    assert_eq!((found.certainty, found.remedies[0].id), (Certainty::Proven, "repair-volume"));
    assert!(found.message.contains("Multi-Attach"), "{}", found.message);
}

/// A cluster makes nodes and pulls images while pods wait: that is no alarm.
#[test]
fn a_pod_that_waits_for_a_node_for_some_minutes_is_waiting() {
    assert_eq!(verdict(&pending(1, &unscheduled())), Verdict::Clear);
    assert_eq!(verdict(&pending(5, &unscheduled())), Verdict::Waiting);
    assert_eq!(verdict(&pending(5, &waiting("ContainerCreating"))), Verdict::Waiting);
    assert_eq!(verdict(&pending(1, &waiting("ImagePullBackOff"))), Verdict::Clear);
    let gated =
        json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]});
    assert_eq!(verdict(&pending(60, &gated)), Verdict::Clear);
}

#[test]
fn pods_that_fail_alike_are_one_root() {
    let created = now() - SignedDuration::from_mins(20);
    let snapshot = day_after(|object| {
        if is_tools(object, &arc::POD) {
            object.created = Some(created);
            object.body["status"] = unscheduled();
            object.body["status"]["phase"] = "Pending".into();
        }
        Some(())
    });
    assert_eq!(root(&snapshot).members.len(), 2);
    // Whoever asks after the second runner gets the same answer.
    let second = ObjectId::new(&arc::EPHEMERAL_RUNNER, "arc-tools", &names()[1]);
    assert_eq!(classes(&diagnose(&snapshot, &[Ask::Object(second)])), [Class::PodCannotStart]);
}

/// The pod of a job is found by the runner that it names.
#[test]
fn the_pod_of_a_job_is_a_pod_of_its_runner() {
    let mut snapshot = complete(day_after(|object| {
        if is_first(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["jobId"] = "7".into();
        }
        Some(())
    }));
    let mut job = object_like(&snapshot, &arc::POD);
    job.id.name = format!("{}-workflow", names()[0]);
    job.uid = "job".to_owned();
    job.owners.clear();
    job.labels = [(marks::HOOK_POD.to_owned(), names()[0].clone())].into();
    job.created = Some(now() - SignedDuration::from_mins(20));
    job.body["status"] = unscheduled();
    job.body["status"]["phase"] = "Pending".into();
    snapshot.insert(job.clone());
    assert_eq!(root(&snapshot).object.id, job.id);
}

/// The first runner has failed for this reason, and so many runners are wanted.
pub fn failed(reason: &str, message: &str, wanted: i64) -> Snapshot {
    complete(day_after(|object| {
        if is_first(object, &arc::POD) {
            return None;
        }
        if is_first(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"] = json!({"phase": "Failed", "reason": reason, "message": message});
        }
        if is_tools(object, &arc::EPHEMERAL_RUNNER_SET) {
            object.body["spec"]["replicas"] = wanted.into();
        }
        Some(())
    }))
}

#[test]
fn failed_runner_slots() {
    let found = root(&failed("TooManyPodFailures", "Pod has failed to start more than 5 times", 2));
    assert_eq!((found.class, found.certainty), (Class::FailedRunnerSlots, Certainty::Proven));
    assert_eq!(found.object.id.name, names()[0]);
    assert_eq!(found.remedies[0].commands().len(), 1);
    // One that works is enough: the Failed one is told, and blocks nothing.
    let enough = failed("TooManyPodFailures", "", 1);
    assert_eq!(verdict(&enough), Verdict::Clear);
    let all = diagnose(&enough, &[everything()]);
    assert_eq!(all.notices.iter().map(|notice| notice.class).collect::<Vec<_>>(), [Class::FailedRunnerSlots]);
}

pub const QUOTA: &str = "Failed to create the pod: pods \"x\" is forbidden: exceeded quota: compute, requested: pods=1, \
                         used: pods=4, limited: pods=4";

pub fn with_quota(mut snapshot: Snapshot, used: &str) -> Snapshot {
    let mut quota = object_like(&snapshot, &arc::POD);
    quota.id = ObjectId::new(&arc::RESOURCE_QUOTA, "arc-tools", "compute");
    quota.body = json!({"spec": {"hard": {"pods": "4"}},
                        "status": {"hard": {"pods": "4"}, "used": {"pods": used}}});
    quota.labels.clear();
    snapshot.insert(quota);
    snapshot
}

#[test]
fn pod_create_denied_names_the_quota_as_long_as_it_is_used_up() {
    let found = root(&with_quota(failed("InvalidPod", QUOTA, 2), "4"));
    assert_eq!((found.class, found.certainty), (Class::PodCreateDenied, Certainty::Proven));
    assert_eq!(found.object.id.to_string(), "ResourceQuota arc-tools/compute");
    assert_eq!(root(&with_quota(failed("InvalidPod", QUOTA, 2), "1")).class, Class::FailedRunnerSlots);
    let blind = without(&failed("InvalidPod", QUOTA, 2), &arc::RESOURCE_QUOTA);
    let blind = without(&blind, &arc::RESOURCE_QUOTA);
    let mut unread = blind;
    unread.coverage.entries.retain(|entry| entry.kind != arc::RESOURCE_QUOTA);
    assert_eq!(root(&unread).certainty, Certainty::Likely);
}

#[test]
fn a_runner_that_a_full_quota_keeps_waiting_has_no_word_of_it() {
    let waits = complete(day_after(|object| {
        if is_first(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"] = json!({"phase": "Pending"});
        }
        (!is_first(object, &arc::POD)).then_some(())
    }));
    let found = root(&with_quota(waits.clone(), "4"));
    assert_eq!((found.class, found.certainty), (Class::PodCreateDenied, Certainty::Likely));
    assert_eq!(verdict(&with_quota(waits, "2")), Verdict::Unknown);
}

/// What 0.6.1 writes each time it tries, so many minutes ago: its runners keep no word of a refusal.
pub fn refused_in_log(minutes: i64, error: &str) -> Snapshot {
    let mut snapshot = complete(day_after(|object| {
        if is_first(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"] = json!({});
        }
        (!is_first(object, &arc::POD)).then_some(())
    }));
    let fields = json!({"EphemeralRunner": {"name": names()[0], "namespace": "arc-tools"}, "error": error});
    snapshot.logs.push(PodLog {
        namespace: "arc-systems".to_owned(),
        pod: "arc-gha-rs-controller-1".to_owned(),
        container: marks::MANAGER_CONTAINER.to_owned(),
        lines: vec![format!(
            "{}\tERROR\tReconciler error\t{fields}",
            now() - SignedDuration::from_mins(minutes)
        )],
    });
    snapshot
}

#[test]
fn pod_create_denied_is_told_by_the_log_where_the_runner_keeps_no_word() {
    let error = "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true";
    let found = root(&refused_in_log(5, error));
    assert_eq!((found.class, found.certainty), (Class::PodCreateDenied, Certainty::Proven));
    assert_eq!((found.object.id.name.as_str(), found.remedies[0].id), ("tools", "repair-template"));
    assert!(found.evidence[0].says.contains("violates PodSecurity"), "{:?}", found.evidence);
    // What it said when it last tried half an hour ago, and what it says of other objects, proves nothing.
    let silent = |snapshot| !classes(&tools(&snapshot)).contains(&Class::PodCreateDenied);
    assert!(silent(refused_in_log(30, error)));
    assert!(silent(refused_in_log(5, "secrets \"x\" is invalid: metadata.labels: Invalid value")));
    let mut unread = refused_in_log(5, error);
    unread.logs.clear();
    let unread = tools(&unread);
    assert!(unread.gaps.iter().any(|gap| gap.hides.contains(&Class::PodCreateDenied)), "{:#?}", unread.gaps);
}

/// Whatever says no is named, or the set whose template has to change.
#[test]
fn pod_create_denied_names_what_says_no() {
    let spec =
        "Failed to create the pod: Pod \"x\" is invalid: spec.containers[0].volumeMounts[0].name: Not found";
    assert_eq!(root(&failed("InvalidPod", spec, 2)).object.id.name, "tools");
    let limit = "pods \"x\" is forbidden: maximum cpu usage per Container is 2, but limit is 4";
    assert_eq!(root(&failed("InvalidPod", limit, 2)).object.id.name, "tools");
    let policy = "ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: no";
    let found = root(&failed("InvalidPod", policy, 2)).object.id;
    assert_eq!((found.kind.kind.as_ref(), found.name.as_str()), ("ValidatingAdmissionPolicy", "no-root"));
    let webhook = "admission webhook \"v.example.com\" denied the request: no";
    let mut snapshot = failed("InvalidPod", webhook, 2);
    assert_eq!(root(&snapshot).object.id.name, "tools");
    let mut config = object_like(&snapshot, &arc::POD);
    config.id = ObjectId::new(&arc::VALIDATING_WEBHOOKS, "", "policies");
    config.body = json!({"webhooks": [{"name": "v.example.com"}]});
    config.labels.clear();
    snapshot.insert(config);
    assert_eq!(root(&snapshot).object.id.name, "policies");
}

/// The runners of the set end this many seconds after they began, with this exit code.
pub fn ending(ran: i64, code: i64, how_many: usize, command: bool) -> Snapshot {
    let at = now() - SignedDuration::from_secs(5);
    let began = at - SignedDuration::from_secs(ran);
    day_after(|object| {
        let place = names().iter().position(|name| *name == object.id.name);
        if is_tools(object, &arc::POD) && place.is_some_and(|place| place < how_many) {
            object.body["status"]["phase"] = "Succeeded".into();
            object.body["status"]["containerStatuses"] = json!([{"name": "runner", "state": {"terminated": {
                "exitCode": code, "startedAt": began.to_string(), "finishedAt": at.to_string()}}}]);
        }
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools" && !command {
            let containers = &mut object.body["spec"]["template"]["spec"]["containers"];
            containers[0].as_object_mut().expect("a container").remove("command");
        }
        Some(())
    })
}

#[test]
fn runner_exits_immediately() {
    let found = root(&ending(3, 0, 1, false));
    assert_eq!((found.class, found.certainty), (Class::RunnerExitsImmediately, Certainty::Proven));
    assert_eq!((found.object.id.name.as_str(), found.remedies[0].id), ("tools", "give-command"));
    let found = root(&ending(3, 7, 1, true));
    assert_eq!((found.certainty, found.remedies[0].id), (Certainty::Proven, "renew-runner-image"));
    let found = root(&ending(3, 1, 2, true));
    assert_eq!((found.class, found.certainty), (Class::RunnerExitsImmediately, Certainty::Likely));
}

#[test]
fn a_runner_that_has_waited_or_worked_does_not_end_at_once() {
    assert!(!classes(&tools(&ending(300, 0, 2, true))).contains(&Class::RunnerExitsImmediately));
    let worked = changed(&ending(3, 0, 2, false), |object| {
        let mut object = object.clone();
        if is_tools(&object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["workflowRunId"] = 7.into();
        }
        Some(object)
    });
    assert!(!classes(&tools(&worked)).contains(&Class::RunnerExitsImmediately));
}

/// For the test that holds every rule to what it declares.
pub fn variants() -> Vec<Snapshot> {
    vec![
        with_event(pending(20, &waiting("ContainerCreating")), "FailedMount"),
        with_quota(failed("InvalidPod", QUOTA, 2), "4"),
        refused_in_log(5, QUOTA),
        failed("InvalidPod", "maximum cpu usage per Container is 2, but limit is 4", 2),
        failed("InvalidPod", "admission webhook \"v.example.com\" denied the request: no", 2),
        failed("InvalidPod", "ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: no", 2),
        ending(3, 0, 2, false),
    ]
}
