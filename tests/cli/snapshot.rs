//! `snapshot`: a file that answers as the cluster did, and holds nobody's secret.

use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::EXAMPLES;
use crate::run::arc;
use crate::run::arc_reading;
use crate::run::done;
use crate::run::example;
use std::path::Path;

fn ask(api: &Api, arguments: &[&str]) -> Done {
    done(api.command(BINARY).args(arguments), "")
}

fn words<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

/// A folder that goes when the test ends.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn inside(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("the path is UTF-8").to_owned()
}

/// The JSON without what says where it was read, and the text likewise, which names its source with -v.
fn comparable(json: &Done, text: &Done) -> (serde_json::Value, String, i32, i32) {
    let mut answer = json.json();
    answer["source"] = serde_json::Value::Null;
    (answer, text.stdout.replace("(cluster, context", "(file, context"), json.code, text.code)
}

/// Saves what bears on the target and asks the cluster and the file; gives the file's text.
fn round_trip(api: &Api, target: &[&str], story: &str) -> String {
    let folder = folder();
    let file = inside(&folder, "saved.yaml");
    let saved = ask(api, &words(&[&["snapshot", "-o", &file], target]));
    assert_eq!(saved.code, 0, "{story} {target:?}: {}", saved.stderr);
    assert!(saved.stdout.starts_with("Saved ") && saved.stdout.lines().count() == 1, "{}", saved.stdout);
    let live =
        (ask(api, &words(&[&["why", "-o", "json"], target])), ask(api, &words(&[&["why", "-v"], target])));
    let filed = ["-f", file.as_str()];
    let filed = (
        arc(&words(&[&["why", "-o", "json"], &filed, target])),
        arc(&words(&[&["why", "-v"], &filed, target])),
    );
    assert_eq!(comparable(&live.0, &live.1), comparable(&filed.0, &filed.1), "{story} {target:?}");
    // The file tells who warned, since it is not the API server that is asked.
    let told = live.1.stderr.replace("Warning: ", "warning: the API server says: ");
    assert_eq!(told, filed.1.stderr, "{story} {target:?}");
    std::fs::read_to_string(&file).expect("the file")
}

#[test]
fn a_snapshot_answers_as_the_cluster_does() {
    for (name, target, _, _) in EXAMPLES {
        let api = Api::of(World::of_file(example(name)));
        round_trip(&api, target, name);
    }
}

#[test]
fn a_snapshot_of_the_whole_cluster_answers_for_all_of_it() {
    for (name, _, _, _) in EXAMPLES {
        round_trip(&Api::of(World::of_file(example(name))), &["-A"], name);
    }
}

