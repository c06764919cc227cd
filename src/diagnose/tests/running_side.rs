//! What keeps live runner sets from their work: each rule where it speaks, one fact away from there, and where
//! somebody may not look.

use super::one_fact_away::object;
use super::*;
use crate::arc::marks;
use crate::model::Covered;
use crate::model::PodLog;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;

pub const LISTENER: &str = "tools-c96bd495-listener";

/// The healthy cluster, a day later, with some of its objects changed (None: taken away).
pub fn day_after(change: impl Fn(&mut Object) -> Option<()>) -> Snapshot {
    let mut snapshot = changed(&load("healthy"), |object| {
        let mut object = object.clone();
        change(&mut object)?;
        Some(object)
    });
    snapshot.captured_at += SignedDuration::from_hours(24);
    // What the listeners wrote is a day old as well.
    snapshot.logs.clear();
    snapshot
}

pub fn same() -> Snapshot {
    day_after(|_| Some(()))
}

pub fn is(object: &Object, kind: &GroupKind, name: &str) -> bool {
    object.id.kind == *kind && object.id.name.starts_with(name)
}

/// The set that is asked about, or a part of it.
pub fn is_tools(object: &Object, kind: &GroupKind) -> bool {
    object.id.kind == *kind && object.label(marks::SCALE_SET_NAME) == Some("tools")
}

pub fn tools(snapshot: &Snapshot) -> Diagnosis {
    diagnose(snapshot, &[set("arc-tools", "tools")])
}

/// Class and object of the only root.
pub fn root(snapshot: &Snapshot) -> (Class, String, Certainty) {
    let diagnosis = tools(snapshot);
    let [root] = diagnosis.roots.as_slice() else {
        let roots: Vec<String> =
            diagnosis.roots.iter().map(|root| format!("{}: {}", root.class.id(), root.message)).collect();
        panic!("{roots:#?} {:#?} {:#?}", diagnosis.targets, diagnosis.gaps);
    };
    assert!(!root.evidence.is_empty(), "{}", root.message);
    assert!(!root.remedies.is_empty(), "{}", root.message);
    // The neighbour under the same controller is not to blame.
    let everything = diagnose(snapshot, &[everything()]);
    for other in &everything.roots {
        assert_ne!(other.object.id.namespace, "arc-web", "{}", other.message);
        assert!(!other.object.id.name.starts_with("web"), "{}", other.message);
    }
    (root.class, root.object.id.name.clone(), root.certainty)
}

pub fn quiet(snapshot: &Snapshot) -> Verdict {
    let diagnosis = tools(snapshot);
    assert_eq!(diagnosis.roots, []);
    diagnosis.summary.verdict
}

fn minutes_ago(minutes: i64) -> String {
    (same().captured_at - SignedDuration::from_mins(minutes)).to_string()
}

fn ended(name: &str, code: i64, ran: i64, minutes: i64) -> Value {
    let at = same().captured_at - SignedDuration::from_mins(minutes);
    json!([{"name": name, "state": {"terminated": {
        "exitCode": code, "reason": "Error",
        "startedAt": (at - SignedDuration::from_secs(ran)).to_string(), "finishedAt": at.to_string()}}}])
}

fn log(pod: &str, line: &str) -> PodLog {
    PodLog {
        namespace: if pod == LISTENER { "arc-systems" } else { "arc-tools" }.to_owned(),
        pod: pod.to_owned(),
        container: String::new(),
        lines: vec![line.to_owned()],
    }
}

pub fn runner() -> String {
    let snapshot = load("healthy");
    let runners = snapshot.list(&arc::EPHEMERAL_RUNNER, Some("arc-tools")).objects;
    runners[0].id.name.clone()
}

