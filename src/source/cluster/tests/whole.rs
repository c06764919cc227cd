//! The reader with the real connection, against a server that behaves as Kubernetes does.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::api::Api;
use crate::api::Fault;
use crate::api::World;
use crate::arc;
use crate::arc::KINDS;
use crate::error::ErrorKind;
use crate::source::client::ConnectOptions;
use crate::source::client::Connection;
use crate::source::client::connect;

const WORLD: &str = r#"
apiVersion: kubectl-arc/v1alpha1
kind: Snapshot
capturedAt: '2026-11-21T05:00:00Z'
context: lab
serverVersion: v1.36.2
coverage:
- {apiVersion: v1, kind: Pod, namespaces: ['*']}
- {apiVersion: v1, kind: Event, namespaces: [a], error: forbidden}
- {apiVersion: actions.github.com/v1alpha1, kind: EphemeralRunner, namespaces: ['*']}
- {apiVersion: argoproj.io/v1alpha1, kind: Application, namespaces: ['*'], error: not-served}
---
apiVersion: v1
kind: Pod
metadata: {name: p1, namespace: a, uid: u1, labels: {app: x}}
---
apiVersion: v1
kind: Pod
metadata: {name: p2, namespace: a, uid: u2, labels: {app: y}}
---
apiVersion: v1
kind: Pod
metadata: {name: p3, namespace: b, uid: u3, labels: {app: z}}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: a, uid: u4}
data: {github_token: canary-value}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: a, uid: u5}
spec: {secret: canary-value}
---
apiVersion: kubectl-arc/v1alpha1
kind: PodLog
metadata: {name: p1, namespace: a}
container: manager
lines: ['one', 'https://user:canary-value@github.com']
---
apiVersion: kubectl-arc/v1alpha1
kind: PodLog
metadata: {name: p2, namespace: a}
container: first
lines: ['one']
---
apiVersion: kubectl-arc/v1alpha1
kind: PodLog
metadata: {name: p2, namespace: a}
container: second
lines: ['two', 'three']
---
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec:
  user: system:serviceaccount:arc:arc
  resourceAttributes: {verb: get, resource: secrets, namespace: a}
status: {allowed: true, reason: 'RBAC: allowed'}
"#;

async fn connection(api: &Api, request_timeout: Option<Duration>) -> Connection {
    let options = ConnectOptions {
        kubeconfig: Some(api.kubeconfig()),
        request_timeout,
        user_agent: "kubectl-arc/test".to_owned(),
        ..ConnectOptions::default()
    };
    connect(&options).await.unwrap()
}

async fn read(api: &Api, requests: &[Request]) -> Snapshot {
    let connection = connection(api, None).await;
    let cluster = Cluster::new(connection.client, connection.context);
    let mut snapshot = cluster.open(Timestamp::UNIX_EPOCH).await.unwrap();
    cluster.read(requests, &mut snapshot).await;
    snapshot
}

fn shallow(request: Request) -> Request {
    Request { depth: Depth::Metadata, ..request }
}

fn all_pods() -> Request {
    everywhere(arc::POD)
}

#[tokio::test]
async fn a_world_is_read_as_it_is() {
    let api = Api::of(World::of_text(WORLD).page_size(2));
    let widgets = What::Resource { plural: "widgets".to_owned(), group: "example.com".to_owned() };
    let event = GroupKind::new("", "Event");
    let application = GroupKind::new("argoproj.io", "Application");
    let requests = [
        all_pods(),
        everywhere(arc::SECRET),
        everywhere(arc::EPHEMERAL_RUNNER),
        one(arc::SECRET, "a", "gone"),
        everywhere(application),
        Request { namespace: Some("a".to_owned()), ..everywhere(event) },
        Request { what: widgets, namespace: Some("a".to_owned()), ..everywhere(arc::POD) },
    ];
    let snapshot = read(&api, &requests).await;
    assert_eq!((snapshot.source.context.as_str(), snapshot.source.server.as_str()), ("lab", "v1.36.2"));
    assert_eq!(names(&snapshot), ["p1", "p2", "p3", "s", "w"]);
    assert!(!format!("{snapshot:?}").contains("canary-value"));
    let coverage: Vec<String> = snapshot
        .coverage
        .entries
        .iter()
        .map(|covered| format!("{} {:?} {}", covered.kind, covered.namespace, covered.reading.word()))
        .collect();
    assert_eq!(
        coverage,
        [
            "Event Some(\"a\") forbidden",
            "Pod None read",
            "Secret None read",
            "Secret Some(\"a\") read",
            "EphemeralRunner.actions.github.com None read",
            "Application.argoproj.io None not-served",
            "Widget.example.com Some(\"a\") read",
        ]
    );
    let Reading::Forbidden(words) = &snapshot.coverage.entries[0].reading else { panic!() };
    assert_eq!(
        words,
        r#"events is forbidden: User "tester" cannot list resource "events" in API group "" in the namespace "a""#
    );
    assert_eq!(
        api.requests(),
        [
            "GET /api/v1/namespaces/a/events",
            "GET /api/v1/namespaces/a/secrets/gone",
            "GET /api/v1/pods",
            "GET /api/v1/pods",
            "GET /api/v1/secrets",
            "GET /apis",
            "GET /apis/actions.github.com/v1alpha1/ephemeralrunners",
            "GET /apis/argoproj.io/v1alpha1/applications",
            "GET /apis/example.com/v1",
            "GET /apis/example.com/v1/namespaces/a/widgets",
            "GET /version",
        ]
    );
}

