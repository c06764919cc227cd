//! The document that says when a snapshot was taken and what was looked at.

use crate::arc;
use crate::model::Covered;
use crate::model::GroupKind;
use crate::model::Reading;
use crate::source::decode;
use crate::source::redact;
use jiff::Timestamp;
use serde_json::Value;

/// The group of the documents that no API server knows.
const GROUP: &str = "kubectl-arc/";
const API_VERSION: &str = "kubectl-arc/v1alpha1";

/// A header that can be put before anything, JSON included.
pub const HINT: &str = "a header is a document like {\"apiVersion\": \"kubectl-arc/v1alpha1\", \
    \"kind\": \"Snapshot\", \"capturedAt\": \"2026-11-21T05:00:00Z\"}, and a line --- after it";

/// What a header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub captured_at: Option<Timestamp>,
    pub context: String,
    pub server: String,
    /// The one namespace that was asked about; `""` if there were more.
    pub namespace: String,
    pub coverage: Vec<Covered>,
    /// How many documents follow; fewer are a file that was cut off between two of them.
    pub documents: Option<u64>,
    /// The file holds all there was: a kind that is not in it does not exist.
    pub complete: bool,
    /// What whoever wrote the file thought worth saying.
    pub remarks: Vec<String>,
}

/// True for documents of our own: headers, logs, answers.
pub fn is_ours(value: &Value) -> bool {
    value.get("apiVersion").and_then(Value::as_str).is_some_and(|version| version.starts_with(GROUP))
}

/// Reads a header. It is ours, so what it says wrongly is an error, unlike anything in a dump: a coverage
/// that is misread would make absent what is only unread.
pub fn parse(value: &Value) -> Result<Header, String> {
    let version = text(value, "apiVersion")?;
    if version != API_VERSION {
        return Err(format!("apiVersion {version} is not known here, only {API_VERSION} is"));
    }
    let captured_at = match text(value, "capturedAt")?.as_str() {
        "" => None,
        time => Some(decode::timestamp(time).ok_or_else(|| {
            format!("capturedAt {time:?} is not a time, expected is one like \"2026-11-21T05:00:00Z\"")
        })?),
    };
    let mut coverage = Vec::new();
    match value.get("coverage") {
        None | Some(Value::Null) => {}
        Some(Value::Array(entries)) => {
            for (i, entry) in entries.iter().enumerate() {
                let read = covered(entry).map_err(|wrong| format!("coverage entry {}: {wrong}", i + 1))?;
                coverage.extend(read);
            }
        }
        Some(other) => return Err(format!("coverage is {}, expected is a list", decode::type_of(other))),
    }
    Ok(Header {
        captured_at,
        context: text(value, "context")?,
        server: text(value, "serverVersion")?,
        namespace: text(value, "namespace")?,
        coverage,
        documents: number(value, "documents")?,
        complete: flag(value, "complete")?,
        remarks: texts(value, "remarks")?
            .unwrap_or_default()
            .iter()
            .map(|said| redact::words(said))
            .collect(),
    })
}

fn covered(entry: &Value) -> Result<Vec<Covered>, String> {
    const FIELDS: [&str; 7] =
        ["apiVersion", "kind", "namespaces", "names", "labelSelector", "fieldSelector", "error"];
    let Value::Object(map) = entry else {
        return Err(format!("is {}, expected is a mapping", decode::type_of(entry)));
    };
    if let Some(unknown) = map.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(format!("field {unknown} is not known, known are {}", FIELDS.join(", ")));
    }
    let (api_version, kind) = (text(entry, "apiVersion")?, text(entry, "kind")?);
    if api_version.is_empty() || kind.is_empty() {
        return Err("apiVersion and kind are needed".to_owned());
    }
    let group_kind = GroupKind::of(&api_version, &kind);
    let has_no_namespace = arc::kind_row(&group_kind).is_some_and(|row| !row.namespaced);
    let namespaces = match texts(entry, "namespaces")? {
        Some(namespaces) => namespaces,
        None if has_no_namespace => vec!["*".to_owned()],
        None => return Err(format!("namespaces are needed for {kind}, [\"*\"] stands for all")),
    };
    let names = match texts(entry, "names")? {
        Some(names) => names.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let (labels, fields) = (text(entry, "labelSelector")?, text(entry, "fieldSelector")?);
    if !labels.is_empty() && !fields.is_empty() {
        return Err("labelSelector and fieldSelector are not known together".to_owned());
    }
    let selector = Some(labels + &fields).filter(|selector| !selector.is_empty());
    let reading = reading(&text(entry, "error")?);
    let looks = namespaces.iter().flat_map(|namespace| names.iter().map(move |name| (namespace, name)));
    Ok(looks
        .map(|(namespace, name)| Covered {
            kind: group_kind.clone(),
            api_version: api_version.clone(),
            namespace: (namespace != "*").then(|| namespace.clone()),
            name: name.clone(),
            selector: selector.clone(),
            reading: reading.clone(),
        })
        .collect())
}

/// `forbidden`, `not-served`, `failed` and `unread`, each with the server's words after a colon; other words
/// are a failure.
fn reading(error: &str) -> Reading {
    let (word, words) = error.split_once(':').unwrap_or((error, ""));
    let words = redact::words(words);
    match word.trim() {
        "" if words.is_empty() => Reading::Read,
        "forbidden" => Reading::Forbidden(words),
        "not-served" => Reading::NotServed,
        "unread" => Reading::Unread,
        "failed" => Reading::Failed(words),
        _ => Reading::Failed(redact::words(error)),
    }
}

fn text(value: &Value, field: &str) -> Result<String, String> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(format!("{field} is {}, expected is a text", decode::type_of(other))),
    }
}

fn number(value: &Value, field: &str) -> Result<Option<u64>, String> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => match number.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(format!("{field} is {}, expected is a count", decode::type_of(number))),
        },
    }
}

fn flag(value: &Value, field: &str) -> Result<bool, String> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(format!("{field} is {}, expected is true or false", decode::type_of(other))),
    }
}

fn texts(value: &Value, field: &str) -> Result<Option<Vec<String>>, String> {
    let Some(list) = value.get(field).filter(|list| !list.is_null()) else { return Ok(None) };
    let items =
        list.as_array().map(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    items.flatten().map(Some).ok_or_else(|| format!("{field} is expected to be a list of texts"))
}
