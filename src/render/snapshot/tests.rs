use super::*;
use crate::arc;
use crate::model::Coverage;
use crate::model::Covered;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::Reading;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::source::decode;
use crate::source::file;
use crate::source::redact;
use jiff::Timestamp;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

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

/// Texts that YAML, or some reader of it, takes for something else.
const TRICKY: [&str; 32] = [
    "",
    " ",
    "~",
    "null",
    "yes",
    "on",
    "N",
    "true",
    "123e4567",
    "1e3",
    "0x1f",
    "017",
    "0o17",
    "1_000",
    "1.0",
    ".5",
    ".inf",
    "-",
    "--- ",
    "...",
    "? a",
    "a: b",
    "a #b",
    "#",
    "*x",
    "&x",
    "!x",
    "%x",
    "@x",
    "`",
    "2026-11-21",
    "12:30:45",
];

fn tricky() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&TRICKY[..]).prop_map(str::to_owned),
        any::<String>(),
        "[ -~\n\t]{0,24}",
        "[a-z:/@. ]{0,24}",
        "[\\PC\u{0}-\u{1f}\u{85}\u{a0}\u{2028}\u{202e}\u{feff}]{0,12}",
        "(line\n|  indented\n|\n| ){0,5}",
    ]
}

fn filled() -> impl Strategy<Value = String> {
    tricky().prop_filter("says nothing", |text| !text.is_empty())
}

/// What an API server sends: a whole number never comes as 1.0.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("whole", |f| f.is_finite() && f.fract() != 0.0).prop_map(Value::from),
        tricky().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(tricky(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9.-]{0,6}",
        select(&["123e4567", "on", "null", "1e3", "0x1f"][..]).prop_map(str::to_owned)
    ]
}

/// Kinds of the core, with and without namespaces, of ARC, and of nobody.
fn kind() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(
        &[
            ("v1", "Secret"),
            ("v1", "Pod"),
            ("v1", "Namespace"),
            ("actions.github.com/v1alpha1", "EphemeralRunner"),
            ("actions.github.com/v1beta1", "EphemeralRunner"),
            ("example.com/v1", "Widget"),
            ("example.com/v1", "PlayList"),
        ][..],
    )
}

prop_compose! {
    fn object()(
        (api_version, kind) in kind(),
        (name, namespace) in (name(), name()),
        (labels, annotations) in (btree_map(tricky(), tricky(), 0..3), btree_map(tricky(), tricky(), 0..3)),
        finalizers in vec("[a-z]{1,4}\\.io/[a-z]{1,4}", 0..3),
        managers in vec((tricky(), vec("[a-z]{1,4}\\.io/[a-z]{1,4}", 0..3), option::of(0_i64..4_000_000_000)), 0..3),
        body in btree_map("spec|status|data|stringData|rules|metadataOnly|[a-z]{1,4}", value(), 0..3),
        metadata_only in any::<bool>(),
    ) -> Object {
        let managers: Vec<Value> = managers.into_iter().map(|(name, held, time)| {
            let held: Map<String, Value> =
                held.into_iter().map(|finalizer| (format!("v:{}", json!(finalizer)), json!({}))).collect();
            json!({
                "manager": name, "operation": "Update", "fieldsType": "FieldsV1",
                "time": time.map(|time| Timestamp::from_second(time).unwrap().to_string()),
                "fieldsV1": {"f:metadata": {"f:finalizers": held}, "f:spec": {}},
            })
        }).collect();
        let mut value = json!({"apiVersion": api_version, "kind": kind, "metadata": {
            "name": name, "namespace": namespace, "labels": labels, "annotations": annotations,
            "finalizers": finalizers, "managedFields": managers, "creationTimestamp": "2026-11-20T00:00:00Z",
        }});
        if !metadata_only {
            // Without anything else it could be taken for one of which only the metadata was read.
            value["spec"] = json!({});
            value.as_object_mut().unwrap().extend(body);
        }
        decode::object(value, metadata_only).unwrap()
    }
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![
        Just(Reading::Read),
        Just(Reading::NotServed),
        tricky().prop_map(|words| Reading::Forbidden(redact::words(&words))),
        tricky().prop_map(|words| Reading::Failed(redact::words(&words))),
    ]
}

prop_compose! {
    fn look()(
        (api_version, kind) in kind(),
        (namespace, name) in (option::of(name()), option::of(name())),
        selector in option::of(filled()),
        reading in reading(),
    ) -> Covered {
        Covered { name, selector, ..covered(api_version, kind, namespace.as_deref(), reading) }
    }
}

prop_compose! {
    fn review()(
        (user, verb, resource) in (filled(), filled(), filled()),
        (group, subresource, namespace, name) in (tricky(), tricky(), tricky(), tricky()),
        allowed in any::<bool>(),
        reason in tricky(),
    ) -> AccessReview {
        let question = Question { user, verb, group, resource, subresource, namespace, name };
        AccessReview { question, allowed, reason: redact::words(&reason) }
    }
}

prop_compose! {
    fn log()(
        (namespace, pod, container) in (name(), name(), tricky()),
        mut lines in vec(tricky(), 0..4),
    ) -> PodLog {
        lines.iter_mut().for_each(redact::text);
        PodLog { namespace, pod, container, lines }
    }
}

prop_compose! {
    fn snapshot()(
        (context, server, namespace) in (tricky(), tricky(), tricky()),
        time in 0_i64..4_000_000_000_000_000,
        objects in vec(object(), 0..4),
        (entries, complete) in (vec(look(), 0..6), any::<bool>()),
        (reviews, logs, remarks) in (vec(review(), 0..3), vec(log(), 0..3), vec(tricky(), 0..3)),
    ) -> Snapshot {
        let mut snapshot = empty();
        snapshot.source = SourceInfo { context, server, namespace, ..snapshot.source };
        snapshot.captured_at = Timestamp::from_microsecond(time).unwrap();
        for object in objects {
            snapshot.insert(object);
        }
        snapshot.coverage = Coverage { entries, complete };
        (snapshot.reviews, snapshot.logs) = (reviews, logs);
        snapshot.remarks = remarks.iter().map(|said| redact::words(said)).collect();
        snapshot.sort();
        snapshot.coverage.entries.dedup();
        snapshot
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(snapshot in snapshot()) {
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
