//! Events about an object: what the scheduler, a kubelet or a controller of Kubernetes said of it. They are gone after
//! an hour, so that none is no comfort. ARC itself writes none.

use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::SignedDuration;
use jiff::Timestamp;

/// What is asked for: what goes well is of no interest and by far the most.
pub const WARNINGS: &str = "type=Warning";

/// An event, whichever of its two forms it was written in (`core/v1`, with or without a series).
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    object: &'a Object,
    pub reason: &'a str,
    pub message: &'a str,
    /// How often it was seen.
    pub count: i64,
    /// When it was last seen.
    pub last: Option<Timestamp>,
}

impl<'a> Event<'a> {
    fn of(object: &'a Object) -> Self {
        let time = |pointer| object.text(pointer).and_then(|text| text.parse().ok());
        let last = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp"];
        Self {
            object,
            reason: object.text("/reason").unwrap_or_default(),
            message: object.text("/message").unwrap_or_default(),
            count: ["/series/count", "/count"].iter().find_map(|pointer| object.number(pointer)).unwrap_or(1),
            last: last.into_iter().find_map(time).or(object.created),
        }
    }

    /// True if it speaks of this object: of a namesake that was there before it does not.
    fn is_about(&self, id: &ObjectId, uid: &str) -> bool {
        let text = |pointer| self.object.text(pointer).unwrap_or_default();
        let its_uid = text("/involvedObject/uid");
        let same_uid = uid.is_empty() || its_uid.is_empty() || its_uid == uid;
        text("/involvedObject/kind") == id.kind.kind
            && text("/involvedObject/namespace") == id.namespace
            && text("/involvedObject/name") == id.name
            && same_uid
    }

    /// What it says, as evidence about its object.
    pub fn evidence(&self, view: &View<'_>, id: &ObjectId) -> Evidence {
        let times = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        let age = self.last.map_or_else(String::new, |last| {
            let age = view.now().duration_since(last).max(SignedDuration::ZERO);
            format!(", last {} ago", rough(age))
        });
        view.evidence(id, "event", format!("{}{times}{age}: {}", self.reason, self.message.trim()))
    }
}

/// The events about an object that were read, newest first.
pub fn about<'a>(view: &View<'a>, id: &ObjectId) -> Vec<Event<'a>> {
    let uid = view.subject(id).map_or("", |object| object.uid.as_str());
    let place = if id.namespace.is_empty() { "default" } else { &id.namespace };
    let events = view.list(&arc::EVENT, Some(place)).objects;
    let mut events: Vec<Event<'a>> =
        events.into_iter().map(Event::of).filter(|event| event.is_about(id, uid)).collect();
    events.sort_by_key(|event| std::cmp::Reverse((event.last, event.count)));
    events
}

/// `40s`, `12m`, `3h`, `5d`.
fn rough(age: SignedDuration) -> String {
    match age.as_secs() {
        seconds if seconds < 120 => format!("{seconds}s"),
        seconds if seconds < 2 * 60 * 60 => format!("{}m", seconds / 60),
        seconds if seconds < 2 * 24 * 60 * 60 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::file;

    const EVENTS: &str = r#"
apiVersion: kubectl-arc/v1alpha1
kind: Snapshot
capturedAt: "2026-11-21T05:00:00Z"
coverage:
- {apiVersion: v1, kind: Event, namespaces: [a], fieldSelector: type=Warning}
- {apiVersion: v1, kind: Pod, namespaces: ["*"]}
---
{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: p, uid: u2}}
---
{apiVersion: v1, kind: Event, metadata: {namespace: a, name: p.1}, reason: Failed, message: old, count: 3,
 involvedObject: {kind: Pod, namespace: a, name: p, uid: u2}, lastTimestamp: "2026-11-21T04:00:00Z"}
---
{apiVersion: v1, kind: Event, metadata: {namespace: a, name: p.2}, reason: FailedScheduling, message: "no node ",
 involvedObject: {kind: Pod, namespace: a, name: p, uid: u2}, eventTime: "2026-11-21T04:00:00.000000Z",
 series: {count: 12, lastObservedTime: "2026-11-21T04:57:00.000000Z"}}
---
{apiVersion: v1, kind: Event, metadata: {namespace: a, name: p.3}, reason: Failed, message: a namesake,
 involvedObject: {kind: Pod, namespace: a, name: p, uid: u1}, lastTimestamp: "2026-11-21T04:59:00Z"}
---
{apiVersion: v1, kind: Event, metadata: {namespace: a, name: q.1}, reason: Failed, message: another,
 involvedObject: {kind: Pod, namespace: a, name: q}, lastTimestamp: "2026-11-21T04:59:00Z"}
"#;

    #[test]
    fn events_are_those_of_the_very_object_newest_first() {
        let snapshot = file::read(&["-".to_owned()], false, &mut EVENTS.as_bytes()).expect("it can be read");
        let view = View::new(&snapshot);
        let pod = ObjectId::new(&arc::POD, "a", "p");
        let said: Vec<String> =
            about(&view, &pod).iter().map(|event| event.evidence(&view, &pod).says).collect();
        assert_eq!(
            said,
            ["FailedScheduling, 12 times, last 3m ago: no node", "Failed, 3 times, last 60m ago: old"]
        );
        let reading = |place| view.reading_of_selector(&arc::EVENT, Some(place), WARNINGS);
        assert!(reading("a").is_complete() && !reading("elsewhere").is_complete());
    }
}
