//! Snapshots as odd as they come.

use super::covered;
use super::empty;
use crate::model::AccessReview;
use crate::model::Coverage;
use crate::model::Covered;
use crate::model::Object;
use crate::model::PodLog;
use crate::model::Question;
use crate::model::Reading;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::source::decode;
use crate::source::redact;
use jiff::Timestamp;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

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
    pub fn snapshot()(
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
