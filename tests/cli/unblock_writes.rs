//! What `unblock --yes` writes: what the plan says, nothing else, each thing tried out and noted first.

use crate::api::Asked;
use crate::api::Fault;
use crate::api::On;
use crate::api::World;
use crate::run::example;
use crate::unblock::Scene;
use crate::unblock::called;
use crate::unblock::name_of;
use serde_json::Value;

/// Situations that end by themselves once the finalizers are off: the example, the call, how many writes, and the exit
/// code of a second call: what was asked about by name is not there to be asked about again.
const FREED: &[(&str, &[&str], usize, i32)] = &[
    ("cleanup-protection-orphan", &["-n", "arc-ml"], 6, 0),
    ("controller-moved", &["ns/arc-old"], 1, 2),
    ("crds-deleted-controller-gone", &["-n", "arc-build", "build", "--accept-loss", "registration"], 20, 2),
];

/// Whether the owner of a finalizer is gone for good only a person knows.
#[test]
fn what_only_a_person_can_judge_is_left_to_him() {
    let world = World::of_file(example("foreign-finalizer"));
    let scene = Scene::new(world.who_may("list", "externalsecrets", "external-secrets.io"));
    let left = scene.call(&["ns/arc-tools", "--accept-loss", "data", "--yes"]);
    assert_eq!(left.code, 1, "{}{}", left.stdout, left.stderr);
    assert!(left.stdout.contains("drop-foreign-finalizer"), "{}", left.stdout);
    // No loss would help, and neither would another run.
    let ends = "Still blocked: Nothing can be done by this program without you.\n";
    assert!(left.stdout.starts_with(ends), "{}", left.stdout);
    assert!(!left.stdout.contains("More can be done"), "{}", left.stdout);
    scene.assert_untouched();
}

#[test]
fn yes_does_what_the_plan_says_and_nothing_else() {
    for (example, target, count, again) in FREED {
        let scene = Scene::of(example);
        let plan = scene.bare(&[target, &["-o", "json"] as &[&str]].concat()).output().unwrap();
        let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
        scene.assert_untouched();

        let freed = scene.call(&[target, &["--yes"] as &[&str]].concat());
        assert_eq!(freed.code, 0, "{example}: {}{}", freed.stdout, freed.stderr);
        assert!(freed.stdout.starts_with("Nothing is blocked any more."), "{}", freed.stdout);

        let each = |value: &Value| value.as_array().unwrap().clone();
        let changes: Vec<Value> =
            each(&plan["steps"]).iter().flat_map(|step| each(&step["changes"])).collect();
        let written = scene.api.written();
        assert_eq!((changes.len(), written.len()), (*count, *count), "{example}: {plan:#}");
        for (planned, written) in changes.iter().zip(&written) {
            assert_eq!(called(written), name_of(&planned["object"]));
            assert_eq!(written.method.to_lowercase(), planned["verb"]);
            assert_eq!(written.uid, planned["object"]["uid"]);
            match written.method.as_str() {
                "PATCH" => {
                    assert_eq!(written.body, planned["patch"]);
                    assert_eq!(written.manager, "kubectl-arc");
                }
                _ => assert_eq!(written.body["preconditions"]["uid"], planned["object"]["uid"]),
            }
        }
        scene.assert_tried_first();
        scene.assert_journalled();
        scene.end_pods();
        let mut promised: Vec<String> = each(&plan["outcome"]["gone"]).iter().map(name_of).collect();
        promised.sort();
        let (gone, changed) = scene.differences();
        assert_eq!(gone, promised, "{example}");
        // What lives on is only changed where the plan changes it.
        assert!(changed.iter().all(|name| written.iter().any(|write| called(write) == *name)), "{changed:?}");
        // Pods were still ending, and nothing else.
        let pods: Vec<&String> = promised.iter().filter(|name| name.starts_with("Pod ")).collect();
        let told = if pods.is_empty() {
            format!("\n{} objects that were to go are gone.\n", promised.len())
        } else {
            let gone = promised.len() - pods.len();
            format!("\nOf {} objects to go {gone} are gone so far.\nStill going: ", promised.len())
        };
        assert!(freed.stdout.contains(&told), "{example}: {told}\n{}", freed.stdout);
        assert!(pods.iter().all(|pod| freed.stdout.contains(*pod)), "{}", freed.stdout);
        for leaf in each(&plan["outcome"]["leaves"]) {
            let words = leaf.as_str().unwrap().split(" at ").next().unwrap();
            assert!(freed.stdout.contains(words), "{words} is not in\n{}", freed.stdout);
        }

        scene.api.forget();
        let second = scene.call(&[target, &["--yes"] as &[&str]].concat());
        assert!(!scene.api.asked().iter().any(Asked::is_write));
        assert_eq!(second.code, *again, "{example}: {}{}", second.stdout, second.stderr);
        if *again == 0 {
            assert!(second.stdout.contains("Nothing is blocked"), "{}", second.stdout);
        }
    }
}

#[test]
fn a_delivery_tool_that_would_undo_it_is_named_before_the_first_write() {
    let scene = Scene::of("argocd-delete-deadlock");
    let answer = scene.call(&["ns/arc-ml", "--yes", "--accept-loss", "reversible"]);
    let warned = answer.stderr.find("warning: Argo CD keeps AutoscalingRunnerSet arc-ml/ml as it is in Git");
    let began = answer.stderr.find("Step 1 (delete-runner-set)");
    assert!(warned.is_some() && warned < began, "{}", answer.stderr);
    let writes: Vec<String> = scene.api.written().iter().map(called).collect();
    assert_eq!(writes, ["AutoscalingRunnerSet arc-ml/ml"], "{answer:?}");
    scene.assert_tried_first();
    scene.assert_journalled();
}

#[test]
fn what_cannot_be_looked_for_at_the_end_is_not_said_to_be_gone() {
    let scene = Scene::of("crds-deleted-controller-gone");
    // Looked at right before it is deleted, and then never again.
    let account = On { path: "/serviceaccounts/build-5f6b97f4-listener", after: 1, ..On::every("GET") };
    scene.api.strike(account, Fault::Forbidden);
    let freed = scene.call(&["-n", "arc-build", "build", "--accept-loss", "registration", "--yes"]);
    assert_eq!(freed.code, 0, "{}{}", freed.stdout, freed.stderr);
    assert!(freed.stdout.contains("\nOf 14 objects to go 10 are gone so far.\n"), "{}", freed.stdout);
    let unread = "\nCould not be looked for: ServiceAccount arc-systems/build-5f6b97f4-listener\n";
    assert!(freed.stdout.contains(unread), "{}", freed.stdout);
}
