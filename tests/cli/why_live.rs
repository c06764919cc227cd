//! `why` on a cluster: the same scenario through the API gives the same answer as through the file.

use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::EXAMPLES;
use crate::run::arc;
use crate::run::done;
use crate::run::example;

fn ask(api: &Api, arguments: &[&str]) -> Done {
    done(api.command(BINARY).args(arguments), "")
}

/// What has to be the same: everything but where it was read.
fn comparable(answer: &Done) -> serde_json::Value {
    let mut json = answer.json();
    json["source"] = serde_json::Value::Null;
    json
}

#[test]
fn file_and_cluster_give_the_same_answer() {
    for (name, target, code, _) in EXAMPLES {
        // As somebody who may read what the documented role says, and what a team's own operator has left.
        let world = World::of_file(example(name)).with_roles(&["why.yaml"]);
        let api = Api::of(world.who_may("list", "externalsecrets", "external-secrets.io"));
        let mut arguments = vec!["why", "-o", "json"];
        arguments.extend(*target);
        let live = ask(&api, &arguments);
        assert_eq!(live.code, *code, "{name}: {}{}", live.stdout, live.stderr);
        let file = example(name);
        arguments.extend(["-f", &file]);
        let filed = arc(&arguments);
        assert_eq!(comparable(&live), comparable(&filed), "{name}");
    }
}

/// No role can know beforehand what a namespace says is left in it.
#[test]
fn what_is_left_of_another_kind_is_a_gap_with_the_servers_words() {
    let world = World::of_file(example("foreign-finalizer")).with_roles(&["why.yaml"]);
    let answer = ask(&Api::of(world), &["why", "ns/arc-tools", "-o", "json"]);
    assert_eq!(answer.code, 3, "{}{}", answer.stdout, answer.stderr);
    let gap = &answer.json()["gaps"][0];
    assert_eq!((&gap["kind"], &gap["namespace"]), (&"ExternalSecret".into(), &"arc-tools".into()));
    assert!(gap["reason"].as_str().unwrap().starts_with("forbidden: externalsecrets"), "{gap}");
}

/// What only asks writes nothing: the only thing posted is a question to the authorizer. That nothing but `src/apply`
/// could send a write is checked by tests/tidy.
#[test]
fn only_apply_writes() {
    for (name, target, _, _) in EXAMPLES {
        let api = Api::of(World::of_file(example(name)));
        let mut arguments = vec!["why"];
        arguments.extend(*target);
        ask(&api, &arguments);
        for request in api.requests() {
            let review = request.contains("/subjectaccessreviews");
            assert!(request.starts_with("GET ") || review, "{name}: {request}");
        }
    }
}

#[test]
fn secrets_are_asked_for_without_their_values() {
    let api = Api::of(World::of_file(example("helm-uninstall-secret-gone")));
    ask(&api, &["why", "ns/arc-release"]);
    let secrets: Vec<_> = api.asked().into_iter().filter(|asked| asked.path.contains("/secrets")).collect();
    assert!(!secrets.is_empty());
    for asked in secrets {
        assert!(asked.accept.contains("PartialObjectMetadata"), "{} {}", asked.path, asked.accept);
    }
}

#[test]
fn a_forbidden_kind_never_ends_the_run() {
    let mut world = World::of_file(example("helm-uninstall-secret-gone"));
    world.refuse("v1", "Secret", "*", "forbidden");
    let answer = ask(&Api::of(world), &["why", "ns/arc-release", "-o", "json"]);
    assert_eq!(answer.code, 3, "{}{}", answer.stdout, answer.stderr);
    assert_eq!(answer.json()["gaps"][0]["kind"], "Secret");
}

#[test]
fn a_missing_crd_or_a_broken_group_never_ends_the_run() {
    let mut world = World::of_file(example("healthy"));
    world.refuse("actions.github.com/v1alpha1", "EphemeralRunner", "*", "not-served");
    let api = Api::of(world);
    api.fault("/apis/apps/v1", Fault::Code(503));
    let answer = ask(&api, &["why", "-A", "-o", "json"]);
    assert_ne!(answer.code, 2, "{}", answer.stderr);
}

/// A user who may not ask the authorizer gets the answer from Roles and bindings.
#[test]
fn without_reviews_the_rights_are_worked_out_from_roles_and_bindings() {
    for name in ["controller-moved", "rbac-role-gone"] {
        let mut world = World::of_file(example(name));
        world.refuse("authorization.k8s.io/v1", "SubjectAccessReview", "*", "forbidden");
        let api = Api::of(world);
        api.fault("/subjectaccessreviews", Fault::Code(403));
        let answer = ask(&api, &["why", "-n", "arc-tools", "tools", "-o", "json"]);
        assert_eq!(answer.code, 1, "{name}: {}{}", answer.stdout, answer.stderr);
        let root = &answer.json()["roots"][0];
        assert_eq!(root["class"], "rbac-missing", "{name}");
        assert_eq!(root["object"]["name"], "tools-gha-rs-manager", "{name}");
        assert!(api.requests().iter().any(|request| request.ends_with("/clusterrolebindings")));
    }
}

#[test]
fn requests_are_shown_on_stderr_at_v_6_and_never_the_token() {
    let api = Api::of(World::of_file(example("healthy")));
    let quiet = ask(&api, &["why", "-n", "arc-web"]);
    assert_eq!(quiet.stderr, "");
    let loud = ask(&api, &["why", "-n", "arc-web", "-v=6"]);
    for part in [
        "Config loaded from file:  ",
        "\"Response\" verb=\"GET\"",
        "/version\" status=\"200 OK\" milliseconds=",
    ] {
        assert!(loud.stderr.contains(part), "{part}: {}", loud.stderr);
    }
    assert!(!loud.stderr.contains(crate::api::TOKEN));
    assert_eq!(loud.stdout.lines().next(), quiet.stdout.lines().next());
}

#[test]
fn the_api_servers_warnings_are_told_once_on_stderr() {
    let api = Api::of(World::of_file(example("healthy")));
    api.fault("/pods", Fault::Warning("pods are old".to_owned()));
    api.fault("/roles", Fault::Warning("pods are old".to_owned()));
    let answer = ask(&api, &["why", "-n", "arc-web", "-o", "json"]);
    assert_eq!(answer.stderr, "Warning: pods are old\n");
    assert_eq!(answer.code, 0);
    answer.json();
    let strict = ask(&api, &["why", "-n", "arc-web", "-o", "json", "--warnings-as-errors"]);
    assert_eq!((strict.code, strict.json()), (2, answer.json()));
    assert_eq!(strict.stderr, "Warning: pods are old\nerror: 1 warning received\n");
}

/// A hundred other runner sets on the same controller are none of this one's business.
#[test]
fn the_number_of_requests_does_not_grow_with_other_runner_sets() {
    let target = ["why", "-n", "arc-release", "release-ci"];
    let small = Api::of(World::of_file(example("helm-uninstall-secret-gone")));
    ask(&small, &target);
    let mut world = World::of_file(example("helm-uninstall-secret-gone"));
    for number in 0..100 {
        world.add(serde_json::json!({
            "apiVersion": "actions.github.com/v1alpha1", "kind": "AutoscalingListener",
            "metadata": {"name": format!("other-{number}-listener"), "namespace": "arc-systems",
                         "uid": format!("l{number}"), "creationTimestamp": "2026-11-20T00:00:00Z"},
            "spec": {"autoscalingRunnerSetName": "other", "autoscalingRunnerSetNamespace": format!("other-{number}")},
        }));
    }
    let large = Api::of(world);
    ask(&large, &target);
    assert_eq!(small.requests(), large.requests());
}
