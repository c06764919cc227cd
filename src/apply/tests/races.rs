//! The cluster moves on while it is written to: 200 times, and never is anything written that was not meant.

use super::stand_in::WORLD;
use super::stand_in::writer;
use super::*;
use crate::api::Api;
use crate::api::World;

/// What somebody else does at the worst moment.
type Change = fn(&mut World);

const CHANGES: [(&str, Change); 7] = [
    ("nothing", |_| {}),
    ("another of its name", |world| world.recreate("EphemeralRunner", "n", "r", "u-2")),
    ("gone", |world| world.remove("EphemeralRunner", "n", "r")),
    ("a finalizer before it", |world| {
        world.set("EphemeralRunner", "n", "r", "/metadata/finalizers", json!(["a/zero", "a/one", "a/two"]));
    }),
    ("taken off by another", |world| {
        world.set("EphemeralRunner", "n", "r", "/metadata/finalizers", json!(["a/two"]));
    }),
    ("the value is another", |world| {
        world.set("EphemeralRunner", "n", "r", "/metadata/annotations", json!({"k": "w"}));
    }),
    ("a namesake of what is made", |world| {
        world.add(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": "n", "name": "c", "uid": "u-c"}, "data": {"a": "theirs"}}));
    }),
];

fn actions() -> [(&'static str, Action); 4] {
    let path = "/metadata/annotations/k";
    let annotation = json!([{"op": "test", "path": path, "value": "v"}, {"op": "remove", "path": path}]);
    [
        ("finalizer", drop_first()),
        ("annotation", Action::Patch(patch_of(annotation))),
        // Not deleting yet where this is sent: see below.
        ("deletion", Action::Delete(deletion())),
        (
            "creation",
            Action::Create(json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"namespace": "n", "name": "c"}, "data": {"a": "ours"}})),
        ),
    ]
}

fn world(action: &str) -> World {
    let mut world = World::of_text(WORLD);
    if action == "deletion" {
        world.recreate("EphemeralRunner", "n", "r", "u-1");
    }
    world
}

/// One run; every write that was accepted must be the one that was meant, on the object that was meant.
async fn race(
    action: &(&'static str, Action),
    change: (&'static str, Change),
    dry: bool,
    number: usize,
) -> bool {
    let api = Api::of(world(action.0));
    match dry {
        true => api.before_trial(number, change.1),
        false => api.before_write(number, change.1),
    }
    let done = writer(&api).await.carry_out(&action.1, &Step::default()).await;
    let what = format!(
        "{}, {} before {} {number}: {done:?}",
        action.0,
        change.0,
        if dry { "trial" } else { "write" }
    );
    let written = api.written();
    assert!(written.len() <= 1, "{what}");
    let after = api.world();
    let runner = after.object("EphemeralRunner", "n", "r");
    for write in &written {
        let meant = if action.0 == "creation" { write.kind == "ConfigMap" } else { write.uid == "u-1" };
        assert!(meant, "{what}: {write:?}");
    }
    // The namesake, and what somebody else put there, are as they made them.
    match change.0 {
        "another of its name" if action.0 != "creation" => {
            assert!(number > 1 || written.is_empty(), "{what}");
            if written.is_empty() {
                let runner = runner.unwrap();
                assert_eq!(runner["metadata"]["finalizers"], json!(["a/one", "a/two"]), "{what}");
                assert_eq!(runner["metadata"].get("deletionTimestamp"), None, "{what}");
            }
        }
        "a finalizer before it" if action.0 == "finalizer" => {
            let held = runner.unwrap()["metadata"]["finalizers"].clone();
            assert!(number > 1 || held == json!(["a/zero", "a/one", "a/two"]), "{what}");
        }
        "the value is another" if action.0 == "annotation" => {
            let value = runner.unwrap()["metadata"]["annotations"]["k"].clone();
            assert!(number > 1 || value == "w", "{what}");
        }
        "a namesake of what is made" if action.0 == "creation" => {
            let data = after.object("ConfigMap", "n", "c").unwrap()["data"]["a"].clone();
            assert!(number > 1 || data == "theirs", "{what}");
        }
        _ => {}
    }
    // What is said is what is so: a change that was made was accepted, and the other way round.
    assert_eq!(matches!(done, Ok(Done::Changed(_))), written.len() == 1, "{what}");
    written.is_empty()
}

#[tokio::test]
async fn two_hundred_races_and_no_wrong_write() {
    let (mut runs, mut stopped) = (0, 0);
    'all: loop {
        for action in actions() {
            for change in CHANGES {
                for (dry, number) in [(true, 1), (false, 1), (false, 2), (true, 2)] {
                    stopped += usize::from(race(&action, change, dry, number).await);
                    runs += 1;
                    if runs == 200 {
                        break 'all;
                    }
                }
            }
        }
    }
    // The changes did come in between.
    assert!(stopped > 30, "{stopped}");
}
