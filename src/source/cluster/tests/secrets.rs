//! What must not get in: values of Secrets, and more than was asked for.

use super::*;
use crate::arc;

const CANARY: &str = "Y2FuYXJ5";

fn secret() -> Value {
    let mut secret = named("a", "gh-app");
    secret["type"] = Value::from("Opaque");
    secret["data"] = json!({"github_token": CANARY});
    secret["stringData"] = json!({"other": CANARY});
    let applied = json!({"apiVersion": "v1", "kind": "Secret", "data": {"github_token": CANARY}});
    secret["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": applied.to_string()});
    secret
}

#[tokio::test]
async fn values_of_secrets_are_gone_however_they_were_asked_for() {
    for depth in [Depth::Full, Depth::Metadata] {
        let fake = Fake::new(|asked| match asked.path.ends_with("/gh-app") {
            true => ok(&secret()),
            false => list("SecretList", "v1", &[secret()]),
        });
        for request in [everywhere(arc::SECRET), one(arc::SECRET, "a", "gh-app")] {
            let snapshot = fake.read(&[Request { depth, ..request }]).await;
            assert_eq!(names(&snapshot), ["gh-app"]);
            assert!(!format!("{snapshot:?}").contains(CANARY), "{depth:?}");
        }
    }
}

#[tokio::test]
async fn a_secret_that_calls_itself_something_else_is_still_one() {
    let fake = Fake::new(|_| {
        let mut disguised = secret();
        disguised["kind"] = Value::from("ConfigMap");
        list("ConfigMapList", "v1", &[disguised])
    });
    let snapshot = fake.read(&[everywhere(arc::SECRET)]).await;
    assert_eq!(names(&snapshot), ["gh-app"]);
    assert!(!format!("{snapshot:?}").contains(CANARY));
}

#[tokio::test]
async fn the_names_of_a_secrets_keys_stay() {
    let fake = Fake::new(|_| list("SecretList", "v1", &[secret()]));
    let snapshot = fake.read(&[everywhere(arc::SECRET)]).await;
    let object = snapshot.objects().next().unwrap();
    assert_eq!(object.text("/data/github_token"), Some(""));
}

#[tokio::test]
async fn metadata_is_asked_for_as_such() {
    let fake = Fake::new(|asked| {
        assert!(asked.accept.contains("as=PartialObjectMetadata"), "{}", asked.accept);
        assert!(asked.accept.ends_with(",application/json"), "{}", asked.accept);
        let partial = |name| {
            let mut item = named("a", name);
            item["kind"] = Value::from("PartialObjectMetadata");
            item["apiVersion"] = Value::from("meta.k8s.io/v1");
            item
        };
        match asked.path.ends_with("/p") {
            true => ok(&partial("p")),
            false => list("PartialObjectMetadataList", "meta.k8s.io/v1", &[partial("q")]),
        }
    });
    let shallow = |request| Request { depth: Depth::Metadata, ..request };
    let snapshot = fake.read(&[shallow(everywhere(arc::ROLE)), shallow(one(arc::POD, "a", "p"))]).await;
    let seen: Vec<_> = snapshot
        .objects()
        .map(|object| (object.id.to_string(), object.api_version.as_str(), object.metadata_only))
        .collect();
    assert_eq!(
        seen,
        [("Pod a/p".to_owned(), "v1", true), ("Role a/q".to_owned(), "rbac.authorization.k8s.io/v1", true)]
    );
}

#[tokio::test]
async fn a_server_that_sends_whole_objects_instead_of_metadata_is_cut_short() {
    let fake = Fake::new(|_| {
        let mut pod = named("a", "p");
        pod["spec"] = json!({"nodeName": "n"});
        list("PodList", "v1", &[pod])
    });
    let snapshot = fake.read(&[Request { depth: Depth::Metadata, ..everywhere(arc::POD) }]).await;
    let object = snapshot.objects().next().unwrap();
    assert!(object.metadata_only && object.body.get("spec").is_none());
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_not_repeated() {
    let fake = Fake::new(|_| Answer(200, format!("{{\"items\": [{{\"data\": \"{CANARY}\"")));
    let snapshot = fake.read(&[everywhere(arc::SECRET)]).await;
    let Reading::Failed(words) = reading(&snapshot) else { panic!() };
    assert!(!words.contains(CANARY), "{words}");
}
