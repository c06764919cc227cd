//! Resources and words that the program does not know by itself.

use super::*;
use crate::arc;

fn resource(plural: &str, group: &str) -> Request {
    let what = What::Resource { plural: plural.to_owned(), group: group.to_owned() };
    Request { what, namespace: Some("n".to_owned()), ..everywhere(arc::POD) }
}

fn groups() -> Answer {
    let group = |name: &str, versions: &[&str]| {
        let versions: Vec<Value> = versions
            .iter()
            .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
            .collect();
        json!({"name": name, "preferredVersion": versions[0], "versions": versions})
    };
    ok(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        group("example.com", &["v2", "v1"]),
        group("metrics.k8s.io", &["v1beta1"]),
        group("helm.toolkit.fluxcd.io", &["v2beta2"]),
    ]}))
}

fn resources(version: &str, entries: &[(&str, &str, &[&str])]) -> Answer {
    let resources: Vec<Value> = entries
        .iter()
        .map(|(plural, kind, verbs)| {
            json!({"name": plural, "singularName": kind.to_lowercase(), "namespaced": true, "kind": kind,
                "verbs": verbs, "shortNames": [&plural[..1]]})
        })
        .collect();
    ok(&json!({"kind": "APIResourceList", "groupVersion": version, "resources": resources}))
}

/// Without aggregated discovery: what it says is the same, and takes more requests.
fn server(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/api" => ok(&json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/api/v1" => resources("v1", &[("pods", "Pod", &["list"]), ("pods/log", "Pod", &["get"])]),
        "/apis" => groups(),
        "/apis/example.com/v2" => resources(
            "example.com/v2",
            &[("widgets", "Widget", &["list"]), ("questions", "Question", &["create"])],
        ),
        "/apis/example.com/v1" => resources("example.com/v1", &[("old", "Old", &["list"])]),
        "/apis/metrics.k8s.io/v1beta1" => refusal(503, "ServiceUnavailable", "the server is down"),
        path if path.contains("/widgets?") || path.contains("/old?") || path.contains("/helmreleases?") => {
            match path.contains("/v2/helmreleases") {
                true => no_such_path(),
                false => list("List", "x", &[named("n", "w")]),
            }
        }
        _ => no_such_path(),
    }
}

#[tokio::test]
async fn a_known_resource_needs_no_discovery() {
    let fake = Fake::new(|_| list("PodList", "v1", &[]));
    let snapshot = fake.read(&[resource("pods", "")]).await;
    assert_eq!(fake.paths(), ["/api/v1/namespaces/n/pods?limit=500"]);
    assert_eq!(snapshot.coverage.entries[0].kind, arc::POD);
}

#[tokio::test]
async fn an_unknown_resource_is_found_and_listed_as_metadata() {
    let fake = Fake::new(server);
    let snapshot = fake.read(&[resource("widgets", "example.com"), resource("old", "example.com")]).await;
    let ids: Vec<String> = snapshot.objects().map(|object| object.id.kind.to_string()).collect();
    assert_eq!(ids, ["Old.example.com", "Widget.example.com"]);
    assert!(snapshot.objects().all(|object| object.metadata_only));
    let covered: Vec<_> =
        snapshot.coverage.entries.iter().map(|c| (c.api_version.as_str(), c.reading.word())).collect();
    assert_eq!(covered, [("example.com/v1", "read"), ("example.com/v2", "read")]);
    assert_eq!(
        fake.paths(),
        [
            "/apis",
            "/apis/example.com/v1",
            "/apis/example.com/v1/namespaces/n/old?limit=500",
            "/apis/example.com/v2",
            "/apis/example.com/v2/namespaces/n/widgets?limit=500",
        ]
    );
}

#[tokio::test]
async fn what_is_not_served_is_recorded_under_its_plural() {
    for (plural, group) in [("gadgets", "example.com"), ("gadgets", "gone.com"), ("questions", "example.com")]
    {
        let snapshot = Fake::new(server).read(&[resource(plural, group)]).await;
        assert_eq!(*reading(&snapshot), Reading::NotServed, "{plural}.{group}");
        assert_eq!(snapshot.coverage.entries[0].kind.to_string(), format!("{plural}.{group}"));
    }
}