/// What could not be read is as unread in the file as it was in the cluster, and says so in the same words.
#[test]
fn what_was_refused_is_still_unread_in_the_file() {
    let kinds = [
        ("v1", "Secret"),
        ("v1", "Pod"),
        ("rbac.authorization.k8s.io/v1", "Role"),
        ("apps/v1", "Deployment"),
        ("actions.github.com/v1alpha1", "AutoscalingListener"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("authorization.k8s.io/v1", "SubjectAccessReview"),
    ];
    let scenarios = [
        ("helm-uninstall-secret-gone", "ns/arc-release", "forbidden"),
        ("controller-moved", "ns/arc-old", "failed"),
    ];
    for (name, target, error) in scenarios {
        for (api_version, kind) in kinds {
            let mut world = World::of_file(example(name));
            world.refuse(api_version, kind, "*", error);
            let api = Api::of(world);
            if kind == "SubjectAccessReview" {
                api.fault("/subjectaccessreviews", Fault::Code(if error == "failed" { 500 } else { 403 }));
            }
            let text = round_trip(&api, &[target], &format!("{name} {error} {kind}"));
            let asked = kind != "SubjectAccessReview" || text.contains(kind);
            assert!(!asked || text.contains(&format!("error: \"{error}: ")), "{error} {kind}: {text}");
        }
    }
    let mut world = World::of_file(example("healthy"));
    world.refuse("actions.github.com/v1alpha1", "EphemeralRunner", "*", "not-served");
    let api = Api::of(world);
    api.fault("/apis/apps/v1", Fault::Code(503));
    api.fault("/roles", Fault::Warning("roles are old".to_owned()));
    round_trip(&api, &["-A"], "half of it gone");
}

#[test]
fn what_could_not_be_read_is_told_on_stderr_and_is_no_failure() {
    let mut world = World::of_file(example("healthy"));
    world.refuse("v1", "Secret", "*", "forbidden");
    let saved = ask(&Api::of(world), &["snapshot", "-n", "arc-web"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    assert_eq!(saved.stderr, "warning: Secret of arc-systems, arc-web could not be read (forbidden)\n");
    let api = Api::of(World::of_file(example("healthy")));
    let nowhere = ask(&api, &["snapshot", "-n", "nowhere"]);
    assert_eq!(nowhere.code, 0);
    assert_eq!(nowhere.stderr, "warning: Namespace nowhere is not in the cluster\n");
}

/// The file knows the namespace that it was taken for, as a kubeconfig does.
#[test]
fn without_a_namespace_the_file_means_the_one_it_was_taken_for() {
    let api = Api::of(World::of_file(example("helm-uninstall-secret-gone")));
    let folder = folder();
    let file = inside(&folder, "saved.yaml");
    ask(&api, &["snapshot", "-n", "arc-release", "-o", &file]);
    let named = ask(&api, &["why", "-n", "arc-release", "-o", "json"]);
    for target in [&[][..], &["release-ci"], &["secret/gh-app-release"]] {
        let live = ask(&api, &words(&[&["why", "-n", "arc-release", "-o", "json"], target]));
        let filed = arc(&words(&[&["why", "-f", &file, "-o", "json"], target]));
        assert_eq!(comparable(&live, &named), comparable(&filed, &named), "{target:?}");
    }
}

/// A kind that no table knows is read by its metadata alone, and the file says so.
#[test]
fn what_was_read_by_its_metadata_alone_is_not_taken_for_all_there_is() {
    let mut world = World::of_file(example("healthy"));
    world.add(serde_json::json!({
        "apiVersion": "example.com/v1", "kind": "Widget",
        "metadata": {"name": "w", "namespace": "arc-web", "uid": "u", "creationTimestamp": "2026-11-20T00:00:00Z",
                     "deletionTimestamp": "2026-11-20T01:00:00Z", "finalizers": ["example.com/held"]},
        "spec": {"password": "canary"},
    }));
    let api = Api::of(world);
    for target in [&["-n", "arc-web", "widget/w"][..], &["-n", "arc-web", "widgets,pods"]] {
        let text = round_trip(&api, target, "a widget");
        let widget =
            text.split("---\n").find(|document| document.contains("kind: Widget\n")).expect("the widget");
        assert!(widget.contains("metadataOnly: true\n") && !widget.contains("spec"), "{widget}");
    }
}

#[test]
fn two_snapshots_of_one_state_are_the_same_bytes() {
    let example = example("helm-uninstall-secret-gone");
    let save = |world: World, time: &str| {
        let mut world = world;
        time.clone_into(&mut world.time);
        ask(&Api::of(world), &["snapshot", "ns/arc-release"]).stdout
    };
    let one = save(World::of_file(&example), "2026-11-21T06:20:00Z");
    let mut world = World::of_file(&example).page_size(1);
    world.objects.reverse();
    world.reviews.reverse();
    let other = save(world, "2026-11-21T06:30:00Z");
    assert_ne!(one, other);
    assert_eq!(one.replace("06:20:00Z", "06:30:00Z"), other);
}

/// Wherever a secret may stand in an object that is read, it is planted, and nothing of it is in the file.
#[test]
fn no_planted_secret_is_in_the_file() {
    let mut world = World::of_file(example("version-mismatch"));
    let token = "ghs_CANARYCANARYCANARYCANARYCANARYCANARY";
    for object in &mut world.objects {
        let applied = "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"CANARY\"}}";
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
            applied.into();
        object["metadata"]["annotations"]["example.com/backup"] = applied.into();
        object["metadata"]["annotations"]["example.com/note"] =
            format!("clone of https://me:CANARY@h, {token}").into();
        object["metadata"]["managedFields"] = serde_json::json!([{"manager": "m", "operation": "Update", "fieldsV1": {
            "f:data": {"f:k": {"v:\"CANARY\"": {}}}}}]);
        let env = serde_json::json!([{"name": "TOKEN", "value": "CANARY"}]);
        let container = serde_json::json!([{"name": "c", "env": env}]);
        match object["kind"].as_str().unwrap_or_default() {
            "Secret" => {
                object["data"] = serde_json::json!({"github_token": "CANARY"});
                object["stringData"] = serde_json::json!({"github_token": "CANARY"});
            }
            "EphemeralRunner" => {
                object["status"]["runnerJITConfig"] = "CANARY".into();
                object["spec"]["spec"]["containers"] = container;
            }
            "AutoscalingRunnerSet" | "AutoscalingListener" | "EphemeralRunnerSet" => {
                object["spec"]["githubConfigUrl"] = "https://me:CANARY@github.com/acme".into();
                object["spec"]["proxy"] = serde_json::json!({"http": {"url": "http://me:CANARY@proxy:3128"}});
                object["spec"]["template"]["spec"]["containers"] = container;
            }
            "Deployment" => object["spec"]["template"]["spec"]["containers"] = container,
            "Pod" => object["spec"]["containers"][0]["env"] = env,
            _ => {}
        }
    }
    for log in &mut world.logs {
        let lines = log["lines"].as_array_mut().expect("lines");
        lines.push(format!("GET https://me:CANARY@github.com with {token}").into());
    }
    for review in &mut world.reviews {
        review["status"]["reason"] = "webhook https://me:CANARY@authz said so".into();
    }
    let api = Api::of(world);
    api.fault("/rolebindings", Fault::Warning(format!("ask https://me:CANARY@h with {token}")));
    for target in [&["-A"][..], &["-n", "arc-docs", "docs"], &["-n", "arc-web"]] {
        let saved = ask(&api, &words(&[&["snapshot"], target]));
        assert_eq!(saved.code, 0, "{}", saved.stderr);
        assert!(
            !saved.stdout.contains("CANARY") && !saved.stderr.contains("CANARY"),
            "{target:?}: {}{}",
            saved.stdout,
            saved.stderr
        );
        assert!(
            saved.stdout.contains("kind: Secret") && saved.stdout.contains("example.com/note"),
            "{target:?}"
        );
        assert!(saved.stdout.contains("kind: PodLog"), "{target:?}");
    }
}

/// A dump that somebody took with kubectl becomes one that can be sent.
#[test]
fn files_are_written_anew_without_their_secrets() {
    let folder = folder();
    let (one, two) = (inside(&folder, "one.yaml"), inside(&folder, "two.yaml.gz"));
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/file/canaries.yaml");
    let saved = arc(&["snapshot", "-f", dump, "-o", &one]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    assert_eq!(saved.stdout, format!("Saved 7 objects, 1 access review and 1 log in {one}\n"));
    let text = std::fs::read_to_string(&one).expect("the file");
    assert!(!text.replace("CANARY-free", "").contains("CANARY"), "{text}");
    assert!(text.contains("github_app_private_key: \"\""), "{text}");
    // Once it is written, it stays as it is.
    assert_eq!(arc(&["snapshot", "-f", &one, "-o", &two]).code, 0);
    assert_eq!(arc(&["snapshot", "-f", &two]).stdout, text);
    for (name, target, code, _) in EXAMPLES {
        let file = example(name);
        let written = arc(&["snapshot", "-f", &file]);
        let original = arc(&words(&[&["why", "-o", "json", "-f", &file], target]));
        let anew = arc_reading(&words(&[&["why", "-o", "json", "-f", "-"], target]), &written.stdout);
        assert_eq!((anew.code, &anew.stdout), (*code, &original.stdout), "{name}");
    }
    // That a file holds all there was is kept with it.
    let document = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a, creationTimestamp: 2026-11-21T00:00:00Z}\n";
    let whole = arc_reading(&["snapshot", "-f", "-", "--complete"], document).stdout;
    assert_eq!(arc_reading(&["why", "-f", "-"], document).code, 3);
    assert_eq!(arc_reading(&["why", "-f", "-"], &whole).code, 0, "{whole}");
}

#[cfg(unix)]
fn mode(path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn the_file_is_for_the_user_alone_and_nothing_is_lost() {
    let api = Api::of(World::of_file(example("healthy")));
    let folder = folder();
    let (plain, packed) = (inside(&folder, "plain.yaml"), inside(&folder, "packed.yaml.gz"));
    let save = |file: &str, more: &[&str]| ask(&api, &words(&[&["snapshot", "-A", "-o", file], more]));
    assert_eq!(save(&plain, &[]).code, 0);
    assert_eq!(save(&packed, &[]).code, 0);
    let text = std::fs::read_to_string(&plain).expect("the file");
    let bytes = std::fs::read(&packed).expect("the file");
    assert!(bytes.starts_with(&[0x1f, 0x8b]) && bytes.len() < text.len() / 4);
    assert_eq!(arc(&["why", "-f", &packed, "-A"]).stdout, arc(&["why", "-f", &plain, "-A"]).stdout);
    #[cfg(unix)]
    assert_eq!((mode(&plain), mode(&packed)), (0o600, 0o600));
    for stdout in [&["snapshot", "-A"][..], &["snapshot", "-A", "-o", "-"], &["snapshot", "-A", "-o", "yaml"]]
    {
        assert_eq!(ask(&api, stdout).stdout, text, "{stdout:?}");
    }
    api.forget();
    let refused = save(&plain, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(
        refused.stderr.contains("exists already") && refused.stderr.contains("--overwrite"),
        "{}",
        refused.stderr
    );
    assert!(api.requests().is_empty(), "it is refused before the cluster is asked");
    assert_eq!(save(&plain, &["--overwrite"]).code, 0);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 2, "nothing half written stays behind: {left:?}");
}

#[test]
fn what_cannot_be_written_or_does_not_go_together_is_refused() {
    let file = example("healthy");
    let refused = |arguments: &[&str], word: &str| {
        let done = arc(arguments);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(word), "{arguments:?}: {}", done.stderr);
    };
    refused(&["snapshot", "-f", &file, "-o", "/nonexistent/x.yaml"], "no such folder");
    refused(&["snapshot", "-f", &file, "-o", env!("CARGO_MANIFEST_DIR")], "is a folder");
    refused(&["snapshot", "-f", &file, "-o", "json"], "YAML");
    refused(&["snapshot", "-f", &file, "-o", "x.json"], "*.yaml.gz");
    refused(&["snapshot", "-f", &file, "-o", ""], "--output");
    refused(&["snapshot", "-f", &file, "ns/arc-web"], "TARGET");
    refused(&["snapshot", "-f", &file, "-A"], "--all-namespaces");
    refused(&["snapshot", "-f", &file, "-n", "arc-web"], "--namespace");
    refused(&["snapshot", "--complete"], "--filename");
    refused(&["snapshot", "-f", "/nonexistent/in.yaml"], "/nonexistent/in.yaml");
    refused(&["snapshot", "ns/a/b"], "ns/a/b");
    refused(&["snapshot"], "/nonexistent/kubeconfig");
    assert!(
        !Path::new("/nonexistent").exists() && !Path::new("json").exists() && !Path::new("x.json").exists()
    );
}
