//! The documents of one file: what each of them is, and what is said about those that are nothing.

use super::clock;
use super::header;
use super::header::Header;
use crate::error::Error;
use crate::model::AccessReview;
use crate::model::Object;
use crate::model::PodLog;
use crate::source::decode;
use crate::source::yaml;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// What stands in one file.
#[derive(Debug, Default)]
pub struct Contents {
    pub objects: Vec<Object>,
    pub reviews: Vec<AccessReview>,
    pub logs: Vec<PodLog>,
    pub headers: Vec<Header>,
    /// When the file was taken: what its headers say, else the newest time in it.
    pub clock: Option<Timestamp>,
    /// What of the objects was not taken over.
    pub ignored: Vec<String>,
    /// Why documents were left out, in order.
    pub skipped: Vec<String>,
    /// Documents that are of use, empty lists among them.
    pub recognised: usize,
}

/// Where a document or an item of a list stands.
#[derive(Clone, Copy)]
struct Place {
    document: usize,
    line: usize,
    item: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(item) = self.item {
            write!(f, "item {item} of ")?;
        }
        write!(f, "document {} (line {})", self.document, self.line)
    }
}

/// Reads the text of the file of this name.
pub fn read(name: &str, text: &str) -> Result<Contents, Error> {
    let mut contents = Contents::default();
    let mut ignored = Vec::new();
    let mut unfinished = None;
    let is_json = text.starts_with(['{', '[']);
    for (i, document) in yaml::documents(text).enumerate() {
        let document = document.map_err(|error| {
            Error::config(format!("{name} cannot be read as YAML or JSON: {error}"))
                .hint("a dump that was cut off or changed by hand is best taken again")
        })?;
        let place = Place { document: i + 1, line: document.line, item: None };
        let repeated = document.repeated.iter();
        ignored.extend(repeated.map(|(key, line)| format!("key {key:?} stands again on line {line}")));
        if !document.value.is_null() {
            unfinished = missing(&document.value).filter(|_| !is_json).map(|part| (place, part));
        }
        contents.document(name, document.value, place, &mut ignored)?;
    }
    // Block YAML that is cut off between two lines is still YAML; kubectl sorts the keys, so the cut shows.
    if let Some((place, part)) = unfinished {
        let message = format!("{name} ends in the middle of an object: its last, {place}, has no {part}");
        return Err(
            Error::config(message).hint("the file was cut off: take it again, or remove that document")
        );
    }
    let headers = contents.headers.iter().filter_map(|header| header.captured_at);
    contents.clock = headers.max().or(contents.clock);
    contents.ignored = ignored;
    Ok(contents)
}

impl Contents {
    fn document(
        &mut self,
        name: &str,
        value: Value,
        place: Place,
        ignored: &mut Vec<String>,
    ) -> Result<(), Error> {
        let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
        match value {
            Value::Null => {}
            // `jq .items` leaves a bare list.
            Value::Array(items) => self.items(name, items, "", "", place, ignored)?,
            Value::Object(_) if kind == "Snapshot" && header::is_ours(&value) => {
                let header = header::parse(&value).map_err(|wrong| {
                    Error::config(format!("the header in {name}, {place}, is wrong: {wrong}"))
                })?;
                self.recognised += 1;
                self.headers.push(header);
            }
            Value::Object(_) if kind == "PodLog" && header::is_ours(&value) => {
                match decode::pod_log(&value) {
                    Some(log) => {
                        self.recognised += 1;
                        self.clock = self.clock.max(clock::of_log(&log));
                        self.logs.push(log);
                    }
                    None => self.skipped.push(format!("{place} is a PodLog without name and namespace")),
                }
            }
            Value::Object(_) if header::is_ours(&value) => {
                self.skipped.push(format!("{place} is a {kind} of kubectl-arc, not an object of a cluster"));
            }
            Value::Object(mut map) if is_list(&map) => {
                let item_kind = kind_of_items(&map);
                let api_version =
                    map.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
                match map.remove("items") {
                    Some(Value::Array(items)) => {
                        self.items(name, items, &api_version, &item_kind, place, ignored)?;
                    }
                    None | Some(Value::Null) => {}
                    Some(other) => {
                        let found = decode::type_of(&other);
                        self.skipped.push(format!("{place} is a list whose items are {found}"));
                        return Ok(());
                    }
                }
                self.recognised += 1;
            }
            Value::Object(_) if is_review(&value) => match decode::review(&value) {
                Some(review) => {
                    self.recognised += 1;
                    self.reviews.push(review);
                }
                None => self.skipped.push(format!("{place} is a review without a question or an answer")),
            },
            value => self.object(value, place, ignored),
        }
        Ok(())
    }

    /// The items of a list, which leave out their kind where the list tells it.
    fn items(
        &mut self,
        name: &str,
        items: Vec<Value>,
        api_version: &str,
        kind: &str,
        place: Place,
        ignored: &mut Vec<String>,
    ) -> Result<(), Error> {
        for (i, mut item) in items.into_iter().enumerate() {
            if let Value::Object(map) = &mut item {
                for (field, text) in [("apiVersion", api_version), ("kind", kind)] {
                    if !text.is_empty() && !map.contains_key(field) {
                        map.insert(field.to_owned(), Value::from(text));
                    }
                }
            }
            self.document(name, item, Place { item: Some(i + 1), ..place }, ignored)?;
        }
        Ok(())
    }

    fn object(&mut self, value: Value, place: Place, ignored: &mut Vec<String>) {
        let is_status = value.get("kind").and_then(Value::as_str) == Some("Status");
        let said = value.get("message").and_then(Value::as_str).filter(|_| is_status).map(str::to_owned);
        match decode::object_with(value, false, ignored) {
            Ok(object) => {
                self.recognised += 1;
                if self.headers.is_empty() {
                    self.clock = self.clock.max(clock::of_object(&object));
                }
                self.objects.push(object);
            }
            Err(_) if is_status => {
                let said = said.unwrap_or_default();
                self.skipped.push(format!("{place} is an answer of the API server: {said}"));
            }
            Err(error) => self.skipped.push(format!("{place} {error}")),
        }
    }
}

fn is_review(value: &Value) -> bool {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
    text("kind").ends_with("AccessReview") && text("apiVersion").starts_with("authorization.k8s.io/")
}

/// A `List`, or the `PodList` of a raw answer. A resource may have such a kind, too, but then it has a name.
fn is_list(map: &Map<String, Value>) -> bool {
    let is_named = map.get("metadata").and_then(|metadata| metadata.get("name")).is_some();
    map.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List")) && !is_named
}

fn kind_of_items(map: &Map<String, Value>) -> String {
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default();
    kind.strip_suffix("List").unwrap_or_default().to_owned()
}

/// The part that a document which began as an object does not have.
fn missing(value: &Value) -> Option<&'static str> {
    let map = value.as_object()?;
    map.get("apiVersion")?;
    if !map.contains_key("kind") {
        return Some("kind");
    }
    let text = |field: &str| map.get(field).and_then(Value::as_str).unwrap_or_default();
    let needs_no_name = is_list(map) || is_review(value) || text("kind") == "Status";
    if needs_no_name || (header::is_ours(value) && text("kind") != "PodLog") {
        return None;
    }
    let Some(metadata) = map.get("metadata") else { return Some("metadata") };
    let is_named = ["name", "generateName"].iter().any(|field| metadata.get(field).is_some());
    (!is_named).then_some("metadata.name")
}
