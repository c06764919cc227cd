//! `why` on live runner sets: what is asked of a cluster in which all is well, and what only where something is not.

use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::done;
use crate::run::example;
use serde_json::Value;
use serde_json::json;

const LATER: &str = "2026-11-22T06:09:27Z";

fn ask(api: &Api, arguments: &[&str]) -> Done {
    done(api.command(BINARY).args(arguments), "")
}

/// The healthy cluster a day after it was made.
fn healthy() -> World {
    let mut world = World::of_file(example("healthy"));
    world.time = LATER.to_owned();
    world.logs.clear();
    world
}

fn is(object: &Value, kind: &str, namespace: &str) -> bool {
    object["kind"] == kind && object["metadata"]["namespace"] == namespace
}

fn runner(world: &World) -> Value {
    world.objects.iter().find(|object| is(object, "EphemeralRunner", "arc-tools")).unwrap().clone()
}

fn pod_of(world: &World, runner: &Value) -> Value {
    let is_its = |object: &&Value| {
        is(object, "Pod", "arc-tools") && object["metadata"]["name"] == runner["metadata"]["name"]
    };
    world.objects.iter().find(is_its).unwrap().clone()
}

/// All runners say Running, and nothing else of theirs is wrong: one list of their pods tells, and no other pod is read.
#[test]
fn a_runner_that_says_running_is_asked_after_its_pod() {
    let target = ["why", "-n", "arc-tools", "tools", "-o", "json"];
    let world = healthy();
    let pod = pod_of(&world, &runner(&world));
    let api = Api::of(world);
    assert_eq!(ask(&api, &target).code, 0);
    let of_runners = |query: &str| query.contains("actions-ephemeral-runner%3DTrue");
    let lists: Vec<String> = api
        .asked()
        .into_iter()
        .filter(|asked| asked.path.ends_with("/namespaces/arc-tools/pods"))
        .map(|asked| asked.query)
        .collect();
    assert!(lists.len() == 1 && of_runners(&lists[0]), "{lists:?}");
    api.change(|world| {
        for object in world.objects.iter_mut().filter(|object| **object == pod) {
            object["status"] = json!({"phase": "Failed", "reason": "Evicted", "containerStatuses": [{"name": "runner",
                "state": {"terminated": {"exitCode": 137, "finishedAt": "2026-11-22T05:09:27Z"}}}]});
        }
    });
    let ended = ask(&api, &target).json();
    let root = &ended["roots"][0];
    assert_eq!((&root["class"], &root["certainty"]), (&"ghost-runner".into(), &"proven".into()), "{ended}");
    api.change(|world| {
        world.objects.retain(|object| object["metadata"]["uid"] != pod["metadata"]["uid"]);
        // The recording holds no answer to whether the controller may make another.
        world.refuse("authorization.k8s.io/v1", "SubjectAccessReview", "*", "forbidden");
    });
    let gone = ask(&api, &target).json();
    let root = &gone["roots"][0];
    assert_eq!((&root["class"], &root["certainty"]), (&"ghost-runner".into(), &"likely".into()), "{gone}");
    // Whoever may not see them is not told that all is well.
    api.change(|world| world.refuse("v1", "Pod", "arc-tools", "forbidden"));
    let blind = ask(&api, &target);
    assert_eq!(blind.code, 3, "{}", blind.stdout);
    let gap = &blind.json()["gaps"][0];
    assert_eq!((&gap["kind"], &gap["hides"]), (&"Pod".into(), &json!(["ghost-runner"])), "{gap}");
}

/// The rights that docs/rbac names are enough to be told that all is well; what is optional is not missed.
#[test]
fn all_is_well_without_a_right_to_read_logs_or_events() {
    let mut world = healthy();
    for kind in ["Event", "ResourceQuota", "LimitRange"] {
        world.refuse("v1", kind, "*", "forbidden");
    }
    let api = Api::of(world);
    api.fault("/log", Fault::Code(403));
    for target in [["why", "-n", "arc-tools", "tools"].as_slice(), &["why", "-A"]] {
        let answer = ask(&api, target);
        assert_eq!(answer.code, 0, "{target:?}: {}{}", answer.stdout, answer.stderr);
    }
    assert!(!api.requests().iter().any(|request| request.contains("/events")), "{:#?}", api.requests());
}

/// Runners that work cost nothing, however many there are.
#[test]
fn the_number_of_requests_does_not_grow_with_the_runners_of_a_set() {
    let target = ["why", "-n", "arc-tools", "tools"];
    let small = Api::of(healthy());
    ask(&small, &target);
    let mut world = healthy();
    let first = runner(&world);
    let pod = pod_of(&world, &first);
    for number in 0..400 {
        let name = format!("tools-runner-{number}");
        let mut runner = first.clone();
        runner["metadata"]["name"] = name.clone().into();
        runner["metadata"]["uid"] = format!("r{number}").into();
        runner["status"]["jobId"] = "7".into();
        world.add(runner);
        let mut pod = pod.clone();
        pod["metadata"]["name"] = name.into();
        pod["metadata"]["uid"] = format!("p{number}").into();
        world.add(pod);
    }
    let large = Api::of(world);
    assert_eq!(ask(&large, &target).code, 0);
    assert_eq!(small.requests(), large.requests());
}

