//! Plans that are only printed, reviewed plans, and putting back: what is written to the cluster is what was asked for.

use crate::api::World;
use crate::run::arc;
use crate::run::done;
use crate::run::example;
use crate::unblock::Scene;
use crate::unblock::name_of;
use crate::unblock::world_of;
use crate::unblock_bad_luck::told;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

const ORPHANS: &[&str] = &["-n", "arc-ml"];
/// A controller without its Secret: it costs registrations, and one change can be taken back.
#[cfg(unix)]
const GITHUB: &[&str] = &["ns/arc-release", "--accept-loss", "registration"];

/// Makes a plan of the scene, and changes nothing.
fn plan_of(scene: &Scene, target: &[&str]) -> (PathBuf, Value) {
    let answer = done(scene.bare(target).args(["-o", "json"]), "");
    assert_eq!(answer.code, 1, "something is blocked: {answer:?}");
    let path = scene.path("plan.json");
    std::fs::write(&path, &answer.stdout).unwrap();
    (path, answer.json())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_dry_run_changes_nothing_and_the_server_judges_if_asked_to() {
    let scene = Scene::new(world_of(0..2));
    let client = done(scene.bare(ORPHANS).arg("--dry-run=client"), "");
    assert_eq!(client.code, 1);
    assert!(!scene.api.asked().iter().any(crate::api::Asked::is_write));
    let server = done(scene.bare(ORPHANS).arg("--dry-run=server"), "");
    assert_eq!((server.code, &server.stdout), (1, &client.stdout), "{}", server.stderr);
    assert_eq!(server.stderr.matches("the server would take it: ").count(), 2, "{}", server.stderr);
    assert!(server.stderr.ends_with("nothing was changed\n"), "{}", server.stderr);
    let asked = scene.api.asked();
    assert_eq!(asked.iter().filter(|one| one.is_write()).count(), 2);
    assert!(asked.iter().filter(|one| one.is_write()).all(crate::api::Asked::is_dry));

    let words = "admission webhook \"guard.example.com\" denied the request: not on Fridays";
    scene.api.strike(crate::api::On::every("PATCH"), crate::api::Fault::Says(403, "Forbidden", words));
    let refused = done(scene.bare(ORPHANS).arg("--dry-run=server"), "");
    assert!(told(&refused).contains("guard.example.com"), "{refused:?}");
    assert!(refused.stderr.contains("the server would refuse something; nothing was changed"), "{refused:?}");
    scene.assert_untouched();
}

/// Whoever has the rights of the Role by nothing else may bind it only once it is there.
#[test]
fn what_needs_the_change_before_it_is_not_refused() {
    let scene = Scene::of("rbac-role-gone");
    let binding = crate::api::On { path: "/rolebindings", ..crate::api::On::every("POST") };
    scene.api.strike(binding, crate::api::Fault::LacksRole("tools-gha-rs-manager"));
    let server = done(scene.bare(&["-n", "arc-tools", "tools"]).arg("--dry-run=server"), "");
    assert_eq!(server.code, 1, "{server:?}");
    assert!(!told(&server).contains("warning:"), "{}", server.stderr);
    for line in [
        "the server would take it: create Role arc-tools/tools-gha-rs-manager\n",
        "create RoleBinding arc-tools/tools-gha-rs-manager: can only be judged after the change before it\n",
    ] {
        assert!(server.stderr.contains(line), "{}", server.stderr);
    }
    scene.assert_untouched();
}

#[test]
fn a_file_and_the_cluster_give_the_same_plan_in_every_format() {
    let file = example("cleanup-protection-orphan");
    let scene = Scene::of("cleanup-protection-orphan");
    for format in ["text", "json", "yaml", "script"] {
        let live = done(scene.bare(ORPHANS).args(["-o", format]), "");
        let filed = arc(&["unblock", "-f", &file, "-n", "arc-ml", "-o", format]);
        assert_eq!((live.code, filed.code), (1, 1), "{format}: {}", filed.stderr);
        let same = |text: &str| {
            let lines = text.lines().filter(|line| !line.contains("\"type\": ") && !line.contains("type: "));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(same(&live.stdout), same(&filed.stdout), "{format}");
    }
    for (extra, says) in [
        (&["--dry-run=server"] as &[&str], "a file has no server that could judge"),
        (&["--yes"], "cannot be used with"),
    ] {
        let answer = arc(&[&["unblock", "-f", &file, "-n", "arc-ml"], extra].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
        assert!(answer.stderr.contains(says), "{}", answer.stderr);
    }
}

/// A kubectl that only says what it was asked.
#[cfg(unix)]
#[test]
fn the_script_runs_the_commands_of_the_plan() {
    use std::os::unix::fs::PermissionsExt;
    for (name, target) in [
        ("cleanup-protection-orphan", ORPHANS),
        ("helm-uninstall-secret-gone", GITHUB),
        ("controller-moved", &["-n", "arc-tools", "tools"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = example(name);
        let call = |format| arc(&[&["unblock", "-f", &file, "-o", format], target].concat());
        let kubectl = folder.path().join("kubectl");
        std::fs::write(&kubectl, "#!/bin/sh\nprintf '%s' kubectl\nprintf ' <%s>' \"$@\"\necho\n").unwrap();
        std::fs::set_permissions(&kubectl, std::fs::Permissions::from_mode(0o755)).unwrap();
        let run = |script: &str| {
            let path = folder.path().join("script");
            std::fs::write(&path, script).unwrap();
            let mut shell = std::process::Command::new("/bin/sh");
            let system = std::env::var("PATH").unwrap();
            let output = shell.arg(&path).env("PATH", format!("{}:{system}", folder.path().display()));
            let output = output.output().unwrap();
            assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let steps = call("json").json()["steps"].clone();
        let changes = steps.as_array().unwrap().iter().flat_map(|step| step["changes"].as_array().unwrap());
        let commands: Vec<&str> = changes.map(|change| change["command"].as_str().unwrap()).collect();
        let said = run(&call("script").stdout);
        assert_eq!(said, run(&commands.join("\n")), "{name}");
        assert_eq!(said.lines().filter(|line| line.starts_with("kubectl")).count(), commands.len(), "{said}");
    }
}

#[test]
fn a_reviewed_plan_is_done_as_it_stands() {
    let scene = Scene::new(world_of(0..2));
    let (file, plan) = plan_of(&scene, ORPHANS);
    let answer = scene.call(&[ORPHANS, &["--plan", text(&file)]].concat());
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(scene.gone().len(), 2);
    for (step, written) in plan["steps"].as_array().unwrap().iter().zip(scene.api.written()) {
        assert_eq!(step["changes"][0]["patch"], written.body);
    }
    let again = scene.call(&[ORPHANS, &["--plan", text(&file)]].concat());
    assert_eq!((again.code, scene.api.written().len()), (0, 2), "it is done: {again:?}");
}

#[test]
fn a_plan_of_another_cluster_or_of_another_day_is_refused() {
    let made = Scene::new(world_of(0..2));
    let (file, plan) = plan_of(&made, ORPHANS);
    let [one, two] = [0, 1].map(|step| name_of(&plan["steps"][step]["object"]));
    assert_ne!(one, two);
    let change = |what: fn(&mut World)| {
        let mut world = world_of(0..2);
        what(&mut world);
        world
    };
    let secret = "ml-gha-rs-github-secret";
    assert!(one.ends_with(secret));
    let cases: [(World, &[&str], &str); 4] = [
        // Somebody else took the first one away.
        (world_of(1..2), ORPHANS, "has moved on since"),
        // It was made and deleted again.
        (
            change(|world| {
                world.set("Secret", "arc-ml", "ml-gha-rs-github-secret", "/metadata/uid", "u-2".into());
            }),
            ORPHANS,
            "step 1: changes was",
        ),
        (change(|world| world.context = "prod".to_owned()), ORPHANS, ""),
        (
            World::of_file(example("crds-deleted-controller-gone")),
            &["-A"],
            "step 1: release-protected-object is no way out of",
        ),
    ];
    for (world, target, says) in cases {
        let scene = Scene::new(world);
        let answer = scene.call(&[target, &["--plan", text(&file)]].concat());
        if says.is_empty() {
            assert_eq!(answer.code, 0, "the name of a context decides nothing: {answer:?}");
            continue;
        }
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{}", answer.stderr);
        assert!(told(&answer).contains(says), "{says}: {}", answer.stderr);
        scene.assert_untouched();
        assert!(!scene.path("journal").exists());
    }
    // The refusal says that it is another cluster, where that can be told.
    let mut other = world_of(1..2);
    other.context = "prod".to_owned();
    let answer = Scene::new(other).call(&[ORPHANS, &["--plan", text(&file)]].concat());
    assert!(told(&answer).contains("was made in context \"lab\", and does not fit \"prod\""), "{answer:?}");
}

#[test]
fn a_file_that_is_no_plan_is_refused_before_anybody_is_asked() {
    let scene = Scene::new(world_of(0..1));
    let path = scene.path("no-plan");
    for (content, says) in [
        ("a: b\n", "holds no plan"),
        ("", "no-plan"),
        ("{\"apiVersion\":\"kubectl-arc/v1alpha1\",\"kind\":\"Diagnosis\"}", "holds no plan"),
        (
            "{\"apiVersion\":\"kubectl-arc/v1alpha1\",\"kind\":\"Plan\",\"steps\":[]}",
            "holds a plan without steps",
        ),
        (
            "{\"apiVersion\":\"kubectl-arc/v1alpha1\",\"kind\":\"Plan\",\"steps\":{}}",
            "holds a plan without steps",
        ),
        ("{\"apiVersion\":", "no-plan"),
    ] {
        std::fs::write(&path, content).unwrap();
        let answer = scene.call(&[ORPHANS, &["--plan", text(&path)]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{content}");
        assert!(answer.stderr.contains(says), "{content}: {}", answer.stderr);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(scene.call(&[ORPHANS, &["--plan", text(&path)]].concat()).code, 2);
    assert_eq!(scene.api.asked(), []);
}

/// Makes a schema refuse every field that it does not name.
fn close(schema: &mut Value) {
    let is_object = schema.get("type") == Some(&json!("object")) && schema.get("properties").is_some();
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if is_object {
                map.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn every_plan_is_valid_by_the_published_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/plan.schema.json");
    let mut schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut steps = 0;
    for (name, target, _, _) in crate::run::EXAMPLES {
        let file = example(name);
        for target in [*target, &["-A"] as &[&str]] {
            for loss in ["none", "data"] {
                let arguments = ["unblock", "-f", &file, "-o", "json", "--accept-loss", loss];
                let plan = arc(&[&arguments, target].concat()).json();
                let errors: Vec<String> =
                    validator.iter_errors(&plan).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{name}: {errors:?}");
                steps += plan["steps"].as_array().unwrap().len();
            }
        }
    }
    assert!(steps > 20, "{steps}");
    assert!(!validator.is_valid(&json!({"apiVersion": "kubectl-arc/v1alpha1", "kind": "Plan"})));
}
