//! What a question costs: the number of requests for each, every page of a list counted, and that nothing unrelated
//! adds to it.

use crate::api::Api;
use crate::api::World;
use crate::run::BINARY;
use crate::run::done;
use crate::run::example;
use serde_json::json;

/// How many objects a page of a list holds.
const PAGE: usize = 500;

/// A question about an example, whether something is blocked there, and how many requests it takes.
struct Case {
    example: &'static str,
    target: &'static [&'static str],
    code: i32,
    requests: usize,
}

const fn case(example: &'static str, target: &'static [&'static str], code: i32, requests: usize) -> Case {
    Case { example, target, code, requests }
}

const CASES: &[Case] = &[
    case("healthy", &["-n", "arc-tools", "tools"], 0, 27),
    case("healthy", &["-n", "arc-tools"], 0, 27),
    case("healthy", &["ns/arc-tools"], 0, 27),
    case("healthy", &["-A"], 0, 35),
    case("helm-uninstall-secret-gone", &["-n", "arc-release", "release-ci"], 1, 21),
    case("helm-uninstall-secret-gone", &["-n", "arc-release"], 1, 21),
    case("helm-uninstall-secret-gone", &["ns/arc-release"], 1, 21),
    case("helm-uninstall-secret-gone", &["-A"], 1, 37),
];

fn world(case: &Case) -> World {
    World::of_file(example(case.example))
}

/// The requests of a question, sorted.
fn requests(case: &Case, world: World) -> Vec<String> {
    let api = Api::of(world);
    let answer = done(api.command(BINARY).arg("why").args(case.target), "");
    assert_eq!(
        answer.code, case.code,
        "{} {:?}: {}{}",
        case.example, case.target, answer.stdout, answer.stderr
    );
    api.requests()
}

fn add(world: &mut World, number: usize, kind: &str, namespace: &str) {
    let mut object = json!({
        "apiVersion": "v1", "kind": kind,
        "metadata": {"name": format!("unrelated-{number}"), "namespace": namespace, "uid": format!("u{kind}{number}"),
                     "creationTimestamp": "2026-11-20T00:00:00Z"},
    });
    if kind == "Pod" {
        object["status"] = json!({"phase": "Running"});
    }
    world.add(object);
}

fn unrelated(world: &mut World) {
    for number in 0..5000 {
        let kind = ["ConfigMap", "Secret", "Pod", "ServiceAccount", "PersistentVolumeClaim"][number % 5];
        add(world, number, kind, &format!("elsewhere-{}", number % 20));
    }
    for number in 0..20 {
        world.add(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("elsewhere-{number}")}}));
    }
    for number in 0..200 {
        let group = format!("w{number}.example.com");
        world.add(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("widgets.{group}")},
            "spec": {"group": group, "scope": "Namespaced",
                     "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
                     "versions": [{"name": "v1", "served": true, "storage": true}]},
        }));
    }
}

/// Invariant 10.
#[test]
fn the_number_of_requests_is_known_and_nothing_unrelated_adds_to_it() {
    for case in CASES {
        let alone = requests(case, world(case));
        assert_eq!(alone.len(), case.requests, "{} {:?}: {alone:#?}", case.example, case.target);
        let mut crowded = world(case);
        unrelated(&mut crowded);
        assert_eq!(requests(case, crowded), alone, "{} {:?}", case.example, case.target);
    }
}

/// What is unrelated in the namespace that is asked about. Some kinds have to be looked at whole there, because nothing
/// but the object itself says that it is related: a finalizer, an owner reference, a name that ARC's object tells.
#[test]
fn in_its_own_namespace_only_kinds_that_are_looked_at_whole_take_more_pages() {
    let pages = |case: &Case, kind: &str, namespace: &str| {
        let mut crowded = world(case);
        (0..4 * PAGE).for_each(|number| add(&mut crowded, number, kind, namespace));
        requests(case, crowded).len() - case.requests
    };
    let [healthy, stuck] = [&CASES[0], &CASES[4]];
    for kind in ["ConfigMap", "PersistentVolumeClaim", "Service", "Event"] {
        assert_eq!((pages(healthy, kind, "arc-tools"), pages(stuck, kind, "arc-release")), (0, 0), "{kind}");
    }
    // Pods of others are looked at only where something is deleted or a runner does not run.
    assert_eq!((pages(healthy, "Pod", "arc-tools"), pages(stuck, "Pod", "arc-release")), (0, 4));
    for kind in ["Secret", "ServiceAccount"] {
        assert_eq!((pages(healthy, kind, "arc-tools"), pages(stuck, kind, "arc-release")), (4, 4), "{kind}");
        // The namespace of the listener is looked at the same way.
        assert_eq!(pages(healthy, kind, "arc-systems"), 4, "{kind}");
    }
}