/// A pod that does not start is asked after its events, in one list; and they are in the answer.
#[test]
fn events_are_read_where_a_pod_does_not_start() {
    let mut world = healthy();
    let name = runner(&world)["metadata"]["name"].clone();
    for object in &mut world.objects {
        if object["metadata"]["name"] != name {
            continue;
        }
        object["metadata"]["creationTimestamp"] = "2026-11-22T05:39:27Z".into();
        if object["kind"] == "EphemeralRunner" {
            object["status"]["phase"] = "Pending".into();
        } else if object["kind"] == "Pod" {
            object["status"] = json!({"phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "True"}],
                "containerStatuses": [{"name": "runner", "state": {"waiting": {"reason": "ContainerCreating"}}}]});
        }
    }
    world.add(json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "p.1", "namespace": "arc-tools"},
        "type": "Warning", "reason": "FailedCreatePodSandBox", "message": "no address left",
        "count": 9, "lastTimestamp": "2026-11-22T06:08:27Z",
        "involvedObject": {"kind": "Pod", "namespace": "arc-tools", "name": name},
    }));
    let api = Api::of(world);
    let answer = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    let root = &answer.json()["roots"][0];
    assert_eq!((&root["class"], &root["certainty"]), (&"pod-cannot-start".into(), &"proven".into()));
    assert!(root["message"].as_str().unwrap().contains("no address left"), "{root}");
    let events: Vec<String> = api
        .asked()
        .into_iter()
        .filter(|asked| asked.path.ends_with("/events"))
        .map(|asked| asked.query)
        .collect();
    assert!(events.len() == 1 && events[0].contains("type%3DWarning"), "{events:?}");
    // Without the right to see them the answer is less sure, and still there.
    api.change(|world| world.refuse("v1", "Event", "*", "forbidden"));
    let blind = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]).json();
    assert_eq!(blind["roots"][0]["certainty"], "likely", "{blind}");
}

/// The log of the listener is asked for when it ends, and the answer says what it would have told.
#[test]
fn a_listener_that_ends_is_asked_why() {
    let mut world = healthy();
    let listener = "tools-c96bd495-listener";
    for object in world.objects.iter_mut().filter(|object| object["metadata"]["name"] == listener) {
        if object["kind"] == "Pod" {
            object["status"] = json!({"phase": "Failed", "containerStatuses": [{"name": "listener", "state":
                {"terminated": {"exitCode": 1, "startedAt": "2026-11-22T06:09:20Z",
                                "finishedAt": "2026-11-22T06:09:25Z"}}}]});
        }
    }
    world.add(json!({
        "apiVersion": "kubectl-arc/v1alpha1", "kind": "PodLog", "container": "listener",
        "metadata": {"name": listener, "namespace": "arc-systems"},
        "lines": ["2026-11-22T06:09:25Z\tERROR\tRunnerScaleSetNotFoundException"],
    }));
    let api = Api::of(world);
    let answer = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
    assert_eq!(answer.json()["roots"][0]["class"], "stale-scale-set-id", "{}", answer.stdout);
    api.fault("/log", Fault::Code(403));
    let blind = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
    assert_eq!(blind.code, 3, "{}", blind.stdout);
    let gaps = blind.json()["gaps"].to_string();
    assert!(gaps.contains("stale-scale-set-id") && gaps.contains("session-conflict"), "{gaps}");
}

