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

/// Stands in an object of a snapshot file of which only `metadata` was read.
const METADATA_ONLY: &str = "metadataOnly";

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
    /// What the last document lacks, if it looks as if the file had been cut off there.
    pub unfinished: Option<String>,
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
    let is_json = text.trim_start().starts_with(['{', '[']);
    for (i, document) in yaml::documents(text).enumerate() {
        let document = document.map_err(|error| {
            Error::config(format!("{name} cannot be read as YAML or JSON: {error}"))
                .hint("a dump that was cut off or changed by hand is best taken again")
        })?;
        let place = Place { document: i + 1, line: document.line, item: None };
        let repeated = document.repeated.iter();
        contents
            .ignored
            .extend(repeated.map(|(key, line)| format!("key {key:?} stands again on line {line}")));
        if !document.value.is_null() {
            // JSON that is cut off is no JSON; block YAML that is cut off between two lines is still YAML.
            let part = missing(&document.value).filter(|_| !is_json);
            contents.unfinished = part.map(|part| format!("its last, {place}, has no {part}"));
        }
        contents.document(document.value, place).map_err(|wrong| {
            Error::config(format!("the header in {name} is wrong: {wrong}")).hint(header::HINT)
        })?;
    }
    let headers = contents.headers.iter().filter_map(|header| header.captured_at);
    contents.clock = headers.max().or(contents.clock);
    Ok(contents)
}

impl Contents {
    /// Takes over a document or an item of a list. Only a wrong header is an error.
    fn document(&mut self, value: Value, place: Place) -> Result<(), String> {
        let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        match value {
            Value::Null => return Ok(()),
            // `jq .items` leaves a bare list.
            Value::Array(items) => return self.items(items, "", "", place),
            Value::Object(map) if is_list(&map) => return self.list(map, place),
            value if kind == "Snapshot" && header::is_ours(&value) => {
                let header = header::parse(&value).map_err(|wrong| format!("{place}: {wrong}"))?;
                self.headers.push(header);
            }
            value if kind == "PodLog" && header::is_ours(&value) => match decode::pod_log(&value) {
                Some(log) => {
                    self.clock = self.clock.max(clock::of_log(&log));
                    self.logs.push(log);
                }
                None => return self.skip(place, "is a PodLog without name or namespace"),
            },
            value if header::is_ours(&value) => {
                let what = format!("is a {kind} of kubectl-arc, not an object of a cluster");
                return self.skip(place, &what);
            }
            value if is_review(&value) => match decode::review(&value) {
                Some(review) => self.reviews.push(review),
                None => return self.skip(place, "is a review without a question or an answer"),
            },
            value if kind == "Status" && value.get("message").is_some() => {
                let said = value.get("message").and_then(Value::as_str).unwrap_or_default();
                return self.skip(place, &format!("is an answer of the API server: {said}"));
            }
            mut value => {
                let metadata_only = take_metadata_only(&mut value);
                match decode::object_with(value, metadata_only, &mut self.ignored) {
                    Ok(object) => {
                        // With a header, nobody asks for the newest time.
                        if self.headers.is_empty() {
                            self.clock = self.clock.max(clock::of_object(&object));
                        }
                        self.objects.push(object);
                    }
                    Err(error) => return self.skip(place, &error.to_string()),
                }
            }
        }
        self.recognised += 1;
        Ok(())
    }

    fn list(&mut self, mut map: Map<String, Value>, place: Place) -> Result<(), String> {
        let text = |field: &str| map.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let api_version = text("apiVersion");
        let item_kind = text("kind").strip_suffix("List").unwrap_or_default().to_owned();
        match map.remove("items") {
            Some(Value::Array(items)) => self.items(items, &api_version, &item_kind, place)?,
            None | Some(Value::Null) => {}
            Some(other) => {
                return self.skip(place, &format!("is a list whose items are {}", decode::type_of(&other)));
            }
        }
        self.recognised += 1;
        Ok(())
    }

    /// The items of a list, which leave out their kind where the list tells it.
    fn items(
        &mut self,
        items: Vec<Value>,
        api_version: &str,
        kind: &str,
        place: Place,
    ) -> Result<(), String> {
        for (i, mut item) in items.into_iter().enumerate() {
            if let Value::Object(map) = &mut item {
                let told = [("apiVersion", api_version), ("kind", kind)];
                for (field, text) in told.into_iter().filter(|(_, text)| !kind.is_empty() && !text.is_empty())
                {
                    map.entry(field).or_insert_with(|| Value::from(text));
                }
            }
            self.document(item, Place { item: Some(i + 1), ..place })?;
        }
        Ok(())
    }

    fn skip(&mut self, place: Place, why: &str) -> Result<(), String> {
        self.skipped.push(format!("{place} {why}"));
        Ok(())
    }
}

/// Takes the mark off an object of which only `metadata` was read. What holds more than that was read.
fn take_metadata_only(value: &mut Value) -> bool {
    const PARTS: [&str; 4] = ["apiVersion", "kind", "metadata", METADATA_ONLY];
    let Value::Object(map) = value else { return false };
    let is_marked = map.get(METADATA_ONLY) == Some(&Value::Bool(true))
        && map.keys().all(|key| PARTS.contains(&key.as_str()));
    if is_marked {
        map.remove(METADATA_ONLY);
    }
    is_marked
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

/// The part that an object lacks if it ends where it was cut off. kubectl and we write keys in order
/// (`apiVersion, items, kind, metadata, spec`), so what comes after the missing part must be missing, too.
fn missing(value: &Value) -> Option<&'static str> {
    let map = value.as_object()?;
    map.get("apiVersion")?;
    if map.keys().all(|key| key.as_str() < "kind") {
        return Some("kind");
    }
    let goes_on = map.keys().any(|key| key.as_str() > "metadata") || !map.contains_key("kind");
    if goes_on || is_list(map) || (header::is_ours(value) && !map.contains_key("lines")) {
        return None;
    }
    let Some(metadata) = map.get("metadata") else { return Some("metadata") };
    let is_cut = metadata.as_object().is_none_or(|metadata| metadata.keys().all(|key| key.as_str() < "name"));
    is_cut.then_some("metadata.name")
}
