//! Creations.

use super::*;
use crate::apply::After;

const COLLECTION: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/n/roles";

fn role() -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"namespace": "n", "name": "r", "labels": {"a": "b"}},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    })
}

/// The Role as the server has it.
fn made() -> Value {
    let mut made = role();
    made["metadata"]["uid"] = "u-9".into();
    made["metadata"]["labels"]["more"] = "x".into();
    made
}

fn exists() -> Answer {
    status(409, "AlreadyExists", "roles.rbac.authorization.k8s.io \"r\" already exists", json!({"name": "r"}))
}

/// Nothing is there at first; a POST is answered by `answer`, and then `after` is there.
async fn create(answer: Server, after: Option<Value>) -> (Vec<Asked>, Result<Done, Refusal>) {
    let mut stage = Stage::new(move |asked| match (asked.method.as_str(), asked.before, &after) {
        ("GET", 1.., Some(after)) => Answer::Is(200, after.clone()),
        ("GET", ..) => not_found(),
        _ => answer(asked),
    });
    let done = stage.carry_out(&Action::Create(role())).await;
    (stage.asked(), done)
}

#[tokio::test]
async fn what_is_not_there_is_made() {
    let (asked, done) = create(|_| Answer::Is(201, made()), None).await;
    let Ok(Done::Changed(change)) = done else { panic!("{done:?}") };
    assert_eq!((change.before, change.after), (None, After::Made(made())));
    assert_eq!(asked[1].path, format!("{COLLECTION}?fieldManager=kubectl-arc&dryRun=All"));
    assert_eq!(
        (asked[2].method.as_str(), asked[2].path.as_str()),
        ("POST", &*format!("{COLLECTION}?fieldManager=kubectl-arc"))
    );
    assert_eq!(asked[2].body, role());
}

#[tokio::test]
async fn what_came_in_between_is_left_as_it_is() {
    let (asked, done) = create(|_| exists(), Some(made())).await;
    assert_eq!(done, Ok(Done::Already("Role n/r is there, and as it was to be made".to_owned())));
    assert_eq!(asked.iter().filter(|one| one.is_for_good()).count(), 0);
    let mut other = made();
    other["rules"] = json!([]);
    let (_, done) = create(|_| exists(), Some(other)).await;
    let refusal = done.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Moved);
    assert_eq!(refusal.message, "Role n/r is there already, with another rules than it was to be made with");
    let mut deleting = made();
    deleting["metadata"]["deletionTimestamp"] = "2026-11-21T05:00:00Z".into();
    let (_, done) = create(|_| exists(), Some(deleting)).await;
    assert_eq!(done.unwrap_err().message, "Role n/r is still there, and is being deleted");
}

#[tokio::test]
async fn what_is_there_is_not_made_again() {
    let mut stage = Stage::new(|_| Answer::Is(200, made()));
    assert!(matches!(stage.carry_out(&Action::Create(role())).await, Ok(Done::Already(_))));
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_a_creation_is_found_again() {
    let lost = |asked: &Asked| if asked.is_dry() { Answer::Is(201, made()) } else { Answer::Cut };
    let (asked, done) = create(lost, Some(made())).await;
    assert!(matches!(done, Ok(Done::Changed(change)) if change.after == After::Made(made())));
    assert_eq!(asked.iter().filter(|one| one.is_for_good()).count(), 1);
}

#[tokio::test]
async fn who_may_not_make_it_is_told_who_may() {
    let cases: [(Server, RefusalKind, &str); 5] = [
        (
            |_| {
                forbidden(
                    "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"jane\" (groups=[\"dev\"]) is attempting \
                     to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"]}",
                )
            },
            RefusalKind::Forbidden,
            "nobody may give rights that they do not have themselves",
        ),
        (
            |_| {
                let details = json!({"name": "r", "causes": [{"reason": "NamespaceTerminating",
                    "message": "namespace n is being terminated", "field": "metadata.namespace"}]});
                let message = "roles \"r\" is forbidden: unable to create new content in namespace n because it is \
                    being terminated";
                status(403, "Forbidden", message, details)
            },
            RefusalKind::NamespaceGone,
            "its namespace is being deleted, and takes nothing new",
        ),
        (
            |_| {
                let details = json!({"name": "n", "kind": "namespaces"});
                status(404, "NotFound", "namespaces \"n\" not found", details)
            },
            RefusalKind::NamespaceGone,
            "cannot make Role n/r: its namespace n is gone",
        ),
        (
            |_| {
                let message = "object is being deleted: roles.rbac.authorization.k8s.io \"r\" already exists";
                status(409, "AlreadyExists", message, json!({"name": "r"}))
            },
            RefusalKind::Moved,
            "one of its name is still there, and is being deleted",
        ),
        (
            |_| {
                status(
                    405,
                    "MethodNotAllowed",
                    "create not allowed while custom resource definition is terminating",
                    json!({}),
                )
            },
            RefusalKind::NotServed,
            "takes no new objects",
        ),
    ];
    for (answer, kind, said) in cases {
        let (asked, done) = create(answer, None).await;
        let refusal = done.unwrap_err();
        assert_eq!(refusal.kind, kind, "{}", refusal.message);
        assert!(refusal.message.contains(said) && refusal.hint.is_some(), "{}", refusal.message);
        assert_eq!(asked.iter().filter(|one| one.is_for_good()).count(), 0);
    }
}
