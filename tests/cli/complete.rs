//! How words go on: as kubectl asks for it, from a served cluster, and from the kubeconfig.

use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::arc;
use crate::run::done;
use crate::run::example;
use serde_json::json;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// A second, and what a busy machine takes to start a program.
const IN_TIME: Duration = Duration::from_secs(5);
/// How often names are asked for that have to be there: on a busy machine a second may be over before they are read.
pub const TRIES: usize = 10;

fn complete_with(mut command: Command, words: &[&str]) -> Vec<String> {
    let begun = Instant::now();
    let Done { stdout, stderr, code } = done(command.arg0("kubectl_complete-arc").args(words), "");
    assert!(begun.elapsed() < IN_TIME, "{words:?} took {:?}", begun.elapsed());
    assert_eq!((code, stderr.as_str()), (0, ""), "{words:?}");
    let lines: Vec<String> = stdout.lines().map(str::to_owned).collect();
    let (last, ways) = lines.split_last().unwrap();
    assert!(last.strip_prefix(':').is_some_and(|number| number.parse::<u8>().is_ok()), "{words:?}: {stdout}");
    for way in ways {
        assert!(!way.is_empty() && !way.starts_with(':'), "{words:?}: {stdout}");
        assert!(
            way.matches('\t').count() <= 1 && !way.replace('\t', "").contains(char::is_control),
            "{way:?}"
        );
    }
    lines
}

fn complete_once(api: &Api, words: &[&str]) -> Vec<String> {
    complete_with(api.command(BINARY), words)
}

/// Once more while the answer is that there was no time for one.
fn complete(api: &Api, words: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..TRIES {
        api.forget();
        lines = complete_once(api, words);
        if lines != [":4"] {
            break;
        }
    }
    lines
}

/// What is answered once this name is among it.
fn complete_named(api: &Api, words: &[&str], name: &str) -> Vec<String> {
    has_name(|| complete(api, words), name)
}

fn has_name(mut ask: impl FnMut() -> Vec<String>, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..TRIES {
        lines = ask();
        if names(&lines).contains(&name) {
            return lines;
        }
    }
    panic!("{name} is not offered: {lines:?}");
}

fn served() -> Api {
    Api::of(World::of_file(example("helm-uninstall-secret-gone")))
}

/// The ways without what they are.
fn names(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split('\t').next().unwrap_or_default()).collect()
}

#[test]
fn runner_sets_that_are_going_away_stand_first_and_then_the_types() {
    let api = served();
    let lines = complete_named(&api, &["why", "-n", "arc-release", ""], "release-ci");
    assert!(lines[0].starts_with("release-ci\trunner set, deleting for "), "{lines:?}");
    assert_eq!(lines[1], "autoscalingrunnersets\tAutoscalingRunnerSet");
    assert_eq!(lines.last().map(String::as_str), Some(":36"));
    assert_eq!(
        names(&complete_named(&api, &["unblock", "-n", "arc-release", "rel"], "release-ci")),
        ["release-ci", ":36"]
    );
    assert_eq!(names(&complete(&api, &["why", "-n", "nowhere", "rel"])).len(), 1);
}

#[test]
fn names_of_a_type_come_with_one_request_for_metadata() {
    let api = served();
    let expected = {
        let world = api.world();
        let count = |namespace: &str| {
            let runners = world.objects.iter().filter(|object| object["kind"] == "EphemeralRunner");
            runners.filter(|object| object["metadata"]["namespace"] == namespace).count()
        };
        count("arc-release")
    };
    for words in [&["ephemeralrunner", ""][..], &["EphemeralRunners.actions.github.com/"]] {
        let words: Vec<&str> = ["why", "--namespace=arc-release"].iter().chain(words).copied().collect();
        let lines = complete(&api, &words);
        assert_eq!(lines.len(), expected + 1, "{lines:?}");
        let asked = api.asked();
        assert_eq!(asked.len(), 1, "{:?}", api.requests());
        assert!(asked[0].accept.contains("PartialObjectMetadata"), "{}", asked[0].accept);
    }
    let namespaces = complete(&api, &["why", "-n", "arc-"]);
    assert!(names(&namespaces).contains(&"arc-release"), "{namespaces:?}");
    let slashed = complete(&api, &["why", "ns/arc-rel"]);
    assert_eq!(names(&slashed), ["ns/arc-release", ":36"]);
    assert_eq!(names(&complete(&api, &["why", "ns/arc-release", "sec"])), ["secrets/", ":6"]);
    assert_eq!(
        names(&complete(&api, &["why", "ns", "arc-release", "arc-rel"])),
        [":36"],
        "it is there already"
    );
}