pub fn outdated(version: &str) -> Snapshot {
    let mut snapshot = day_after(|object| {
        let part = [arc::AUTOSCALING_LISTENER, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD];
        if part.iter().any(|kind| is_tools(object, kind)) {
            return None;
        }
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.body["status"] = json!({"phase": "Outdated", "currentRunners": 10});
            object.annotations.remove(marks::SCALE_SET_ID);
        }
        if object.id.kind == arc::DEPLOYMENT {
            object.labels.insert(marks::VERSION.to_owned(), version.to_owned());
            object.body["spec"]["template"]["spec"]["containers"][0]["image"] = format!("x:{version}").into();
        }
        Some(())
    });
    if version != "0.14.2" {
        snapshot = changed(&snapshot, |object| {
            let mut object = object.clone();
            if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
                object.labels.insert(marks::VERSION.to_owned(), version.to_owned());
            }
            Some(object)
        });
    }
    snapshot
}

#[test]
fn outdated_deadlock() {
    let expected = |certainty| (Class::OutdatedDeadlock, "tools".to_owned(), certainty);
    assert_eq!(root(&outdated("0.14.2")), expected(Certainty::Proven));
    assert_eq!(root(&outdated("0.15.0")), expected(Certainty::Likely));
    assert_eq!(root(&without(&outdated("0.14.2"), &arc::EPHEMERAL_RUNNER_SET)), expected(Certainty::Likely));
    assert_eq!(quiet(&same()), Verdict::Clear);
}

pub fn capped(most: i64) -> Snapshot {
    day_after(|object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.body["spec"]["maxRunners"] = most.into();
        }
        Some(())
    })
}

#[test]
fn spec_caps_zero() {
    assert_eq!(root(&capped(0)), (Class::SpecCapsZero, "tools".to_owned(), Certainty::Proven));
    assert_eq!(quiet(&capped(2)), Verdict::Clear);
    let draining = changed(&capped(0), |object| {
        let mut object = object.clone();
        if is_tools(&object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["workflowRunId"] = 7.into();
        }
        Some(object)
    });
    assert_eq!(quiet(&draining), Verdict::Clear);
}

pub fn dangling(name: &str) -> Snapshot {
    day_after(|object| {
        if is_tools(object, &arc::AUTOSCALING_LISTENER) {
            object.body["spec"]["ephemeralRunnerSetName"] = name.into();
        }
        Some(())
    })
}

#[test]
fn listener_dangling_ers() {
    let listener = || LISTENER.to_owned();
    assert_eq!(root(&dangling("tools-9q2fx")), (Class::ListenerDanglingErs, listener(), Certainty::Proven));
    assert_eq!(quiet(&dangling("tools")), Verdict::Clear);
    // During an update of the set the listener is a moment behind.
    let mut young = dangling("tools-9q2fx");
    young.captured_at = load("healthy").captured_at;
    assert_eq!(quiet(&young), Verdict::Clear);
    let blind = without(&dangling("tools-9q2fx"), &arc::EPHEMERAL_RUNNER_SET);
    assert_eq!(tools(&blind).summary.verdict, Verdict::Unknown);
}

/// A listener that runs on and is refused the session, for the first time so many minutes ago.
fn refused_for(minutes: i64) -> Snapshot {
    let mut snapshot = same();
    let taken = |age: i64| {
        let at = snapshot.captured_at - SignedDuration::from_mins(age);
        format!("{at}\tINFO\tlistener\tthe scale set already has an active session")
    };
    let lines = vec![taken(minutes), taken(0)];
    snapshot.logs.push(PodLog { lines, ..log(LISTENER, "") });
    snapshot
}

/// A listener that was killed leaves its session behind for some minutes.
#[test]
fn a_session_that_expires_is_given_its_time() {
    assert_eq!(root(&refused_for(2)).2, Certainty::Likely);
    assert_eq!(root(&refused_for(9)), (Class::SessionConflict, LISTENER.to_owned(), Certainty::Proven));
    // Another listener that asks for the same is no session that expires.
    let mut two = refused_for(2);
    let mut other = two
        .objects()
        .find(|object| is(object, &arc::AUTOSCALING_LISTENER, LISTENER))
        .cloned()
        .expect("the listener");
    other.id.namespace = "arc-old".to_owned();
    other.uid = "other".to_owned();
    two.insert(other);
    let found = tools(&two).roots.into_iter().find(|root| root.class == Class::SessionConflict);
    assert_eq!(found.map(|root| root.certainty), Some(Certainty::Proven));
}