/// A controller that does not get ready is asked why, and the authorizer whether it is still so; both are named by what the
/// log says, and nothing else is read.
#[test]
fn a_controller_that_does_not_get_ready_is_asked_why() {
    let mut world = healthy();
    for object in world.objects.iter_mut().filter(|object| is(object, "Deployment", "arc-systems")) {
        object["status"] = json!({"observedGeneration": 1, "conditions": [{"type": "Available", "status": "False",
            "lastTransitionTime": "2026-11-22T05:00:00Z"}]});
    }
    let pod = world
        .objects
        .iter()
        .find(|object| {
            is(object, "Pod", "arc-systems")
                && object["metadata"]["name"].as_str().unwrap().contains("rs-controller")
        })
        .unwrap()["metadata"]["name"]
        .clone();
    let user = "system:serviceaccount:arc-systems:arc-gha-rs-controller";
    let words = format!(
        "failed to list *v1alpha1.EphemeralRunner: ephemeralrunners.actions.github.com is forbidden: User \"{user}\" cannot \
         list resource \"ephemeralrunners\" in API group \"actions.github.com\" at the cluster scope"
    );
    world.add(json!({
        "apiVersion": "kubectl-arc/v1alpha1", "kind": "PodLog", "container": "manager",
        "metadata": {"name": pod, "namespace": "arc-systems"},
        "lines": [format!("2026-11-22T06:05:00Z\tERROR\tcache\tFailed to watch\t{}", json!({"error": words}))],
    }));
    let api = Api::of(world);
    let answer = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
    let root = &answer.json()["roots"][0];
    assert_eq!(
        (&root["class"], &root["certainty"]),
        (&"rbac-missing".into(), &"proven".into()),
        "{}",
        answer.stdout
    );
    assert_eq!(
        (&root["object"]["kind"], &root["object"]["name"]),
        (&"ClusterRole".into(), &"arc-gha-rs-controller".into())
    );
    let requests = api.requests();
    assert_eq!(
        requests.iter().filter(|request| request.contains("/subjectaccessreviews")).count(),
        1,
        "{requests:#?}"
    );
    assert!(!requests.iter().any(|request| request.ends_with("/clusterroles")), "{requests:#?}");
    // Without the log it is what anybody can see.
    api.fault("/log", Fault::Code(403));
    let blind = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
    assert_eq!(
        (blind.code, &blind.json()["roots"][0]["class"]),
        (1, &"controller-gone".into()),
        "{}",
        blind.stdout
    );
}

/// Whether what is missing can be made again depends on the namespace in which it is missing, however far that is from
/// what was asked about.
#[test]
fn the_namespace_of_what_is_missing_is_looked_at() {
    let mut world = healthy();
    world.objects.retain(|object| object["kind"] != "AutoscalingListener");
    // The recording holds no answer to whether the controller may make one.
    world.refuse("authorization.k8s.io/v1", "SubjectAccessReview", "*", "forbidden");
    let answer = ask(&Api::of(world), &["why", "-n", "arc-tools", "tools", "-o", "json"]).json();
    let root = &answer["roots"][0]["object"];
    assert_eq!((&root["namespace"], &root["state"]), (&"arc-systems".into(), &"missing".into()), "{answer}");
    assert!(!answer["gaps"].to_string().contains("Namespace"), "{}", answer["gaps"]);
}

/// A runner set that Argo CD cannot render was never made: with -A its Application is seen, where there are any.
#[test]
fn applications_are_listed_where_their_crd_is() {
    let paths = |api: &Api| -> Vec<String> {
        let asked = api.asked().into_iter().map(|asked| asked.path);
        asked.filter(|path| path.contains("argoproj") || path.contains("fluxcd") || path == "/apis").collect()
    };
    let mut world = healthy();
    let crd = |plural: &str| format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}");
    let without = Api::of(healthy());
    assert_eq!(ask(&without, &["why", "-A"]).code, 0);
    assert_eq!(paths(&without), [crd("applications.argoproj.io")], "one request where there is no Argo CD");
    world.coverage.retain(|cover| !cover.error.starts_with("not-served"));
    world.add(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {"group": "argoproj.io", "scope": "Namespaced",
                 "names": {"plural": "applications", "singular": "application", "kind": "Application"},
                 "versions": [{"name": "v1alpha1", "served": true, "storage": true}]},
    }));
    world.add(json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": "ci", "namespace": "argocd"},
        "spec": {"destination": {"namespace": "arc-ci"}},
        "status": {"conditions": [{"type": "ComparisonError", "message":
            "execution error at (gha-runner-scale-set/templates/autoscalingrunnerset.yaml): No gha-rs-controller \
             deployment found using label"}]},
    }));
    let api = Api::of(world);
    let answer = ask(&api, &["why", "-A", "-o", "json"]).json();
    let root = &answer["roots"][0];
    assert_eq!(
        (&root["class"], &root["object"]["kind"]),
        (&"release-unfinished".into(), &"Application".into()),
        "{answer}"
    );
    assert!(paths(&api).iter().any(|path| path.ends_with("/argoproj.io/v1alpha1/applications")));
    // Whoever asks about one namespace does not pay for it; whoever may not see them is told so.
    api.forget();
    ask(&api, &["why", "-n", "arc-tools"]);
    assert_eq!(paths(&api), [] as [String; 0]);
    api.change(|world| world.refuse("argoproj.io/v1alpha1", "Application", "*", "forbidden"));
    let blind = ask(&api, &["why", "-A", "-o", "json"]);
    let gap = &blind.json()["gaps"][0];
    assert_eq!(
        (blind.code, &gap["kind"], &gap["hides"]),
        (0, &"Application".into(), &json!(["release-unfinished"]))
    );
}