#[tokio::test]
async fn a_broken_group_proves_nothing() {
    let snapshot = Fake::new(server).read(&[resource("pods", "metrics.k8s.io")]).await;
    assert_eq!(*reading(&snapshot), Reading::Failed("the server is down".to_owned()));
    let snapshot = Fake::new(|_| refusal(403, "Forbidden", "no")).read(&[resource("x", "y.z")]).await;
    assert_eq!(*reading(&snapshot), Reading::Forbidden("no".to_owned()));
}

#[tokio::test]
async fn another_version_of_a_known_kind_is_found() {
    let release = GroupKind::new("helm.toolkit.fluxcd.io", "HelmRelease");
    let fake = Fake::new(server);
    let snapshot = fake.read(&[everywhere(release)]).await;
    assert_eq!(*reading(&snapshot), Reading::Read);
    assert_eq!(snapshot.coverage.entries[0].api_version, "helm.toolkit.fluxcd.io/v2beta2");
    assert_eq!(snapshot.objects().next().unwrap().api_version, "helm.toolkit.fluxcd.io/v2beta2");
}

#[tokio::test]
async fn kinds_that_are_not_there_cost_one_question_together() {
    let fake = Fake::new(server);
    let kinds = arc::SCALE_SET_KINDS.into_iter().map(everywhere);
    let snapshot = fake.read(&kinds.collect::<Vec<_>>()).await;
    assert!(snapshot.coverage.entries.iter().all(|covered| covered.reading == Reading::NotServed));
    assert_eq!(fake.paths().len(), 5);
    assert_eq!(fake.paths()[0], "/apis");
    // Nor do they cost it twice.
    fake.read(&[everywhere(arc::AUTOSCALING_RUNNER_SET)]).await;
    assert_eq!(fake.paths().len(), 6);
}

#[tokio::test]
async fn words_are_resolved_with_and_without_aggregated_discovery() {
    let aggregated = |asked: &Asked| {
        let entry = |plural: &str, kind: &str| {
            json!({"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced",
                "singularResource": kind.to_lowercase(), "shortNames": [&plural[..1]], "verbs": ["list"]})
        };
        let group = |name: &str, version: &str, resources: &[Value]| {
            json!({"metadata": {"name": name}, "versions": [
                {"version": version, "freshness": if resources.is_empty() { "Stale" } else { "Current" },
                    "resources": resources}]})
        };
        let items = match asked.path.as_str() {
            "/api" => vec![group("", "v1", &[entry("pods", "Pod")])],
            _ => vec![
                group("example.com", "v2", &[entry("widgets", "Widget")]),
                group("metrics.k8s.io", "v1beta1", &[]),
            ],
        };
        ok(&json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}))
    };
    for fake in [Fake::new(aggregated), Fake::new(server)] {
        for word in ["widget", "widgets", "Widget", "w", "widgets.example.com", "widget.v2.example.com"] {
            let found = fake.cluster.resolve(word).await.unwrap().expect(word);
            assert_eq!((found.api_version.as_str(), found.plural.as_str()), ("example.com/v2", "widgets"));
            assert!(found.namespaced);
        }
        assert_eq!(fake.cluster.resolve("p").await.unwrap().unwrap().kind, arc::POD);
        // Nothing called so in a group that answers, and a group that does not answer.
        assert_eq!(fake.cluster.resolve("gadgets.example.com").await.unwrap(), None);
        let error = fake.cluster.resolve("gadgets").await.unwrap_err();
        assert!(error.to_string().contains("metrics.k8s.io/v1beta1"), "{error}");
    }
    let fake = Fake::new(aggregated);
    fake.cluster.resolve("widget").await.unwrap();
    assert_eq!(fake.paths(), ["/api", "/apis"]);
}
