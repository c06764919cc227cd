//! Lists, pages, gets, and how each of them may end.

use super::*;
use crate::arc;
use crate::model::Lookup;
use crate::model::ObjectId;

const PODS: &str = "/api/v1/pods?limit=500";

#[tokio::test]
async fn a_list_fills_in_what_its_items_leave_out() {
    let fake = Fake::new(|_| list("PodList", "v1", &[named("a", "p"), named("b", "q")]));
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    let ids: Vec<String> = snapshot.objects().map(|object| object.id.to_string()).collect();
    assert_eq!(ids, ["Pod a/p", "Pod b/q"]);
    assert!(snapshot.objects().all(|object| object.api_version == "v1" && !object.metadata_only));
    assert_eq!(*reading(&snapshot), Reading::Read);
    assert_eq!(fake.paths(), [PODS]);
}

#[tokio::test]
async fn every_page_is_read() {
    let fake = Fake::new(|asked| {
        let page = asked.path.split("continue=").nth(1).map_or(0, |token| token.parse().unwrap());
        let next = if page < 2 { (page + 1).to_string() } else { String::new() };
        let item = named("a", &format!("p{page}"));
        ok(&json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": next}, "items": [item]}))
    });
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    assert_eq!(names(&snapshot), ["p0", "p1", "p2"]);
    assert_eq!(fake.paths(), [PODS.to_owned(), format!("{PODS}&continue=1"), format!("{PODS}&continue=2")]);
}

/// The first page points to a second one that `second` answers.
fn two_pages(second: impl Fn() -> Answer + Send + Sync + 'static) -> Fake {
    Fake::new(move |asked| match asked.path.as_str() {
        path if path.contains("continue=") => second(),
        path if path.contains("limit=") => {
            let metadata = json!({"continue": "x"});
            ok(
                &json!({"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": [named("a", "old")]}),
            )
        }
        _ => list("PodList", "v1", &[named("a", "new")]),
    })
}

#[tokio::test]
async fn an_expired_list_is_read_again_in_one_piece() {
    let fake = two_pages(|| refusal(410, "Expired", "The provided continue parameter is too old"));
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    assert_eq!(names(&snapshot), ["new"]);
    assert_eq!(*reading(&snapshot), Reading::Read);
    assert_eq!(fake.paths(), ["/api/v1/pods", PODS, &format!("{PODS}&continue=x")]);
}

#[tokio::test]
async fn a_list_that_expires_for_ever_fails() {
    let fake = Fake::new(|_| refusal(410, "Expired", "too old"));
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    assert_eq!(*reading(&snapshot), Reading::Failed("too old".to_owned()));
    assert_eq!(fake.paths().len(), 2);
}

#[tokio::test]
async fn what_was_seen_before_a_failure_is_kept_and_proves_nothing_else() {
    for second in [|| refusal(500, "InternalError", "etcd"), no_such_path, || ok(&json!({"items": 7}))] {
        let snapshot = two_pages(second).read(&[everywhere(arc::POD)]).await;
        assert_eq!(names(&snapshot), ["old"]);
        assert!(matches!(reading(&snapshot), Reading::Failed(_)));
    }
}

#[tokio::test]
async fn a_server_that_goes_round_in_circles_is_left() {
    let fake = Fake::new(|_| ok(&json!({"metadata": {"continue": "same"}, "items": [named("a", "p")]})));
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    assert!(matches!(reading(&snapshot), Reading::Failed(_)));
    assert_eq!(fake.paths().len(), 2);
}

#[tokio::test]
async fn one_object_that_cannot_be_read_does_not_lose_the_others() {
    let fake = Fake::new(|_| {
        let nameless = json!({"metadata": {"namespace": "a"}});
        list("PodList", "v1", &[named("a", "p"), nameless, Value::from("rubbish"), named("a", "q")])
    });
    let snapshot = fake.read(&[everywhere(arc::POD)]).await;
    assert_eq!(names(&snapshot), ["p", "q"]);
    let Reading::Failed(words) = reading(&snapshot) else { panic!() };
    assert!(words.starts_with("2 of 4 objects could not be read: "), "{words}");
}

#[tokio::test]
async fn a_name_is_a_get_and_its_404_proves_absence() {
    let fake = Fake::new(|asked| {
        if asked.path.ends_with("/there") {
            return ok(&named("a", "there"));
        }
        let mut status: Value = serde_json::from_str(&refusal(404, "NotFound", "not found").1).unwrap();
        status["details"] = json!({"name": "gone", "kind": "secrets"});
        Answer(404, status.to_string())
    });
    let snapshot = fake.read(&[one(arc::SECRET, "a", "there"), one(arc::SECRET, "a", "gone")]).await;
    assert_eq!(names(&snapshot), ["there"]);
    let look = |name| snapshot.get(&ObjectId::new(&arc::SECRET, "a", name));
    assert!(matches!(look("gone"), Lookup::Absent));
    assert!(matches!(look("other"), Lookup::Unread(Reading::Unread)));
    assert_eq!(fake.paths(), ["/api/v1/namespaces/a/secrets/gone", "/api/v1/namespaces/a/secrets/there"]);
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_not_asked_for() {
    let fake = Fake::new(|_| no_such_path());
    let snapshot = fake.read(&[one(arc::SECRET, "a", ".."), one(arc::SECRET, "a", "b/c")]).await;
    assert!(snapshot.coverage.entries.iter().all(|covered| covered.reading == Reading::Read));
    assert!(fake.paths().is_empty());
}

#[tokio::test]
async fn a_name_without_a_namespace_is_looked_for_in_all_of_them() {
    let fake = Fake::new(|_| list("PodList", "v1", &[named("a", "p")]));
    fake.read(&[Request { name: Some("p".to_owned()), ..everywhere(arc::POD) }]).await;
    assert_eq!(fake.paths(), ["/api/v1/pods?fieldSelector=metadata.name=p&limit=500"]);
}

#[tokio::test]
async fn a_selector_is_sent_and_recorded() {
    let fake = Fake::new(|_| list("PodList", "v1", &[]));
    let selector = Some("app in (a,b)".to_owned());
    let namespace = Some("n".to_owned());
    let snapshot = fake.read(&[Request { namespace, selector, ..everywhere(arc::POD) }]).await;
    assert_eq!(fake.paths(), ["/api/v1/namespaces/n/pods?labelSelector=app in (a,b)&limit=500"]);
    assert_eq!(snapshot.coverage.of(&arc::POD, Some("n")), Reading::Unread);
    assert_eq!(snapshot.coverage.of_selector(&arc::POD, Some("n"), "app in (a,b)"), Reading::Read);
}

#[tokio::test]
async fn every_refusal_is_a_reading() {
    let cases: [Case; 8] = [
        (|| refusal(403, "Forbidden", "pods is forbidden"), "forbidden"),
        (|| Answer(403, "<html>".to_owned()), "forbidden"),
        (no_such_path, "not-served"),
        (|| Answer(404, "<html>".to_owned()), "failed"),
        (|| refusal(401, "Unauthorized", "Unauthorized"), "failed"),
        (|| refusal(503, "ServiceUnavailable", "down"), "failed"),
        (|| Answer(502, "<html>bad gateway</html>".to_owned()), "failed"),
        (|| Answer(200, "<html>log in</html>".to_owned()), "failed"),
    ];
    for (answer, word) in cases {
        let snapshot = Fake::new(move |_| answer()).read(&[everywhere(arc::POD)]).await;
        assert_eq!(reading(&snapshot).word(), word);
        assert!(names(&snapshot).is_empty());
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_reading() {
    let service = tower::service_fn(|_: HttpRequest<Body>| async {
        Err::<Response<Body>, _>(std::io::Error::new(std::io::ErrorKind::TimedOut, "too slow"))
    });
    let cluster = Cluster::new(Client::new(service, "default"), "test");
    let mut snapshot = Fake::new(|_| no_such_path()).read(&[]).await;
    cluster.read(&[everywhere(arc::POD)], &mut snapshot).await;
    assert_eq!(reading(&snapshot).word(), "failed");
}

#[tokio::test]
async fn the_same_look_is_taken_once_and_covered_once() {
    let fake = Fake::new(|asked| match asked.path.as_str() {
        PODS => list("PodList", "v1", &[named("a", "p")]),
        _ => refusal(403, "Forbidden", "no"),
    });
    let shallow = Request { depth: Depth::Metadata, ..everywhere(arc::POD) };
    let other = Request { namespace: Some("a".to_owned()), ..everywhere(arc::POD) };
    let mut snapshot = fake.read(&[everywhere(arc::POD), shallow, everywhere(arc::POD), other]).await;
    assert_eq!(fake.paths().len(), 2);
    fake.cluster.read(&[everywhere(arc::POD)], &mut snapshot).await;
    assert_eq!(snapshot.coverage.entries.len(), 2);
}

#[tokio::test]
async fn the_order_of_requests_does_not_matter() {
    let answer = |asked: &Asked| list("List", "v1", &[named("a", &asked.path.replace(['/', '?'], "-"))]);
    let requests =
        [everywhere(arc::POD), everywhere(arc::ROLE), everywhere(arc::CRD), everywhere(arc::SECRET)];
    let mut reversed = requests.clone();
    reversed.reverse();
    assert_eq!(Fake::new(answer).read(&requests).await, Fake::new(answer).read(&reversed).await);
}

#[tokio::test]
async fn no_more_than_eight_requests_are_under_way() {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let service = tower::service_fn(|_: HttpRequest<Body>| async {
        MOST.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        NOW.fetch_sub(1, SeqCst);
        Ok::<_, kube::Error>(Response::new(Body::from(br#"{"items": []}"#.to_vec())))
    });
    let cluster = Cluster::new(Client::new(service, "default"), "test");
    let mut snapshot = Fake::new(|_| no_such_path()).read(&[]).await;
    let requests: Vec<Request> =
        (0..40).map(|i| Request { namespace: Some(format!("n{i}")), ..everywhere(arc::POD) }).collect();
    cluster.read(&requests, &mut snapshot).await;
    assert_eq!((snapshot.coverage.entries.len(), MOST.load(SeqCst)), (40, 8));
}

#[tokio::test]
async fn opening_proves_the_server_and_names_its_version() {
    let fake = Fake::new(|_| ok(&json!({"gitVersion": "v1.36.2"})));
    let snapshot = fake.cluster.open(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((snapshot.source.server.as_str(), snapshot.source.context.as_str()), ("v1.36.2", "test"));
    assert_eq!(fake.paths(), ["/version"]);
    let secretive = Fake::new(|_| refusal(403, "Forbidden", "no"));
    assert_eq!(secretive.cluster.open(Timestamp::UNIX_EPOCH).await.unwrap().source.server, "");
    let refused: [fn() -> Answer; 4] = [
        || refusal(401, "Unauthorized", "Unauthorized"),
        || Answer(200, "<html>".to_owned()),
        || Answer(200, "{}".to_owned()),
        || Answer(502, String::new()),
    ];
    for answer in refused {
        let error = Fake::new(move |_| answer()).cluster.open(Timestamp::UNIX_EPOCH).await.unwrap_err();
        assert_eq!(error.kind, crate::error::ErrorKind::Access, "{error}");
    }
}