#[tokio::test]
async fn metadata_selectors_and_reviews_work_together() {
    let api = Api::of(World::of_text(WORLD));
    let question = crate::model::Question {
        user: "system:serviceaccount:arc:arc".to_owned(),
        verb: "get".to_owned(),
        group: String::new(),
        resource: "secrets".to_owned(),
        subresource: String::new(),
        namespace: "a".to_owned(),
        name: String::new(),
    };
    let denied = crate::model::Question { verb: "list".to_owned(), ..question.clone() };
    let ask = |question| Request { what: What::Review(question), ..all_pods() };
    let selector = Some("app in (x,z)".to_owned());
    let pods = Request { selector, ..shallow(all_pods()) };
    let snapshot = read(&api, &[ask(question), ask(denied), pods]).await;
    assert_eq!(names(&snapshot), ["p1", "p3"]);
    assert!(snapshot.objects().all(|object| object.metadata_only));
    let answers: Vec<_> =
        snapshot.reviews.iter().map(|r| (r.question.verb.as_str(), r.allowed, r.reason.as_str())).collect();
    assert_eq!(answers, [("get", true, "RBAC: allowed"), ("list", false, "")]);
}

#[tokio::test]
async fn logs_are_read_container_by_container() {
    let api = Api::of(World::of_text(WORLD));
    let requests = ["p1", "p2", "p2"].map(|pod| one(arc::POD_LOG, "a", pod));
    let snapshot = read(&api, &requests).await;
    let logs: Vec<_> = snapshot
        .logs
        .iter()
        .map(|log| (log.pod.as_str(), log.container.as_str(), log.lines.join("|")))
        .collect();
    assert_eq!(
        logs,
        [
            ("p1", "", "one|https://github.com".to_owned()),
            ("p2", "first", "one".to_owned()),
            ("p2", "second", "two|three".to_owned())
        ]
    );
    assert_eq!(snapshot.coverage.of_name(&arc::POD_LOG, "a", "p2"), Reading::Read);
    api.fault("/log", Fault::Code(403));
    let snapshot = read(&api, &requests).await;
    assert_eq!(snapshot.coverage.of_name(&arc::POD_LOG, "a", "p1").word(), "forbidden");
}

#[tokio::test]
async fn logs_of_a_known_pod_carry_the_name_of_their_container() {
    let mut world = World::of_text(WORLD);
    world.objects[0]["spec"] = json!({"containers": [{"name": "manager"}]});
    let api = Api::of(world);
    let connection = connection(&api, None).await;
    let cluster = Cluster::new(connection.client, "");
    let mut snapshot = cluster.open(Timestamp::UNIX_EPOCH).await.unwrap();
    cluster.read(&[one(arc::POD, "a", "p1")], &mut snapshot).await;
    for _ in 0..2 {
        cluster.read(&[one(arc::POD_LOG, "a", "p1")], &mut snapshot).await;
    }
    let [log] = &snapshot.logs[..] else { panic!("{:?}", snapshot.logs) };
    assert_eq!(log.container, "manager");
}

