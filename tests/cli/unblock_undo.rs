//! `--undo JOURNAL`: what can be put back is put back, and what cannot is said.

use crate::run::arc;
use crate::run::done;
use crate::unblock::Scene;
use crate::unblock::world_of;
use crate::unblock_bad_luck::told;
use serde_json::Value;

/// A controller without its Secret: registration finalizers go for good, the annotation of the runner set can come back.
const GITHUB: &[&str] = &["ns/arc-release", "--yes", "--accept-loss", "registration"];
const ID: &str = "/metadata/annotations/runner-scale-set-id";

fn id(scene: &Scene) -> Option<Value> {
    let world = scene.api.world();
    world.object("AutoscalingRunnerSet", "arc-release", "release-ci").unwrap().pointer(ID).cloned()
}

fn let_go() -> Scene {
    let scene = Scene::of("helm-uninstall-secret-gone");
    assert!(id(&scene).is_some());
    let answer = scene.call(GITHUB);
    // What the controller is to do now is no longer waited for, and not taken for done.
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(
        answer.stdout.starts_with("Nothing is blocked any more; what is left goes by itself."),
        "{answer:?}"
    );
    assert!(!answer.stdout.contains("to go"), "{}", answer.stdout);
    assert_eq!(id(&scene), None);
    assert!(answer.stdout.contains("runner scale set 309"), "{}", answer.stdout);
    scene
}

#[test]
fn an_annotation_comes_back_and_a_finalizer_of_what_is_deleted_does_not() {
    let scene = let_go();
    let before = scene.api.world();
    let journal = scene.path("journal");
    let journal = journal.to_str().unwrap();
    scene.api.forget();

    let nobody = done(scene.bare(&["--undo", journal, "--journal"]).arg(scene.path("back")), "");
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.stderr.contains("say --yes"), "{}", nobody.stderr);
    for dry in ["client", "server"] {
        let answer = done(scene.bare(&["--undo", journal]).arg(format!("--dry-run={dry}")), "");
        assert!(told(&answer).contains("takes no finalizer back"), "{dry}: {answer:?}");
    }
    assert_eq!(scene.api.written(), []);

    let answer = done(scene.bare(&["--undo", journal, "--yes", "--journal"]).arg(scene.path("back")), "");
    assert_eq!(answer.code, 1, "not all of it can be put back: {answer:?}");
    assert!(told(&answer).contains("put back"), "{answer:?}");
    assert!(told(&answer).contains("cannot be put back: "), "{answer:?}");
    assert_eq!(id(&scene), Some("309".into()));
    let written = scene.api.written();
    assert_eq!(written.len(), 1, "{written:?}");
    // Nothing else is touched.
    let other = |object: &&Value| {
        object["metadata"]["name"] != "release-ci" || object["kind"] == "EphemeralRunnerSet"
    };
    let texts = |objects: &[Value]| objects.iter().filter(other).map(Value::to_string).collect::<Vec<_>>();
    assert_eq!(texts(&scene.api.world().objects), texts(&before.objects));

    let again = done(scene.bare(&["--undo", journal, "--yes", "--journal", "none"]).env("X", ""), "");
    assert!(told(&again).contains("nothing to do: "), "{again:?}");
    assert_eq!(scene.api.written().len(), 1, "a second time changes nothing");
}

#[test]
fn what_somebody_else_changed_since_is_not_overwritten() {
    let scene = let_go();
    scene
        .api
        .change(|world| world.set("AutoscalingRunnerSet", "arc-release", "release-ci", ID, "777".into()));
    let journal = scene.path("journal");
    let undo = ["--undo", journal.to_str().unwrap(), "--yes", "--journal", "none"];
    let answer = done(&mut scene.bare(&undo), "");
    assert_eq!(answer.code, 1, "{answer:?}");
    assert_eq!(id(&scene), Some("777".into()));
}

#[test]
fn the_journal_of_another_cluster_is_refused() {
    let scene = let_go();
    let other = Scene::of("helm-uninstall-secret-gone");
    let journal = scene.path("journal");
    let undo = ["--undo", journal.to_str().unwrap(), "--yes", "--journal", "none"];
    let answer = done(&mut other.bare(&undo), "");
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
    assert!(told(&answer).contains(&format!("the journal is of {}", scene.api.url())), "{}", answer.stderr);
    other.assert_untouched();
}

#[test]
fn what_is_no_journal_is_said_with_the_line_and_a_cut_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let undo = |text: Option<&str>| {
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        arc(&["unblock", "--undo", path.to_str().unwrap(), "--yes"])
    };
    let none = undo(None);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("no such file"), "{}", none.stderr);
    for (text, says) in [
        ("milk\nbread\n", "line 1: it is no JSON document"),
        ("{\"kind\":\"Pod\"}\n", "line 1: it is no line of a journal"),
        ("milk", "is no journal"),
        (
            "{\"kind\":\"Journal\",\"apiVersion\":\"kubectl-arc/v9\"}\n",
            "its apiVersion is \"kubectl-arc/v9\"",
        ),
    ] {
        let answer = undo(Some(text));
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{text}");
        assert!(answer.stderr.contains(says), "{text}: {}", answer.stderr);
    }
    let empty = undo(Some(""));
    assert_eq!(empty.code, 0, "{empty:?}");
    assert!(empty.stdout.contains("holds nothing that was changed"), "{}", empty.stdout);

    let scene = Scene::new(world_of(0..2));
    assert_eq!(scene.call(&["-n", "arc-ml", "--yes"]).code, 0);
    let whole = std::fs::read_to_string(scene.path("journal")).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 5);
    // Cut in the last answer: that write is not known to have happened. Cut in its intent: it was never sent.
    let answer = undo(Some(&whole[..whole.len() - 10]));
    assert_eq!(answer.code, 1);
    assert_eq!(answer.stdout.matches("arc-ml/").count(), 2, "{}", answer.stdout);
    assert!(told(&answer).contains("it is not known whether that happened"), "{answer:?}");
    let answer = undo(Some(&[&lines[..3].concat(), &lines[3][..40]].concat()));
    assert_eq!(answer.stdout.matches("arc-ml/").count(), 1, "{}", answer.stdout);
    assert!(!told(&answer).contains("not known"), "{answer:?}");
}