/// The tools listener's container has just ended with an error, and says this; None: nobody may read it.
pub fn crashing(line: Option<&str>) -> Snapshot {
    let mut snapshot = day_after(|object| {
        if is(object, &arc::POD, LISTENER) {
            object.body["status"]["phase"] = "Failed".into();
            object.body["status"]["containerStatuses"] = ended("listener", 1, 3, 0);
        }
        Some(())
    });
    snapshot.logs.extend(line.map(|line| log(LISTENER, line)));
    snapshot
}

#[test]
fn a_listener_that_ends_is_told_apart_by_its_log() {
    let stale = "actions error: StatusCode 404: RunnerScaleSetNotFoundException: No runner scale set found";
    let proven = |class, name: &str| (class, name.to_owned(), Certainty::Proven);
    assert_eq!(root(&crashing(Some(stale))), proven(Class::StaleScaleSetId, "tools"));
    let taken = "the scale set already has an active session";
    let found = root(&crashing(Some(taken)));
    assert_eq!((found.0, found.2), (Class::SessionConflict, Certainty::Likely), "it may be expiring");
    // Without the log nobody knows, and the answer says what it would have told.
    let blind = tools(&crashing(None));
    assert_eq!((blind.summary.verdict, blind.roots.len()), (Verdict::Unknown, 0));
    let gap = blind.gaps.iter().find(|gap| gap.kind == "PodLog").expect("a gap");
    assert!(gap.hides.contains(&Class::StaleScaleSetId) && gap.hides.contains(&Class::SessionConflict));
    assert!(gap.command.contains(LISTENER), "{}", gap.command);
    // A log without a known word leaves it open.
    assert_eq!(tools(&crashing(Some("exit"))).summary.verdict, Verdict::Unknown);
}

pub fn silent_for(minutes: i64) -> Snapshot {
    let mut snapshot = same();
    snapshot.logs.push(log(LISTENER, &format!("{}\tINFO\tGetting next message", minutes_ago(minutes))));
    snapshot
}

#[test]
fn listener_frozen() {
    let frozen = (Class::ListenerFrozen, LISTENER.to_owned(), Certainty::Proven);
    assert_eq!(root(&silent_for(45)), frozen);
    assert_eq!(quiet(&silent_for(2)), Verdict::Clear);
    // Nobody has to read logs to be told that all is well.
    assert_eq!(quiet(&same()), Verdict::Clear);
    // At this level a listener that works writes nothing.
    let hushed = changed(&silent_for(45), |object| {
        let mut object = object.clone();
        if object.id.kind == arc::DEPLOYMENT {
            object.body["spec"]["template"]["spec"]["containers"][0]["args"][1] = "--log-level=error".into();
        }
        Some(object)
    });
    assert_eq!(quiet(&hushed), Verdict::Clear);
    // The listener of 0.6.1 writes nothing at all while it waits.
    let early = changed(&silent_for(45), |object| {
        let mut object = object.clone();
        if is(&object, &arc::POD, LISTENER) {
            object.body["spec"]["containers"][0]["command"] = json!(["/github-runnerscaleset-listener"]);
        }
        Some(object)
    });
    assert_eq!(quiet(&early), Verdict::Clear);
    let sidecar = day_after(|object| {
        if is(object, &arc::POD, LISTENER) {
            object.body["status"]["containerStatuses"] = ended("listener", 1, 900, 30);
        }
        Some(())
    });
    assert_eq!(root(&sidecar), frozen);
}

/// The tools set without its listener; `strategy` of the controller; its runners busy or not.
pub fn listenerless(strategy: &str, busy: bool) -> Snapshot {
    day_after(|object| {
        if is_tools(object, &arc::AUTOSCALING_LISTENER) || is(object, &arc::POD, LISTENER) {
            return None;
        }
        if object.id.kind == arc::DEPLOYMENT {
            let argument = format!("--update-strategy={strategy}");
            object.body["spec"]["template"]["spec"]["containers"][0]["args"][1] = argument.into();
        }
        if busy && is_tools(object, &arc::EPHEMERAL_RUNNER) {
            object.body["status"]["jobId"] = "7".into();
        }
        Some(())
    })
}