#[tokio::test]
async fn faults_end_as_readings() {
    let cases = [
        (Fault::Html(502), "failed"),
        (Fault::Html(200), "failed"),
        (Fault::Garbage, "failed"),
        (Fault::GarbageItem, "failed"),
        (Fault::Cut, "failed"),
        (Fault::CutBody, "failed"),
        (Fault::Unauthorized, "failed"),
        (Fault::Code(500), "failed"),
        (Fault::Code(403), "forbidden"),
        (Fault::ExpiredContinue, "failed"),
        (Fault::WholeObjects, "read"),
        (Fault::Warning("old".to_owned()), "read"),
        (Fault::Slow(Duration::from_millis(5)), "read"),
    ];
    for (fault, word) in cases {
        let api = Api::of(World::of_text(WORLD).page_size(2));
        api.fault("/pods", fault.clone());
        let snapshot = read(&api, &[shallow(all_pods())]).await;
        assert_eq!(reading(&snapshot).word(), word, "{fault:?}");
        assert!(!format!("{snapshot:?}").contains("canary"), "{fault:?}");
    }
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let api = Api::of(World::of_text(WORLD).page_size(2));
    api.fault_once("/pods", Fault::Busy(0));
    api.fault_once("/pods", Fault::ExpiredContinue);
    let snapshot = read(&api, &[all_pods()]).await;
    assert_eq!(*reading(&snapshot), Reading::Read);
    assert_eq!(names(&snapshot), ["p1", "p2", "p3"]);
}

#[tokio::test]
async fn a_server_that_is_too_slow_is_a_reading() {
    let api = Api::of(World::of_text(WORLD));
    api.fault("/pods", Fault::Slow(Duration::from_secs(60)));
    let connection = connection(&api, Some(Duration::from_millis(200))).await;
    let cluster = Cluster::new(connection.client, "");
    let mut snapshot = cluster.open(Timestamp::UNIX_EPOCH).await.unwrap();
    cluster.read(&[all_pods(), everywhere(arc::SECRET)], &mut snapshot).await;
    let words: Vec<&str> = snapshot.coverage.entries.iter().map(|covered| covered.reading.word()).collect();
    assert_eq!((words, names(&snapshot)), (vec!["failed", "read"], vec!["s"]));
}

#[tokio::test]
async fn opening_fails_where_nothing_can_be_read() {
    for fault in [Fault::Unauthorized, Fault::Html(200), Fault::Html(502), Fault::CutBody] {
        let api = Api::of(World::of_text(WORLD));
        api.fault("/version", fault.clone());
        let cluster = Cluster::new(connection(&api, None).await.client, "");
        let error = cluster.open(Timestamp::UNIX_EPOCH).await.expect_err(&format!("{fault:?}"));
        assert_eq!(error.kind, ErrorKind::Access, "{fault:?}: {error}");
        assert!(!error.to_string().contains(crate::api::TOKEN), "{error}");
    }
}

#[tokio::test]
async fn words_are_resolved() {
    for aggregated in [true, false] {
        let mut world = World::of_text(WORLD);
        world.aggregated_discovery = aggregated;
        if aggregated {
            world.broken_groups = vec!["metrics.k8s.io/v1beta1".to_owned()];
        }
        let api = Api::of(world);
        let cluster = Cluster::new(connection(&api, None).await.client, "");
        let found = cluster.resolve("widget").await.unwrap().unwrap();
        assert_eq!((found.api_version.as_str(), found.plural.as_str()), ("example.com/v1", "widgets"));
        assert_eq!(cluster.resolve("crd").await.unwrap().unwrap().kind, arc::CRD);
        assert_eq!(cluster.resolve("nonsense").await.is_err(), aggregated);
    }
}

#[tokio::test]
async fn every_example_can_be_read_from_a_cluster() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let api = Api::of(World::of_file(&file).page_size(3));
        let requests: Vec<Request> = KINDS.iter().map(|row| everywhere(row.group_kind())).collect();
        let snapshot = read(&api, &requests).await;
        let mut served = 0;
        api.change(|world| {
            let known = |object: &&Value| KINDS.iter().any(|row| object["kind"] == row.kind);
            served = world.objects.iter().filter(known).count();
        });
        assert_eq!(snapshot.objects().count(), served, "{}", file.display());
        for covered in &snapshot.coverage.entries {
            assert!(covered.reading.is_complete(), "{}: {covered:?}", file.display());
        }
    }
}
