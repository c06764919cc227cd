//! What goes wrong while `unblock` writes: nothing is written that should not be, and the answer says what happened.

use crate::api::Fault;
use crate::api::On;
use crate::run::Done;
use crate::run::done;
use crate::unblock::PROTECTION;
use crate::unblock::Scene;
use crate::unblock::called;
use crate::unblock::world_of;
use serde_json::json;
use std::process::Stdio;

const ALL: &[&str] = &["-n", "arc-ml", "--yes"];

/// What was told, without its line breaks.
pub fn told(done: &Done) -> String {
    [done.stdout.as_str(), &done.stderr].concat().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn whoever_may_not_patch_is_told_what_is_lacking() {
    let scene = Scene::new(world_of(0..2));
    let words = "secrets \"ml-gha-rs-github-secret\" is forbidden: User \"reader\" cannot patch resource \"secrets\" in \
                 API group \"\" in the namespace \"arc-ml\"";
    scene.api.strike(On::every("PATCH"), Fault::Says(403, "Forbidden", words));
    let answer = scene.call(ALL);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.stdout.starts_with("Still blocked"), "{}", answer.stdout);
    let told = told(&answer);
    assert!(told.contains("User \"reader\" cannot patch resource \"secrets\""), "{told}");
    assert!(told.contains("kubectl auth can-i"), "{told}");
    assert!(!told.contains("More can be done"), "he would be refused again: {told}");
    scene.assert_untouched();
    assert_eq!(scene.journal("Intent").len(), 0, "nothing was about to be sent");
}

#[test]
fn two_people_at_once_do_everything_once() {
    let scene = Scene::of("cleanup-protection-orphan");
    let children = ["one", "two"].map(|journal| {
        let mut command = scene.bare(ALL);
        command.arg("--journal").arg(scene.path(journal));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut objects: Vec<String> = scene.api.written().iter().map(called).collect();
    objects.sort();
    assert_eq!(objects, scene.gone());
    assert_eq!(objects.len(), 6);
}

#[test]
fn a_journal_is_written_by_one_run_at_a_time() {
    let scene = Scene::new(world_of(0..1));
    let held = std::fs::OpenOptions::new().append(true).create(true).open(scene.path("journal")).unwrap();
    held.lock().unwrap();
    let answer = scene.call(ALL);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("another run is writing to"), "{}", answer.stderr);
    scene.assert_untouched();
}

#[test]
fn a_server_that_is_lost_in_the_middle_leaves_the_truth_and_a_second_run_finishes() {
    let scene = Scene::new(world_of(0..3));
    let (sender, third) = std::sync::mpsc::channel();
    scene.api.before_trial(3, move |_| {
        sender.send(()).unwrap();
        // The test is by then the next in line for the world.
        std::thread::sleep(std::time::Duration::from_secs(3));
    });
    let child = scene.command(ALL).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    third.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    scene.api.fault("/", Fault::CutBefore);
    let output = child.unwrap().wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("Still blocked: "), "{said}");
    assert!(said.contains("patched Secret arc-ml/ml-gha-rs-github-secret: it is gone"), "{said}");
    let written = scene.api.written().len();
    assert!(written == 2 || written == 3, "{written}");
    assert!(scene.journal("Intent").len() >= written);

    scene.api.heal();
    let second = scene.call(ALL);
    assert_eq!(second.code, 0, "{second:?}");
    assert_eq!((scene.gone().len(), scene.api.written().len()), (3, 3));
}

#[test]
fn a_webhook_that_puts_the_finalizer_back_is_named() {
    let mut world = world_of(0..1);
    world.add(json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "keeper", "uid": "u-keeper", "creationTimestamp": "2026-11-20T00:00:00Z"},
        "webhooks": [{"name": "keeper.example.com", "failurePolicy": "Fail", "sideEffects": "None",
            "clientConfig": {"url": "https://keeper.example.com"}, "admissionReviewVersions": ["v1"],
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"],
                       "operations": ["UPDATE"], "scope": "*"}]}],
    }));
    for dry in [Some(true), Some(false)] {
        let scene = Scene::new(world.clone());
        scene.api.strike(On { dry, ..On::every("PATCH") }, Fault::PutsBack(PROTECTION));
        let answer = scene.call(ALL);
        assert_eq!(answer.code, 1, "{answer:?}");
        let told = told(&answer);
        assert!(told.contains("comes back with metadata.finalizers[0] as it was"), "{told}");
        assert!(told.contains("keeper.example.com"), "{told}");
        assert_eq!(scene.gone(), [""; 0]);
        let outcomes: Vec<_> =
            scene.journal("Answer").iter().map(|answer| answer["outcome"].clone()).collect();
        let expected = if dry == Some(true) { vec![] } else { vec![json!("undone")] };
        assert_eq!(outcomes, expected);
    }
}