#[test]
fn listener_missing() {
    let missing = |certainty| (Class::ListenerMissing, LISTENER.to_owned(), certainty);
    assert_eq!(root(&listenerless("eventual", false)), missing(Certainty::Proven));
    assert_eq!(root(&listenerless("immediate", false)), missing(Certainty::Likely));
    assert_eq!(quiet(&listenerless("eventual", true)), Verdict::Waiting);
    let gentlest = &tools(&listenerless("eventual", false)).roots[0].remedies[0];
    assert!(gentlest.commands()[0].contains("/spec/replicas\",\"value\":0"), "{:?}", gentlest.commands());
    // Something else that is missing explains it.
    let no_secret = changed(&listenerless("immediate", false), |object| {
        (object.id.name != "gh-app-tools").then(|| object.clone())
    });
    assert_eq!(root(&no_secret).0, Class::SecretMissing);
    let blind = without(&listenerless("immediate", false), &arc::AUTOSCALING_LISTENER);
    assert_eq!(tools(&blind).summary.verdict, Verdict::Unknown);
}

#[test]
fn a_listener_without_a_pod_is_made_anew() {
    let snapshot = day_after(|object| (!is(object, &arc::POD, LISTENER)).then_some(()));
    assert_eq!(root(&snapshot), (Class::ListenerMissing, LISTENER.to_owned(), Certainty::Likely));
    assert_eq!(tools(&snapshot).roots[0].remedies[0].id, "delete-listener");
    let blind = without(&snapshot, &arc::POD);
    assert_eq!(tools(&blind).summary.verdict, Verdict::Unknown);
}

/// The listener was made anew a minute ago and carries this label; an Argo CD application of the set's name prunes, or not.
pub fn made_anew(mark: &'static str, prunes: bool) -> Snapshot {
    let mut snapshot = day_after(move |object| {
        if is_tools(object, &arc::AUTOSCALING_LISTENER) {
            object.created = minutes_ago(1).parse().ok();
            object.labels.insert(mark.to_owned(), "tools".to_owned());
        }
        Some(())
    });
    let mut application = object("healthy", &arc::DEPLOYMENT, "arc-systems", "arc-gha-rs-controller");
    application.id = ObjectId::new(&arc::APPLICATION, "argocd", "tools");
    application.labels.clear();
    application.body = serde_json::json!({"spec": {"syncPolicy": {"automated": {"prune": prunes}}}});
    snapshot.insert(application);
    snapshot
}

#[test]
fn a_listener_that_a_delivery_tool_prunes_is_young_and_carries_its_mark() {
    const ARGO: &str = "argocd.argoproj.io/instance";
    let found = root(&made_anew(ARGO, true));
    assert_eq!(found, (Class::ListenerMissing, LISTENER.to_owned(), Certainty::Likely));
    // A listener is made anew for many reasons.
    assert_eq!(quiet(&made_anew(ARGO, false)), Verdict::Clear);
    assert_eq!(quiet(&made_anew("team", true)), Verdict::Clear);
}

/// Everything that is not in the file was looked for as well.
pub fn complete(mut snapshot: Snapshot) -> Snapshot {
    for kind in [arc::EVENT, arc::RESOURCE_QUOTA, arc::LIMIT_RANGE, arc::ADMISSION_POLICY] {
        let row = arc::kind_row(&kind).expect("a row");
        snapshot.coverage.entries.push(Covered {
            api_version: row.api_version(),
            kind,
            namespace: None,
            name: None,
            selector: None,
            reading: Reading::Read,
        });
    }
    snapshot
}

/// For the test that holds every rule to what it declares.
pub fn variants() -> Vec<Snapshot> {
    vec![
        outdated("0.14.2"),
        capped(0),
        made_anew("argocd.argoproj.io/instance", true),
        dangling("tools-9q2fx"),
        crashing(Some("the scale set already has an active session")),
        crashing(Some("RunnerScaleSetNotFoundException")),
        silent_for(45),
        listenerless("eventual", false),
    ]
}
