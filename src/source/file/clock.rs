//! What time it was when a dump without a header was taken: the newest time in it, never today's date.

use crate::arc;
use crate::model::Object;
use crate::model::PodLog;
use crate::source::decode;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

/// Fields that hold the time of something that has happened. Others (`notAfter`, `expirationTimestamp`) hold
/// times to come.
const PAST: [&str; 17] = [
    "acquireTime",
    "completionTime",
    "creationTimestamp",
    "deployedAt",
    "eventTime",
    "finishedAt",
    "firstTimestamp",
    "lastHeartbeatTime",
    "lastObservedTime",
    "lastProbeTime",
    "lastTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "reconciledAt",
    "renewTime",
    "startTime",
    "startedAt",
];

/// The newest time in an object at which something had happened.
pub fn of_object(object: &Object) -> Option<Timestamp> {
    let managed = object.managers.iter().filter_map(|manager| manager.time);
    managed.chain(object.created).chain(deletion_asked(object)).chain(of_value(&object.body)).max()
}

/// The newest time at the beginning of a line, or in the `ts` or `time` of a line of JSON.
pub fn of_log(log: &PodLog) -> Option<Timestamp> {
    log.lines.iter().filter_map(|line| of_line(line)).max()
}

fn of_line(line: &str) -> Option<Timestamp> {
    if line.starts_with('{') {
        let entry: Value = serde_json::from_str(line).ok()?;
        return ["ts", "time"].iter().find_map(|field| decode::timestamp(entry.get(field)?.as_str()?));
    }
    decode::timestamp(line.split_whitespace().next()?)
}

/// A deletionTimestamp is the moment of the request plus the grace period: for a Pod mostly in the future.
fn deletion_asked(object: &Object) -> Option<Timestamp> {
    let asked = object.deletion_timestamp?;
    match object.number("/metadata/deletionGracePeriodSeconds") {
        Some(grace) => asked.checked_sub(SignedDuration::from_secs(grace)).ok(),
        None => (object.id.kind != arc::POD).then_some(asked),
    }
}

fn of_value(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Array(items) => items.iter().filter_map(of_value).max(),
        Value::Object(map) => {
            let time = |(key, value): (&String, &Value)| match value {
                Value::String(text) if PAST.binary_search(&key.as_str()).is_ok() => decode::timestamp(text),
                value => of_value(value),
            };
            map.iter().filter_map(time).max()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn newest(mut value: Value) -> String {
        value["apiVersion"] = json!("v1");
        value["metadata"]["name"] = json!("x");
        let object = decode::object(value, false).unwrap();
        of_object(&object).map_or_else(|| "none".to_owned(), |time| time.to_string())
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(PAST.is_sorted());
    }

    #[test]
    fn times_to_come_do_not_win() {
        let table = [
            (json!({"kind": "Pod", "metadata": {}}), "none"),
            (
                json!({"kind": "Pod", "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}),
                "2026-01-01T00:00:00Z",
            ),
            (
                json!({"kind": "Pod", "metadata": {
                    "creationTimestamp": "2026-01-01T00:00:00Z",
                    "deletionTimestamp": "2026-01-02T00:00:30Z", "deletionGracePeriodSeconds": 30}}),
                "2026-01-02T00:00:00Z",
            ),
            (
                json!({"kind": "Pod", "metadata": {
                    "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-02T00:00:30Z"}}),
                "2026-01-01T00:00:00Z",
            ),
            (
                json!({"kind": "ConfigMap", "metadata": {"deletionTimestamp": "2026-01-02T00:00:30Z"}}),
                "2026-01-02T00:00:30Z",
            ),
            (
                json!({"kind": "Certificate", "metadata": {}, "status": {
                    "notAfter": "2030-01-01T00:00:00Z",
                    "conditions": [{"lastTransitionTime": "2026-01-03T00:00:00Z"}]}}),
                "2026-01-03T00:00:00Z",
            ),
            (
                json!({"kind": "ConfigMap", "metadata": {"managedFields": [{"time": "2026-01-04T00:00:00Z"}]}}),
                "2026-01-04T00:00:00Z",
            ),
        ];
        for (value, expected) in table {
            assert_eq!(newest(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn lines_of_both_log_formats_tell_the_time() {
        let lines =
            ["no time", "2026-01-01T00:00:00Z\tINFO\tx", r#"{"ts":"2026-01-02T00:00:00.5Z"}"#, "{", ""];
        let log = PodLog {
            namespace: "n".into(),
            pod: "p".into(),
            container: "c".into(),
            lines: lines.map(str::to_owned).to_vec(),
        };
        assert_eq!(of_log(&log).map(|time| time.to_string()).as_deref(), Some("2026-01-02T00:00:00.5Z"));
    }
}
