//! The first document: when the snapshot was taken, of what, and what was looked at.

use super::API_VERSION;
use crate::model::Covered;
use crate::model::Reading;
use crate::model::Snapshot;
use serde::Serialize;
use serde_saphyr::FlowMap;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header<'a> {
    api_version: &'static str,
    kind: &'static str,
    captured_at: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    context: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    server_version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    documents: usize,
    #[serde(skip_serializing_if = "is_false")]
    complete: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coverage: Vec<FlowMap<Looks<'a>>>,
}

/// Looks that differ in the namespace alone, or in the name alone, on one line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Looks<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespaces: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_selector: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> Header<'a> {
    pub fn of(snapshot: &'a Snapshot, documents: usize) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "Snapshot",
            captured_at: snapshot.captured_at.to_string(),
            context: &snapshot.source.context,
            server_version: &snapshot.source.server,
            namespace: &snapshot.source.namespace,
            documents,
            complete: snapshot.coverage.complete,
            remarks: &snapshot.remarks,
            coverage: looks(&snapshot.coverage.entries),
        }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What lies on one line. Those for all namespaces stand alone, and so do those for one object in each.
fn looks(entries: &[Covered]) -> Vec<FlowMap<Looks<'_>>> {
    let mut lines: BTreeMap<_, Vec<&Covered>> = BTreeMap::new();
    for look in entries.iter().filter(|look| look.reading != Reading::Unread) {
        let alone = (look.name.is_some() || look.namespace.is_none()).then_some(&look.namespace);
        let whole = look.name.is_none();
        let how = (&look.api_version, &look.selector, &look.reading);
        lines.entry((&look.kind, !whole, how, alone)).or_default().push(look);
    }
    let looks = lines.into_values().filter_map(|line| {
        let first = *line.first()?;
        let mut namespaces: Vec<&str> =
            line.iter().map(|look| look.namespace.as_deref().unwrap_or("*")).collect();
        namespaces.dedup();
        Some(FlowMap(Looks {
            api_version: &first.api_version,
            kind: &first.kind.kind,
            namespaces,
            names: line.iter().filter_map(|look| look.name.as_deref()).collect(),
            label_selector: first.selector.as_deref(),
            error: error(&first.reading),
        }))
    });
    looks.collect()
}

fn error(reading: &Reading) -> Option<String> {
    match reading {
        Reading::Read => None,
        Reading::Forbidden(words) | Reading::Failed(words) if !words.is_empty() => {
            Some(format!("{}: {words}", reading.word()))
        }
        reading => Some(reading.word().to_owned()),
    }
}