#[test]
fn a_busy_server_is_asked_again_when_it_wants_to_be() {
    let scene = Scene::new(world_of(0..1));
    scene.api.strike(On { times: 1, ..On::every("PATCH") }, Fault::Busy(1));
    scene.api.strike(On { times: 1, dry: Some(false), ..On::every("PATCH") }, Fault::Busy(2));
    let began = std::time::Instant::now();
    let answer = scene.call(ALL);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(began.elapsed().as_secs() >= 3, "it waited as long as the server wished");
    assert_eq!(scene.gone().len(), 1);
    scene.assert_journalled();
}

#[test]
fn a_journal_that_cannot_be_written_keeps_everything_from_being_written() {
    let scene = Scene::new(world_of(0..1));
    let folder = scene.folder.path().to_str().unwrap().to_owned();
    let nowhere = format!("{folder}/no/such/journal");
    let other = scene.path("other");
    std::fs::write(&other, "this is a shopping list\n").unwrap();
    let places = [
        (folder.as_str(), "is a folder"),
        (nowhere.as_str(), "no such folder"),
        ("/dev/full", "does not keep what is written to it"),
        (other.to_str().unwrap(), "line 1: it is no JSON document"),
    ];
    for (place, says) in places {
        let answer = done(scene.bare(ALL).args(["--journal", place]), "");
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{place}: {}", answer.stderr);
        assert!(answer.stderr.contains(says), "{place}: {}", answer.stderr);
    }
    // The folder that is taken where none is named.
    let answer = done(scene.bare(ALL).env("HOME", "/dev/null"), "");
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.stderr.contains("cannot write the journal /dev/null/"), "{}", answer.stderr);
    scene.assert_untouched();
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "this is a shopping list\n");
}

#[test]
fn a_disk_that_fills_up_stops_it_before_the_write() {
    let scene = Scene::new(world_of(0..1));
    // Room for the first line, and not for what is to be written.
    let whole = scene.command(ALL);
    let mut command = scene.api.command("/bin/sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(whole.get_program())
        .args(whole.get_args());
    let answer = done(&mut command, "");
    assert!(answer.code == 1 || answer.code == 2, "{answer:?}");
    assert!(told(&answer).contains("cannot write the journal"), "{answer:?}");
    scene.assert_untouched();
}

#[test]
fn without_a_journal_nothing_is_kept_and_by_default_each_run_keeps_its_own() {
    let scene = Scene::new(world_of(0..2));
    let home = scene.path("home");
    let state = home.join(".local/state/kubectl-arc");
    let call = |extra: &[&str]| done(scene.bare(ALL).args(extra).env("HOME", &home), "");
    let answer = call(&["--journal", "none"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(!answer.stdout.contains("Noted in"), "{}", answer.stdout);
    assert!(!state.exists() && !std::path::Path::new("none").exists());

    let before = scene.before.clone();
    scene.api.change(|world| *world = before);
    let answer = call(&[]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let files: Vec<_> = std::fs::read_dir(&state).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert!(answer.stdout.contains(files[0].to_str().unwrap()), "{}", answer.stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn with_nobody_to_ask_it_does_what_costs_nothing() {
    for extra in [&["--yes"] as &[&str], &[]] {
        let scene = Scene::new(world_of(0..1));
        let whole = scene.command(&[&["-n", "arc-ml"], extra].concat());
        let mut command = scene.api.command("/bin/sh");
        command.args(["-c", "exec \"$@\" <&-", "sh"]).arg(whole.get_program()).args(whole.get_args());
        let answer = done(&mut command, "");
        assert_eq!(answer.code, 0, "{answer:?}");
        assert_eq!(scene.gone().len(), 1);
    }
    let scene = Scene::of("crds-deleted-controller-gone");
    let answer = scene.call(&["-n", "arc-build", "build"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(told(&answer).contains("Nothing can be done by this program without a loss"), "{answer:?}");
    scene.assert_untouched();
    assert!(!scene.path("journal").exists(), "a run that writes nothing keeps no journal");
}
