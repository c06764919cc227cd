//! How a TARGET goes on: TYPE NAME, TYPE/NAME, or the NAME of a runner set.

use super::offer::Value;
use super::offer::is_plain;
use crate::arc;
use crate::command::target::KindWord;
use crate::command::target::kind_word;
use crate::model::Object;
use crate::render::text::words;
use jiff::Timestamp;

/// What can stand in the place of the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first: a runner set, or a TYPE.
    First,
    /// A NAME of these types.
    Name(Vec<KindWord>),
    /// Behind a NAME that is a runner set's, or another of its type if the server knows such a type.
    SetOrName(String),
    /// A TYPE before a slash.
    Type,
    /// A NAME behind a TYPE and a slash, which are part of the word.
    Slashed(KindWord, String),
}

/// Reads the targets before the last word, and that word.
pub fn place(before: &[String], current: &str) -> Place {
    if let Some((kind, _)) = current.split_once('/') {
        return Place::Slashed(kind_word(kind), format!("{kind}/"));
    }
    let Some(first) = before.first() else { return Place::First };
    if before.iter().any(|word| word.contains('/')) {
        return Place::Type;
    }
    let kinds: Vec<KindWord> = first.split(',').map(kind_word).collect();
    match kinds.iter().all(|kind| matches!(kind, KindWord::Known(_))) || first.contains(['.', ',']) {
        true => Place::Name(kinds),
        false => Place::SetOrName(first.clone()),
    }
}

/// Every TYPE that the program knows by itself.
pub fn types(end: &str) -> Vec<Value> {
    arc::KINDS.iter().map(|row| Value::new(format!("{}{end}", row.plural), row.kind)).collect()
}

/// The names of objects, those first that have been going away for longest. `what` says what each is.
pub fn names(objects: &[&Object], what: &str, now: Timestamp) -> Vec<Value> {
    let mut objects: Vec<&&Object> = objects.iter().filter(|object| is_plain(&object.id.name)).collect();
    objects.sort_by_key(|object| {
        let since = object.deletion_timestamp;
        (since.is_none(), since, &object.id.name, &object.id.namespace)
    });
    let mut values: Vec<Value> = Vec::new();
    for object in objects {
        if values.iter().any(|value| value.text == object.id.name) {
            continue;
        }
        let says = match (what, object.deletion_timestamp) {
            ("", None) => String::new(),
            (what, None) => what.to_owned(),
            ("", Some(since)) => going(since, now),
            (what, Some(since)) => format!("{what}, {}", going(since, now)),
        };
        values.push(Value::new(&object.id.name, says));
    }
    values
}

fn going(since: Timestamp, now: Timestamp) -> String {
    // A pod that may take its time has its end in the future.
    if since >= now { "deleting".to_owned() } else { format!("deleting for {}", words::age(since, now)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectId;

    fn at(before: &[&str], current: &str) -> Place {
        place(&before.iter().map(ToString::to_string).collect::<Vec<_>>(), current)
    }

    #[test]
    fn the_words_before_tell_what_may_follow() {
        let pods = kind_word("pods");
        assert_eq!(at(&[], ""), Place::First);
        assert_eq!(at(&[], "po/x"), Place::Slashed(pods.clone(), "po/".to_owned()));
        assert_eq!(at(&["ns/a"], "po/x"), Place::Slashed(pods.clone(), "po/".to_owned()));
        assert_eq!(at(&["ns/a"], "po"), Place::Type);
        assert_eq!(at(&["po"], "x"), Place::Name(vec![pods.clone()]));
        assert_eq!(at(&["Pods", "a", "b"], ""), Place::Name(vec![pods]));
        assert_eq!(
            at(&["role,rolebinding"], ""),
            Place::Name(vec![kind_word("roles"), kind_word("rolebinding")])
        );
        assert_eq!(at(&["widgets.example.com"], ""), Place::Name(vec![kind_word("widgets.example.com")]));
        assert_eq!(at(&["my-set"], ""), Place::SetOrName("my-set".to_owned()));
    }

    #[test]
    fn every_type_that_is_offered_is_taken() {
        for value in types("") {
            assert!(is_plain(&value.text), "{}", value.text);
            let KindWord::Known(row) = kind_word(&value.text) else { panic!("{} is no type", value.text) };
            assert_eq!(row.kind, value.says);
        }
    }

    fn object(name: &str, deleted: Option<&str>) -> Object {
        Object {
            id: ObjectId::new(&arc::POD, "ci", name),
            api_version: "v1".to_owned(),
            uid: String::new(),
            resource_version: String::new(),
            created: None,
            deletion_timestamp: deleted.map(|time| time.parse().unwrap()),
            finalizers: Vec::new(),
            owners: Vec::new(),
            labels: std::collections::BTreeMap::new(),
            annotations: std::collections::BTreeMap::new(),
            managers: Vec::new(),
            metadata_only: true,
            body: serde_json::Value::Null,
        }
    }

    #[test]
    fn what_has_been_going_away_for_longest_stands_first() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let objects = [
            object("a", None),
            object("b", Some("2026-11-21T08:58:30Z")),
            object("c", Some("2026-11-21T08:00:00Z")),
            object("d", Some("2026-11-21T09:00:30Z")),
            object("e\nf\t:0", Some("2026-11-21T08:00:00Z")),
            object("$(reboot)", None),
        ];
        let seen: Vec<&Object> = objects.iter().collect();
        let value = |text: &str, says: &str| Value::new(text, says);
        assert_eq!(
            names(&seen, "", now),
            [
                value("c", "deleting for 60m"),
                value("b", "deleting for 90s"),
                value("d", "deleting"),
                value("a", "")
            ]
        );
        assert_eq!(
            names(&seen[..2], "runner set", now),
            [value("b", "runner set, deleting for 90s"), value("a", "runner set")]
        );
    }
}