#[test]
fn a_file_gives_its_own_names_and_no_cluster_is_asked() {
    let api = served();
    let file = example("healthy");
    let lines = complete_named(&api, &["why", "-f", &file, "-n", "arc-web", ""], "web");
    assert_eq!(lines[0], "web\trunner set", "{lines:?}");
    complete_named(&api, &["why", "-f", &file, "-n", ""], "arc-web");
    assert_eq!(complete(&api, &["why", "-f", "-", "po", ""]), [":4"], "stdin is left alone");
    assert_eq!(complete(&api, &["why", "-f", ""]), [":0"], "the shell knows its files");
    assert_eq!(api.requests(), [] as [&str; 0]);
}

/// What is wrong is no business of somebody who is typing.
#[test]
fn whatever_goes_wrong_is_silent_and_over_within_a_second() {
    let types = |lines: &[String]| lines[0] == "autoscalingrunnersets\tAutoscalingRunnerSet";
    for fault in [
        Fault::Forbidden,
        Fault::Unauthorized,
        Fault::Html(200),
        Fault::Garbage,
        Fault::GarbageItem,
        Fault::CutBody,
        Fault::Code(503),
        Fault::Busy(60),
        Fault::Slow(Duration::from_secs(30)),
        Fault::Warning("words".to_owned()),
    ] {
        let api = served();
        api.fault("/", fault.clone());
        complete_once(&api, &["why", "-n", "arc-release", "po", ""]);
        complete_once(&api, &["why", "-n", ""]);
        let first = complete(&api, &["why", "-n", "nowhere", ""]);
        assert!(types(&first), "{fault:?}: {first:?}");
    }
    let nobody = || {
        let mut command = Command::new(BINARY);
        command.env_clear();
        command
    };
    for words in [
        &["why", ""][..],
        &["why", "po", ""],
        &["why", "--context", ""],
        &[],
        &[""],
        &["why"],
        &["nonsense", ""],
        &["why", "\u{1b}[2J", "\n", ""],
        &["--", "--", ""],
        &["why", "-f", "/nonexistent", "po", ""],
    ] {
        complete_with(nobody(), words);
    }
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("broken");
    fs::write(&kubeconfig, "{").unwrap();
    let path = kubeconfig.to_str().unwrap();
    assert_eq!(complete_with(nobody(), &["why", "--kubeconfig", path, "--context", ""]), [":4"]);
    let ask = || complete_with(nobody(), &["why", "--kubeconfig", path, ""]);
    assert!(types(&has_name(ask, "autoscalingrunnersets")));
}

/// A kubeconfig with an exec plugin.
fn with_plugin(folder: &Path, api: &Api, script: &str, mode: &str) -> PathBuf {
    let path = folder.join("kubeconfig");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a", "namespace": "arc-release"}}],
        "clusters": [{"name": "a", "cluster": {"server": api.url()}}],
        "users": [{"name": "a", "user": {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", script],
            "interactiveMode": mode,
        }}}],
    });
    fs::write(&path, config.to_string()).unwrap();
    path
}

#[test]
fn a_credential_plugin_asks_nothing_and_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let api = served();
    let with = |script: &str, mode: &str| {
        let mut command = Command::new(BINARY);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", with_plugin(folder.path(), &api, script, mode));
        complete_with(command, &["why", "rel"])
    };
    let token = format!(
        "echo words >&2; cat; echo '{{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \
         \"status\": {{\"token\": \"{}\"}}}}'",
        crate::api::TOKEN
    );
    assert_eq!(names(&has_name(|| with(&token, "IfAvailable"), "release-ci")), ["release-ci", ":36"]);
    let mark = folder.path().join("went-on");
    let hangs = format!("sleep 3; touch {}", mark.display());
    for (script, mode) in [(&*hangs, "IfAvailable"), ("exit 1", "Never"), ("echo nonsense", "Always")] {
        assert_eq!(with(script, mode).len(), 1, "{script}");
    }
    std::thread::sleep(Duration::from_secs(4));
    assert!(!mark.exists(), "the plugin went on");
}

