mod any;

use super::*;
use crate::arc;
use crate::model::Covered;
use crate::model::GroupKind;
use crate::model::Reading;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::source::decode;
use crate::source::file;
use proptest::prelude::*;

fn empty() -> Snapshot {
    let source = SourceInfo {
        source: SourceType::File,
        context: String::new(),
        server: String::new(),
        namespace: String::new(),
    };
    Snapshot::new(source, "2026-11-21T05:00:00Z".parse().unwrap())
}

fn read(text: &str) -> Snapshot {
    file::read(&["-".to_owned()], false, &mut text.as_bytes()).unwrap()
}

fn covered(api_version: &str, kind: &str, namespace: Option<&str>, reading: Reading) -> Covered {
    Covered {
        kind: GroupKind::of(api_version, kind),
        namespace: namespace.map(str::to_owned),
        name: None,
        selector: None,
        api_version: api_version.to_owned(),
        reading,
    }
}

fn question() -> Question {
    Question {
        user: "system:serviceaccount:arc-systems:arc".to_owned(),
        verb: "get".to_owned(),
        group: String::new(),
        resource: "secrets".to_owned(),
        subresource: String::new(),
        namespace: "arc-runners".to_owned(),
        name: String::new(),
    }
}

#[test]
fn a_file_reads_like_what_kubectl_writes() {
    let mut snapshot = empty();
    snapshot.source.context = "prod".to_owned();
    snapshot.source.server = "v1.36.2".to_owned();
    snapshot.source.namespace = "arc-runners".to_owned();
    snapshot.remarks.push("the API server says: v1 Pods are \"old\"".to_owned());
    let named = |name: &str| Covered {
        name: Some(name.to_owned()),
        ..covered("v1", "Namespace", None, Reading::Read)
    };
    snapshot.coverage.entries = vec![
        covered("v1", "Secret", Some("arc-runners"), Reading::Read),
        covered("v1", "Secret", Some("arc-systems"), Reading::Read),
        covered("v1", "Secret", None, Reading::Forbidden("secrets is forbidden: User \"me\"".to_owned())),
        covered("example.com/v1", "Widget", None, Reading::NotServed),
        named("arc-systems"),
        named("arc-runners"),
    ];
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": "123e4567", "namespace": "arc-runners", "labels": {"on": "no"}, "managedFields": [
            {"manager": "helm", "operation": "Update", "time": "2026-11-21T04:00:00Z", "fieldsV1": {
                "f:metadata": {"f:finalizers": {".": {}, "v:\"example.com/x\"": {}}}, "f:rules": {}}},
            {"manager": "kubectl", "operation": "Apply"}]},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}],
    });
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "gh-app", "namespace": "arc-runners"}});
    snapshot.insert(decode::object(role, false).unwrap());
    snapshot.insert(decode::object(secret, true).unwrap());
    let reason = "RBAC: role.rbac.authorization.k8s.io \"x\" not found".to_owned();
    snapshot.reviews.push(AccessReview { question: question(), allowed: false, reason });
    snapshot.logs.push(PodLog {
        namespace: "arc-systems".to_owned(),
        pod: "arc-1".to_owned(),
        container: "manager".to_owned(),
        lines: vec!["2026-11-21T04:59:00Z\tINFO\thello".to_owned(), "{\"a\": 1}".to_owned()],
    });
    snapshot.sort();
    insta::assert_snapshot!(yaml(&snapshot), @r#"
    apiVersion: kubectl-arc/v1alpha1
    kind: Snapshot
    capturedAt: "2026-11-21T05:00:00Z"
    context: prod
    serverVersion: v1.36.2
    namespace: arc-runners
    documents: 4
    remarks:
    - "the API server says: v1 Pods are \"old\""
    coverage:
    - {apiVersion: v1, kind: Namespace, namespaces: ["*"], names: [arc-runners, arc-systems]}
    - {apiVersion: v1, kind: Secret, namespaces: [arc-runners, arc-systems]}
    - {apiVersion: v1, kind: Secret, namespaces: ["*"], error: "forbidden: secrets is forbidden: User \"me\""}
    - {apiVersion: example.com/v1, kind: Widget, namespaces: ["*"], error: not-served}
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: gh-app
      namespace: arc-runners
    metadataOnly: true
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      labels:
        "on": "no"
      managedFields:
      - fieldsType: FieldsV1
        fieldsV1:
          "f:metadata":
            "f:finalizers":
              "v:\"example.com/x\"": {}
        manager: helm
        operation: Update
        time: "2026-11-21T04:00:00Z"
      - manager: kubectl
        operation: Apply
      name: "123e4567"
      namespace: arc-runners
    rules:
    - apiGroups:
      - ""
      resources:
      - secrets
      verbs:
      - get
      - list
    ---
    apiVersion: authorization.k8s.io/v1
    kind: SubjectAccessReview
    spec:
      resourceAttributes:
        namespace: arc-runners
        resource: secrets
        verb: get
      user: system:serviceaccount:arc-systems:arc
    status:
      allowed: false
      reason: "RBAC: role.rbac.authorization.k8s.io \"x\" not found"
    ---
    apiVersion: kubectl-arc/v1alpha1
    container: manager
    kind: PodLog
    lines:
    - "2026-11-21T04:59:00Z\tINFO\thello"
    - "{\"a\": 1}"
    metadata:
      name: arc-1
      namespace: arc-systems
    "#);
    assert_eq!(read(&yaml(&snapshot)), snapshot);
}

