//! The cluster moves on between the plan and the write, two hundred times: what is written is what was planned, on the
//! object that was planned for, or nothing.

use crate::api::World;
use crate::run::Done;
use crate::unblock::ORPHANS;
use crate::unblock::PROTECTION;
use crate::unblock::Scene;
use crate::unblock::world_of;
use serde_json::Value;
use serde_json::json;

/// What somebody else does, and what has to come of it.
struct Change {
    what: &'static str,
    make: fn(&mut World, &str, &str),
    /// The write happens all the same.
    harmless: bool,
    code: i32,
    /// The answer, or what is told on the way, has these words.
    says: &'static str,
}

const FOREIGN: &str = "example.com/theirs";

const CHANGES: [Change; 8] = [
    Change {
        what: "nothing",
        make: |_, _, _| {},
        harmless: true,
        code: 0,
        says: "Nothing is blocked any more.",
    },
    Change {
        what: "it is made again",
        make: |world, kind, name| world.recreate(kind, "arc-ml", name, "another"),
        harmless: false,
        code: 0,
        says: "another object of the same name now: its uid is another",
    },
    Change {
        what: "made again, and deleted again",
        make: |world, kind, name| world.set(kind, "arc-ml", name, "/metadata/uid", "another".into()),
        harmless: false,
        code: 1,
        says: "another object of the same name now: its uid is another",
    },
    Change {
        what: "it goes",
        make: |world, kind, name| world.remove(kind, "arc-ml", name),
        harmless: false,
        code: 0,
        says: "is gone",
    },
    Change {
        what: "a finalizer before it",
        make: |world, kind, name| finalizers(world, kind, name, json!([FOREIGN, PROTECTION])),
        harmless: false,
        code: 1,
        says: "is \"example.com/theirs\" now, and not \"actions.github.com/cleanup-protection\"",
    },
    Change {
        what: "another finalizer in its place",
        make: |world, kind, name| finalizers(world, kind, name, json!([FOREIGN])),
        harmless: false,
        code: 1,
        says: "is as it was to be already",
    },
    Change {
        what: "deleted at another time",
        make: |world, kind, name| {
            let time = "2026-11-21T06:20:00Z".into();
            world.set(kind, "arc-ml", name, "/metadata/deletionTimestamp", time);
        },
        harmless: false,
        code: 1,
        says: "is being deleted since 2026-11-21T06:20:00Z, and not since",
    },
    Change {
        what: "something else of it",
        make: |world, kind, name| {
            world.set(kind, "arc-ml", name, "/metadata/annotations", json!({"theirs": "1"}));
        },
        harmless: true,
        code: 0,
        says: "Nothing is blocked any more.",
    },
];

fn finalizers(world: &mut World, kind: &str, name: &str, finalizers: Value) {
    world.set(kind, "arc-ml", name, "/metadata/finalizers", finalizers);
}

/// An object without what every write changes.
fn content(object: Option<&Value>) -> Value {
    let mut object = object.cloned().unwrap_or_default();
    object["metadata"]["resourceVersion"].take();
    object
}

/// One orphan and what it takes to know that it is one.
fn small_world(orphan: usize) -> World {
    let mut world = world_of(orphan..orphan + 1);
    world.objects.retain(|object| {
        let is_bare = ["Namespace", "CustomResourceDefinition", "Deployment"]
            .contains(&object["kind"].as_str().unwrap());
        is_bare || object["metadata"]["deletionTimestamp"].is_string()
    });
    world.logs.clear();
    world
}

/// One run; how many writes were accepted.
fn race(number: usize) -> usize {
    let change = &CHANGES[number % CHANGES.len()];
    let for_good = number / CHANGES.len() % 2 == 1;
    let orphan = number / CHANGES.len() / 2 % ORPHANS.len();
    let (kind, name) = ORPHANS[orphan];
    let scene = Scene::new(small_world(orphan));
    let make = move |world: &mut World| (change.make)(world, kind, name);
    match for_good {
        true => scene.api.before_write(1, make),
        false => scene.api.before_trial(1, make),
    }
    let Done { stdout, stderr, code } = scene.call(&["-n", "arc-ml", "--yes"]);
    let case = format!("{} of {kind} (for good: {for_good}):\n{stdout}{stderr}", change.what);
    assert_eq!(code, change.code, "{case}");
    // Words are wrapped in the report.
    let said = [stdout, stderr].concat().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(change.says), "{case}");

    let written = scene.api.written();
    assert_eq!(written.len(), usize::from(change.harmless), "{case}");
    let planned = scene.before.object(kind, "arc-ml", name).unwrap();
    for write in &written {
        assert_eq!(write.uid, planned["metadata"]["uid"], "{case}");
        let removed = json!({"op": "remove", "path": "/metadata/finalizers/0"});
        let operations = write.body.as_array().unwrap();
        let removals: Vec<&Value> = operations.iter().filter(|one| one["op"] != "test").collect();
        assert_eq!(removals, [&removed], "{case}");
    }
    let mut expected = scene.before.clone();
    (change.make)(&mut expected, kind, name);
    if change.harmless {
        expected.remove(kind, "arc-ml", name);
    }
    let now = scene.api.world();
    assert_eq!(now.objects.len(), expected.objects.len(), "{case}");
    for (now, expected) in now.objects.iter().zip(&expected.objects) {
        assert_eq!(content(Some(now)), content(Some(expected)), "{case}");
    }
    written.len()
}

#[test]
fn two_hundred_races_and_no_wrong_write() {
    let lanes = [0, 1, 2, 3]
        .map(|lane| std::thread::spawn(move || (0..50).map(|number| race(number * 4 + lane)).sum::<usize>()));
    let written: usize = lanes.map(|lane| lane.join().unwrap()).iter().sum();
    assert_eq!(written, 50, "a quarter of the changes is harmless");
}
