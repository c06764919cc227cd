//! Wrong words, bad files, no cluster: a clear error that names the thing, exit 2 or 3, never a panic.

use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::run::BINARY;
use crate::run::arc;
use crate::run::arc_reading;
use crate::run::done;
use crate::run::example;

/// Exit 2, nothing on stdout, and words that name what is wrong and what to do.
fn refused(arguments: &[&str], input: &str, words: &[&str]) {
    let done = arc_reading(arguments, input);
    assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.stdout, done.stderr);
    assert_eq!(done.stdout, "", "{arguments:?}");
    for word in words {
        assert!(done.stderr.contains(word), "{arguments:?}: no \"{word}\" in {}", done.stderr);
    }
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
}

#[test]
fn files_that_cannot_be_read_are_named_with_the_place() {
    refused(&["why", "-f", "-"], "a: b: c\n\t- x", &["standard input", "line 1"]);
    refused(&["why", "-f", "-"], "", &["standard input"]);
    refused(&["why", "-f", "-"], "hello\n", &["standard input"]);
    refused(&["why", "-f", "/nonexistent/x.yaml"], "", &["/nonexistent/x.yaml"]);
    let text = std::fs::read_to_string(example("healthy")).expect("the example");
    let cut = text.find("\"").map_or(text.len() / 2, |quote| quote + 3);
    refused(&["why", "-f", "-"], &text[..cut], &["standard input"]);
    refused(&["why", "-f", "-"], "{\"kind\": \"List\", \"items\": [", &["standard input"]);
}

#[test]
fn objects_that_say_too_little_are_remarked_on_and_the_rest_is_read() {
    let text = std::fs::read_to_string(example("healthy")).expect("the example");
    let odd = format!("{text}---\nmetadata: {{name: nobody}}\n---\nkind: Widget\nmetadata: {{name: x}}\n");
    let done = arc_reading(&["why", "-f", "-"], &odd);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stderr.contains("warning"), "{}", done.stderr);
}

#[test]
fn duplicates_and_ownership_cycles_do_no_harm() {
    let text = std::fs::read_to_string(example("healthy")).expect("the example");
    let (header, objects) = text.split_once("\n---\n").expect("a header");
    let twice = format!("{header}\n---\n{objects}---\n{objects}");
    assert_eq!(arc_reading(&["why", "-f", "-"], &twice).code, 0);
    let cycle = |name: &str, other: &str| {
        format!(
            "---\napiVersion: actions.github.com/v1alpha1\nkind: EphemeralRunnerSet\nmetadata:\n  name: {name}\n  \
             namespace: space\n  uid: {name}\n  creationTimestamp: 2026-11-20T00:00:00Z\n  deletionTimestamp: \
             2026-11-20T01:00:00Z\n  finalizers: [foregroundDeletion]\n  ownerReferences:\n  - {{apiVersion: \
             actions.github.com/v1alpha1, kind: EphemeralRunnerSet, name: {other}, uid: {other}, blockOwnerDeletion: \
             true}}\n"
        )
    };
    let both = format!("{}{}", cycle("a", "b"), cycle("b", "a"));
    let header = "apiVersion: kubectl-arc/v1alpha1\nkind: Snapshot\ncapturedAt: 2026-11-21T00:00:00Z\n";
    let done =
        arc_reading(&["why", "-f", "-", "--complete", "ephemeralrunnerset/a"], &format!("{header}{both}"));
    assert_eq!(done.code, 3, "{}{}", done.stdout, done.stderr);
}

#[test]
fn fields_of_another_version_and_unknown_finalizers_are_taken_as_they_are() {
    let document = "apiVersion: kubectl-arc/v1alpha1\nkind: Snapshot\ncapturedAt: 2026-11-21T00:00:00Z\n---\n\
        apiVersion: actions.github.com/v1alpha1\nkind: EphemeralRunner\nmetadata:\n  name: r\n  namespace: space\n  uid: u\n  \
        creationTimestamp: 2026-11-20T00:00:00Z\n  deletionTimestamp: 2026-11-20T01:00:00Z\n  finalizers: \
        [example.com/unheard-of]\nspec: 7\nstatus: {failures: {a: true}, phase: [1]}\n";
    let done = arc_reading(&["why", "-f", "-", "--complete", "ephemeralrunner/r", "-o", "json"], document);
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    assert_eq!(done.json()["roots"][0]["class"], "foreign-finalizer");
}

#[test]
fn targets_that_are_not_there_are_named() {
    let file = example("healthy");
    refused(&["why", "-f", &file, "nobody"], "", &["nobody", "arc-web/web"]);
    refused(&["why", "-f", &file, "ns/nowhere"], "", &["nowhere"]);
    refused(&["why", "-f", &file, "-n", "nowhere"], "", &["nowhere"]);
    refused(&["why", "-f", &file, "widget/x"], "", &["widget"]);
    refused(&["why", "-f", &file, "ns/a/b"], "", &["ns/a/b"]);
    refused(&["why", "-f", &file, "-l", "oops"], "", &["oops"]);
    refused(&["why", "--complete"], "", &["--filename"]);
    refused(&["why", "--request-timeout", "5x"], "", &["--request-timeout"]);
    refused(&["whi"], "", &["whi"]);
    refused(&["-n", "arc", "whi"], "", &["whi"]);
    refused(&["why", "--namespce", "arc"], "", &["--namespce", "'--namespace'"]);
    refused(&["why", "-A=perhaps"], "", &["perhaps", "--all-namespaces"]);
}

#[test]
fn without_a_cluster_the_error_says_what_was_looked_for() {
    refused(&["why"], "", &["/nonexistent/kubeconfig"]);
    refused(&["why", "--server", "http://127.0.0.1:1"], "", &["127.0.0.1:1"]);
}

