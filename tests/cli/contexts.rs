//! `--context` more than once: one report over several clusters.

use crate::api::Api;
use crate::api::Fault;
use crate::api::TOKEN;
use crate::api::World;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::done;
use crate::run::example;
use serde_json::Value;
use serde_json::json;

/// A kubeconfig with a context for each cluster.
fn kubeconfig(clusters: &[(&str, &Api)]) -> String {
    let named = |key: &str, value: &dyn Fn(&str, &Api) -> Value| -> Vec<Value> {
        clusters.iter().map(|(name, api)| json!({"name": name, key: value(name, api)})).collect()
    };
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": clusters[0].0,
        "contexts": named("context", &|name, _| json!({"cluster": name, "user": name, "namespace": "arc-tools"})),
        "clusters": named("cluster", &|_, api| json!({"server": api.url()})),
        "users": named("user", &|_, _| json!({"token": TOKEN})),
    })
    .to_string()
}

fn ask(east: &Api, west: &Api, arguments: &[&str]) -> Done {
    let path = east.kubeconfig().with_file_name("both");
    std::fs::write(&path, kubeconfig(&[("east", east), ("west", west)])).expect("a kubeconfig");
    let mut command = east.command(BINARY);
    done(command.env("KUBECONFIG", path).args(arguments), "")
}

fn served(name: &str) -> Api {
    Api::of(World::of_file(example(name)))
}

/// As if it came from another cluster: no two have a uid in common.
fn far(name: &str) -> Api {
    let text = std::fs::read_to_string(example(name)).expect("the example");
    Api::of(World::of_text(&text.replace("uid: ", "uid: far-")))
}

const BOTH: [&str; 4] = ["--context", "east", "--context", "west"];

fn why<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    ["why"].iter().chain(BOTH.iter()).chain(arguments).copied().collect()
}

#[test]
fn several_clusters_are_one_report() {
    let (east, west) = (served("healthy"), far("rbac-role-gone"));
    let answer = ask(&east, &west, &why(&["-A", "-o", "json"]));
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let list = answer.json();
    assert_eq!(list["kind"], "DiagnosisList");
    let of = |index: usize, pointer: &str| list["items"][index].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!([of(0, "/source/context"), of(1, "/source/context")], ["east", "west"]);
    assert_eq!(of(1, "/roots/0/class"), "rbac-missing");
    // Both are registered as the same scale set: each is told of the other.
    assert_eq!(of(0, "/summary/verdict"), "clear");
    assert_eq!(of(0, "/notices/0/class"), "registration-collision");
    let text = ask(&east, &west, &why(&["-A"]));
    assert!(text.stdout.starts_with("Context east\n"), "{}", text.stdout);
    assert!(text.stdout.contains("\n\nContext west\n"), "{}", text.stdout);
    let words = text.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("of context west are one and the same scale set"), "{}", text.stdout);
}

/// Contexts often differ in their user or their namespace alone.
#[test]
fn two_contexts_of_one_cluster_share_nothing_at_github() {
    let api = served("healthy");
    let list = ask(&api, &api, &why(&["tools", "-o", "json"])).json();
    for item in list["items"].as_array().expect("items") {
        assert_eq!((&item["summary"]["verdict"], &item["notices"]), (&json!("clear"), &json!([])));
    }
}

/// Each item is what the cluster alone would have been answered, apart from what only both tell.
#[test]
fn a_cluster_says_the_same_alone_and_among_others() {
    let (east, west) = (served("healthy"), served("helm-uninstall-secret-gone"));
    let both = ask(&east, &west, &why(&["-A", "-o", "json"])).json();
    for (index, context) in ["east", "west"].into_iter().enumerate() {
        let alone = ask(&east, &west, &["why", "-A", "-o", "json", "--context", context]);
        let mut among = both["items"][index].clone();
        among["notices"] = alone.json()["notices"].clone();
        assert_eq!(among, alone.json(), "{context}");
    }
}

#[test]
fn what_one_of_the_clusters_does_not_have_is_said_and_no_error() {
    let (east, west) = (served("healthy"), served("crds-left-behind"));
    let answer = ask(&east, &west, &why(&["tools", "-o", "json"]));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("west: Namespace arc-tools is not in the cluster"), "{}", answer.stderr);
    let nowhere = ask(&east, &west, &why(&["nobody"]));
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (2, ""));
}

#[test]
fn one_that_cannot_be_reached_ends_the_run_by_name() {
    let (east, west) = (served("healthy"), served("healthy"));
    let answer = ask(&east, &west, &["why", "--context", "east", "--context", "nowhere"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("nowhere"), "{}", answer.stderr);
    west.fault("/version", Fault::Unauthorized);
    let refused = ask(&east, &west, &why(&["-A"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.starts_with("error: west: "), "{}", refused.stderr);
    assert_eq!(ask(&east, &west, &["why", "-A", "--context", "", "--context", "east"]).code, 0);
    let snapshot = ask(&east, &west, &["snapshot", "--context", "east", "--context", "west"]);
    assert_eq!(snapshot.code, 2);
    assert!(snapshot.stderr.contains("a snapshot is of one cluster"), "{}", snapshot.stderr);
}
