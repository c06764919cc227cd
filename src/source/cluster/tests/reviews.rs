//! Access reviews: how they are asked and what their answers mean.

use super::*;
use crate::arc;
use crate::model::Question;

fn question(user: &str) -> Question {
    Question {
        user: user.to_owned(),
        verb: "patch".to_owned(),
        group: "actions.github.com".to_owned(),
        resource: "ephemeralrunners".to_owned(),
        subresource: "finalizers".to_owned(),
        namespace: "arc-runners".to_owned(),
        name: String::new(),
    }
}

fn review(user: &str) -> Request {
    Request { what: What::Review(question(user)), ..everywhere(arc::POD) }
}

const CONTROLLER: &str = "system:serviceaccount:arc-systems:arc";

#[tokio::test]
async fn the_groups_of_a_service_account_are_part_of_the_question() {
    let fake = Fake::new(|asked| {
        assert_eq!(
            (asked.method.as_str(), asked.body["kind"].as_str()),
            ("POST", Some("SubjectAccessReview"))
        );
        Answer(201, json!({"status": {"allowed": true, "reason": "RBAC: allowed"}}).to_string())
    });
    let snapshot = fake.read(&[review(CONTROLLER), review(CONTROLLER)]).await;
    let [answer] = &snapshot.reviews[..] else { panic!("{:?}", snapshot.reviews) };
    assert_eq!((answer.allowed, answer.reason.as_str()), (true, "RBAC: allowed"));
    assert_eq!(answer.question, question(CONTROLLER));
    assert!(snapshot.coverage.entries.is_empty());
    let [asked] = &fake.asked()[..] else { panic!() };
    assert_eq!(asked.path, "/apis/authorization.k8s.io/v1/subjectaccessreviews");
    assert_eq!(
        asked.body["spec"],
        json!({
            "user": CONTROLLER,
            "groups": ["system:serviceaccounts", "system:serviceaccounts:arc-systems", "system:authenticated"],
            "resourceAttributes": {
                "verb": "patch", "group": "actions.github.com", "resource": "ephemeralrunners",
                "subresource": "finalizers", "namespace": "arc-runners",
            },
        })
    );
}

#[tokio::test]
async fn other_users_are_only_authenticated() {
    let fake = Fake::new(|_| ok(&json!({"status": {"allowed": false}})));
    fake.read(&[review("jane")]).await;
    assert_eq!(fake.asked()[0].body["spec"]["groups"], json!(["system:authenticated"]));
}

#[tokio::test]
async fn a_denial_keeps_its_reason() {
    let reason = r#"RBAC: role.rbac.authorization.k8s.io "x" not found"#;
    let fake = Fake::new(move |_| ok(&json!({"status": {"allowed": false, "reason": reason}})));
    let snapshot = fake.read(&[review(CONTROLLER)]).await;
    assert_eq!((snapshot.reviews[0].allowed, snapshot.reviews[0].reason.as_str()), (false, reason));
}

#[tokio::test]
async fn no_answer_is_no_denial() {
    let cases: [Case; 4] = [
        (|| refusal(403, "Forbidden", "no"), "forbidden"),
        (no_such_path, "failed"),
        (|| ok(&json!({"status": {}})), "failed"),
        (|| ok(&json!({"status": {"allowed": false, "evaluationError": "webhook down"}})), "failed"),
    ];
    for (answer, word) in cases {
        let snapshot = Fake::new(move |_| answer()).read(&[review(CONTROLLER), review("jane")]).await;
        assert!(snapshot.reviews.is_empty());
        assert_eq!(reading(&snapshot).word(), word);
        assert_eq!(snapshot.coverage.entries[0].kind, arc::ACCESS_REVIEW);
    }
}

#[tokio::test]
async fn asking_again_replaces_the_answer() {
    let fake = Fake::new(|_| ok(&json!({"status": {"allowed": true}})));
    let mut snapshot = fake.read(&[review(CONTROLLER)]).await;
    fake.cluster.read(&[review(CONTROLLER)], &mut snapshot).await;
    assert_eq!(snapshot.reviews.len(), 1);
}