#[test]
fn a_context_that_does_not_exist_is_refused_with_those_that_do() {
    let api = Api::of_file(example("healthy"));
    let answer = done(api.command(BINARY).args(["why", "--context", "nope"]), "");
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("nope") && answer.stderr.contains("lab"), "{}", answer.stderr);
}

#[test]
fn an_expired_credential_and_a_broken_server_are_explained() {
    let api = Api::of_file(example("healthy"));
    api.fault("", Fault::Unauthorized);
    let answer = done(api.command(BINARY).args(["why"]), "");
    assert_eq!(answer.code, 2, "{}", answer.stdout);
    assert!(answer.stderr.contains("credential") || answer.stderr.contains("log in"), "{}", answer.stderr);
    assert!(!answer.stderr.contains(crate::api::TOKEN));
    let api = Api::of_file(example("healthy"));
    api.fault("/version", Fault::Cut);
    let answer = done(api.command(BINARY).args(["why"]), "");
    assert_eq!(answer.code, 2, "{}", answer.stdout);
}

#[test]
fn a_namespace_that_does_not_exist_on_the_cluster_is_named() {
    let api = Api::of(World::of_file(example("healthy")));
    let answer = done(api.command(BINARY).args(["why", "-n", "nowhere"]), "");
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("nowhere"), "{}", answer.stderr);
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let text = std::fs::read_to_string(example("helm-uninstall-secret-gone")).expect("the example");
    let hostile = text.replace("gh-app-release", "\\u001b[31mgh\\u202eapp\\u0007");
    let hostile = hostile
        .replace("githubConfigSecret: \\", "githubConfigSecret: \"\\")
        .replace("\\u0007\n", "\\u0007\"\n");
    let done = arc_reading(&["why", "-f", "-", "ns/arc-release"], &hostile);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stdout.contains(r"\u{1b}[31mgh\u{202e}app\u{7}"), "seen and not obeyed: {}", done.stdout);
    for stream in [&done.stdout, &done.stderr] {
        assert!(!stream.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{stream:?}");
    }
}

#[test]
fn help_and_version_work_without_anything() {
    let help = arc(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("kubectl arc") && help.stdout.contains("why"), "{}", help.stdout);
    for words in [&["help", "why"][..], &["why", "-h"], &["why", "--help"], &["-n", "arc", "why", "--help"]] {
        let help = arc(words);
        assert_eq!((help.code, help.stderr.as_str()), (0, ""), "{words:?}");
        assert!(
            help.stdout.contains("Usage: kubectl arc why") && help.stdout.contains("--namespace"),
            "{words:?}"
        );
    }
    // Not 0, as for kubectl alone: that would say that nothing is blocked.
    let alone = arc(&[]);
    assert_eq!((alone.code, alone.stdout.as_str()), (2, ""));
    assert!(alone.stderr.contains("Usage: kubectl arc"), "{}", alone.stderr);
    let version = arc(&["version"]);
    assert_eq!((version.code, version.stdout.starts_with("kubectl-arc ")), (0, true));
}

/// As kubectl: an unset variable in `--token="$TOKEN"` is no flag at all.
#[test]
fn an_empty_value_of_a_connection_flag_is_none() {
    let api = Api::of(World::of_file(example("healthy")));
    let ask = |flags: &[&str]| {
        let words = ["why", "-n", "arc-tools", "-o", "json"];
        done(api.command(BINARY).args(words).args(flags), "")
    };
    let plain = ask(&[]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    for flag in [
        "--token",
        "--username",
        "--password",
        "--certificate-authority",
        "--client-certificate",
        "--client-key",
        "--tls-server-name",
        "--kubeconfig",
        "--context",
        "--cluster",
        "--user",
        "--server",
        "--as",
        "--as-uid",
        "--cache-dir",
        "--request-timeout",
        "--selector",
    ] {
        for flags in [&[&*format!("{flag}=")][..], &[flag, ""]] {
            let empty = ask(flags);
            assert_eq!((empty.code, empty.stdout == plain.stdout), (0, true), "{flags:?}: {}", empty.stderr);
        }
    }
}

#[test]
fn what_does_not_go_together_is_not_dropped_in_silence() {
    let api = Api::of(World::of_file(example("healthy")));
    let ask = |words: &[&str]| done(api.command(BINARY).args(words), "");
    for (words, part) in [
        (&["why", "-A", "tools"][..], "tools is looked for in one namespace"),
        (&["why", "-A", "po/x"], "x is looked for in one namespace"),
        (&["unblock", "-A", "secret", "x", "--dry-run=client"], "x is looked for in one namespace"),
        (&["why", "-l", "a=b", "tools"], "-l chooses among runner sets"),
        (&["why", "-l", "a=b", "pods"], "-l chooses among runner sets"),
    ] {
        let answer = ask(words);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{words:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
    // What lies in no namespace goes with -A.
    assert_eq!(ask(&["why", "-A", "ns/arc-tools"]).code, 0);
}

/// As with kubectl, whose words are read to the end.
#[test]
fn the_last_of_a_switch_and_its_opposite_counts() {
    let api = Api::of(World::of_file(example("healthy")));
    let seen = |flags: &[&str]| {
        api.forget();
        done(api.command(BINARY).args(["why", "-n", "arc-tools"]).args(flags), "");
        let all = "GET /apis/actions.github.com/v1alpha1/autoscalingrunnersets";
        api.requests().iter().any(|request| request.starts_with(all))
    };
    assert!(seen(&["-A"]) && seen(&["-A=false", "-A"]));
    assert!(!seen(&["-A", "-A=false"]) && !seen(&["--all-namespaces", "-A=0"]));
}