#[test]
fn a_hostile_name_is_not_offered() {
    let mut world = World::of_file(example("healthy"));
    for (number, name) in
        ["a\n:0\nb", "a\tb", "$(reboot)", "a b", "\u{1b}[2Jc", "-rf", "good"].iter().enumerate()
    {
        world.add(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": name, "namespace": "arc-web", "uid": format!("u{number}"), "creationTimestamp": "2026-11-20T00:00:00Z"}}));
    }
    let lines = complete_named(&Api::of(world), &["why", "-n", "arc-web", "secret", ""], "good");
    let names = names(&lines);
    assert!(
        names.iter().all(
            |name| name.starts_with(':') || name.chars().all(|c| c.is_alphanumeric() || "-.".contains(c))
        )
    );
}

#[test]
fn contexts_clusters_and_users_come_from_all_kubeconfigs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, context: serde_json::Value| {
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "east",
            "contexts": [{"name": name, "context": context}],
            "clusters": [{"name": format!("{name}-cluster"), "cluster": {"server": "https://x.example"}}],
            "users": [{"name": "me", "user": {}}],
        });
        let path = folder.path().join(name);
        fs::write(&path, config.to_string()).unwrap();
        path
    };
    let east = write("east", json!({"cluster": "east-cluster", "user": "me", "namespace": "ci"}));
    let west = write("west", json!({"cluster": "west-cluster", "user": "me"}));
    let both = std::env::join_paths([&east, &west]).unwrap();
    let ask = |words: &[&str]| {
        let mut command = Command::new(BINARY);
        command.env_clear().env("KUBECONFIG", &both);
        complete_with(command, words)
    };
    let contexts = ["east\tcurrent, cluster east-cluster, namespace ci", "west\tcluster west-cluster", ":4"];
    assert_eq!(ask(&["why", "--context", ""]), contexts);
    assert_eq!(ask(&["why", "--context=w"]), ["--context=west\tcluster west-cluster", ":4"]);
    assert_eq!(ask(&["snapshot", "--cluster", "e"]), ["east-cluster", ":4"]);
    assert_eq!(ask(&["unblock", "--user", ""]), ["me", ":4"]);
    assert_eq!(ask(&["why", "--kubeconfig", west.to_str().unwrap(), "--context", ""]).len(), 2);
}

#[test]
fn commands_flags_their_values_and_pages_of_the_manual_are_completed() {
    let ask = |words: &[&str]| {
        let mut command = Command::new(BINARY);
        command.env_clear();
        complete_with(command, words)
    };
    assert_eq!(names(&ask(&["un"])), ["unblock", ":4"]);
    let flags = ask(&["why", "--"]);
    for flag in ["--namespace", "--context", "--kubeconfig", "--as", "--all-namespaces", "--filename"] {
        assert!(names(&flags).contains(&flag), "{flag}: {flags:?}");
    }
    assert_eq!(names(&ask(&["why", "-o", ""])), ["text", "json", "yaml", ":4"]);
    assert_eq!(names(&ask(&["unblock", "--dry-run=s"])), ["--dry-run=server", ":4"]);
    let pages = ask(&["explain", ""]);
    for line in arc(&["explain"]).stdout.lines().filter(|line| line.starts_with("  ")) {
        let name = line.split_whitespace().next().unwrap();
        assert!(names(&pages).contains(&name), "{name}: {pages:?}");
    }
    assert_eq!(names(&ask(&["explain", "secret-m"])), ["secret-missing", ":36"]);
}

#[test]
fn a_value_is_completed_before_its_command_too() {
    let api = served();
    assert_eq!(names(&complete_named(&api, &["-n", "arc-rel"], "arc-release")), ["arc-release", ":36"]);
    assert_eq!(names(&complete(&api, &["-n", "arc-release", "wh"])), ["why", ":4"]);
    let line = ["-n", "arc-release", "why", "rel"];
    assert_eq!(names(&complete_named(&api, &line, "release-ci")), ["release-ci", ":36"]);
}

#[test]
fn with_all_namespaces_no_name_is_offered_that_would_be_refused() {
    let api = served();
    let lines = complete(&api, &["why", "-A", "-n", "arc-release", ""]);
    assert_eq!(lines[0], "autoscalingrunnersets\tAutoscalingRunnerSet", "{lines:?}");
    assert_eq!(complete(&api, &["why", "-A", "-n", "arc-release", "secret", ""]).len(), 1);
    assert!(names(&complete(&api, &["why", "-A", "ns", ""])).contains(&"arc-release"));
}

#[test]
fn journals_are_offered_for_undo() {
    let api = Api::of(World::of_file(example("cleanup-protection-orphan")));
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = api.command(BINARY);
        command.env("XDG_STATE_HOME", folder.path());
        command
    };
    assert_eq!(complete_with(command(), &["unblock", "--undo", ""]), [":32"], "a file will do as well");
    let unblock = done(command().args(["unblock", "-n", "arc-ml", "--yes", "--timeout", "0"]), "");
    assert!(!api.written().is_empty(), "{}{}", unblock.stdout, unblock.stderr);
    fs::write(folder.path().join("kubectl-arc").join("notes.jsonl"), "nonsense").unwrap();
    let lines = complete_with(command(), &["unblock", "--undo", ""]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    let (path, says) = lines[0].split_once('\t').unwrap();
    assert!(Path::new(path).is_file() && says.contains("change"), "{lines:?}");
}