/// What was cut off would be absent, and absent is not unread.
#[test]
fn a_file_that_was_cut_off_between_two_documents_is_refused() {
    let mut snapshot = empty();
    for name in ["a", "b"] {
        let value = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "n"}});
        snapshot.insert(decode::object(value, false).unwrap());
    }
    let text = yaml(&snapshot);
    let (rest, _) = text.rsplit_once("---\n").unwrap();
    let refused = file::read(&["-".to_owned()], false, &mut rest.as_bytes()).unwrap_err();
    let said = "standard input is not a whole snapshot: 2 documents should follow, and 1 are there";
    assert_eq!(refused.to_string(), said);
}

#[test]
fn nothing_hostile_stands_in_the_file_and_the_rest_stays_readable() {
    let mut snapshot = empty();
    let object = |name: &str, note: &str| {
        let value = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": name, "namespace": "a", "annotations": {"note": note}}});
        decode::object(value, false).unwrap()
    };
    snapshot.insert(object("bad", "\u{1b}[2J\u{202e}dlrow\u{e0041}\u{feff}"));
    snapshot.insert(object("good", "Größe 日本語"));
    snapshot.source.context = "\u{200b}prod".to_owned();
    let text = yaml(&snapshot);
    assert!(!text.chars().any(|c| c != '\n' && sanitize::is_hostile(c)), "{text}");
    assert!(text.contains("note: Größe 日本語"), "{text}");
    assert_eq!(read(&text), snapshot);
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(snapshot in any::snapshot()) {
        // What looks like a URL with a password in it is left out by the reader, as it should be.
        let words = format!("{snapshot:?}");
        prop_assume!(!(words.contains("://") && words.contains('@')));
        let text = yaml(&snapshot);
        prop_assert!(!text.chars().any(|c| c != '\n' && sanitize::is_hostile(c)));
        let read = read(&text);
        prop_assert_eq!(&read, &snapshot, "{}", text);
        prop_assert_eq!(yaml(&read), text);
    }
}

#[test]
fn the_kinds_are_called_what_the_readers_call_them() {
    let log = pod_log(&PodLog {
        namespace: String::new(),
        pod: String::new(),
        container: String::new(),
        lines: Vec::new(),
    });
    let review = access_review(&AccessReview { question: question(), allowed: true, reason: String::new() });
    for (value, kind) in [(log, arc::POD_LOG), (review, arc::ACCESS_REVIEW)] {
        let word = |key: &str| value[key].as_str().unwrap().to_owned();
        assert_eq!(GroupKind::of(&word("apiVersion"), &word("kind")), kind);
    }
}
