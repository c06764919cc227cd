//! Reading the objects of one resource.

use kube::Client;
use serde_json::Value;

use crate::arc;
use crate::model::Depth;
use crate::model::Object;
use crate::model::Reading;
use crate::source::decode;

use super::fetch;
use super::fetch::Failure;
use super::look::Look;
use super::resource::Resource;
use super::resource::encode;
use super::resource::is_possible_name;

/// Events are evidence, not state: a namespace in which everything fails at once may have any number of them, and
/// nobody reads more than this.
const MOST_EVENTS: usize = 2000;

/// What was seen, and how looking ended. Objects seen before a failure are kept: they are there.
#[derive(Debug)]
pub struct Seen {
    pub objects: Vec<Object>,
    pub reading: Reading,
}

/// A look that ended before it saw everything.
impl From<Failure> for Seen {
    fn from(failure: Failure) -> Self {
        Self { objects: Vec::new(), reading: failure.reading() }
    }
}

/// Takes a look: a get if the object's whole name is known, else a list.
pub async fn look(client: &Client, resource: &Resource, look: &Look, page_size: Option<usize>) -> Seen {
    let names = look.namespace.iter().chain(&look.name);
    if names.into_iter().any(|name| !is_possible_name(name)) {
        return Seen { objects: Vec::new(), reading: Reading::Read };
    }
    match &look.name {
        Some(name) if look.namespace.is_some() || !resource.namespaced => {
            get(client, resource, look, name).await
        }
        _ => list(client, resource, look, page_size).await,
    }
}

async fn get(client: &Client, resource: &Resource, look: &Look, name: &str) -> Seen {
    let accept = if look.depth == Depth::Metadata { fetch::METADATA } else { fetch::JSON };
    let path = resource.path(look.namespace.as_deref(), Some(name));
    match fetch::get(client, &path, accept).await {
        Ok(item) => {
            let mut items = Items::new(resource, look.depth);
            items.add(item);
            items.into_seen(None)
        }
        Err(failure) => failure.into(),
    }
}

/// Reads a list page by page. A list that took too long to page through is read once more, in one piece, as
/// client-go does it: without pages there is nothing that could expire.
async fn list(client: &Client, resource: &Resource, look: &Look, page_size: Option<usize>) -> Seen {
    let first = pages(client, resource, look, page_size).await;
    match first {
        Ok(seen) => seen,
        Err(Failure::Expired(_)) => match pages(client, resource, look, None).await {
            Ok(seen) => seen,
            Err(failure) => failure.into(),
        },
        Err(failure) => failure.into(),
    }
}

/// Fails only if the list expired on the way.
async fn pages(
    client: &Client,
    resource: &Resource,
    look: &Look,
    limit: Option<usize>,
) -> Result<Seen, Failure> {
    let accept = if look.depth == Depth::Metadata { fetch::METADATA_LIST } else { fetch::JSON };
    let mut items = Items::new(resource, look.depth);
    let mut token = String::new();
    loop {
        let mut page = match fetch::get(client, &page_path(resource, look, limit, &token), accept).await {
            Ok(page) => page,
            Err(Failure::Expired(words)) => return Err(Failure::Expired(words)),
            // The resource went away between two pages: what was seen is not all there was.
            Err(failure) if !token.is_empty() => {
                return Ok(items.into_seen(Some(words_of(failure))));
            }
            Err(failure) => return Ok(failure.into()),
        };
        match page.get_mut("items").map(Value::take) {
            Some(Value::Array(page)) => page.into_iter().for_each(|item| items.add(item)),
            // Go writes an empty list as null here and there.
            Some(Value::Null) => {}
            _ => return Ok(items.into_seen(Some("the answer is not a list".to_owned()))),
        }
        let next = page["metadata"]["continue"].as_str().unwrap_or_default();
        if next.is_empty() {
            return Ok(items.into_seen(None));
        }
        if resource.kind == arc::EVENT && items.objects.len() >= MOST_EVENTS {
            return Ok(items.into_seen(Some(format!("there are more than {MOST_EVENTS}"))));
        }
        if next == token {
            return Ok(items.into_seen(Some("the server gives the same page again and again".to_owned())));
        }
        token = next.to_owned();
    }
}

fn words_of(failure: Failure) -> String {
    match failure {
        Failure::Forbidden(words) | Failure::Expired(words) | Failure::Other(words) => words,
        Failure::NotServed | Failure::Absent => "the list ended early".to_owned(),
    }
}

fn page_path(resource: &Resource, look: &Look, limit: Option<usize>, token: &str) -> String {
    let limit = limit.map(|limit| limit.to_string());
    let (labels, fields) = match &look.selector {
        Some(fields) if resource.kind == arc::EVENT => (None, Some(fields.clone())),
        labels => (labels.as_deref(), None),
    };
    // A name without its namespace: the API has no other way to look for it.
    let fields = look.name.as_deref().map(|name| format!("metadata.name={name}")).or(fields);
    let parameters = [
        ("labelSelector", labels),
        ("fieldSelector", fields.as_deref()),
        ("limit", limit.as_deref()),
        ("continue", Some(token).filter(|token| !token.is_empty())),
    ];
    let mut path = resource.path(look.namespace.as_deref(), None);
    let mut separator = '?';
    for (key, value) in parameters {
        if let Some(value) = value {
            path.push(separator);
            path.push_str(key);
            path.push('=');
            path.push_str(&encode(value));
            separator = '&';
        }
    }
    path
}

/// Turns what the server sends into objects, one by one: one that cannot be understood must not lose the rest.
struct Items<'a> {
    resource: &'a Resource,
    depth: Depth,
    objects: Vec<Object>,
    /// How many could not be understood, and why not the first of them.
    lost: usize,
    why: String,
}

impl<'a> Items<'a> {
    fn new(resource: &'a Resource, depth: Depth) -> Self {
        Self { resource, depth, objects: Vec::new(), lost: 0, why: String::new() }
    }

    fn add(&mut self, item: Value) {
        let metadata_only = self.depth == Depth::Metadata;
        let decoded = match self.complete(item) {
            Ok(item) => decode::object(item, metadata_only).map_err(|error| error.to_string()),
            Err(words) => Err(words),
        };
        match decoded {
            Ok(object) => self.objects.push(object),
            Err(words) => {
                self.lost += 1;
                if self.lost == 1 {
                    self.why = words;
                }
            }
        }
    }

    /// Says what the item is, which lists leave out and metadata-only answers say in other words. Of an item that
    /// is more than the metadata that was asked for, the rest is dropped.
    fn complete(&self, item: Value) -> Result<Value, String> {
        let Value::Object(mut item) = item else {
            return Err("not an object".to_owned());
        };
        if self.depth == Depth::Metadata {
            item.retain(|key, _| key == "metadata");
        }
        // The server converts to what it was asked for. Its own word is not needed, and decoding must take a
        // Secret for nothing else: that is where its values are left out.
        item.insert("apiVersion".to_owned(), Value::from(self.resource.api_version.as_str()));
        item.insert("kind".to_owned(), Value::from(self.resource.kind.kind.as_ref()));
        Ok(Value::Object(item))
    }

    fn into_seen(self, failed: Option<String>) -> Seen {
        let reading = match failed {
            Some(words) => Reading::Failed(words),
            None if self.lost > 0 => {
                let all = self.lost + self.objects.len();
                Reading::Failed(format!("{} of {all} objects could not be read: {}", self.lost, self.why))
            }
            None => Reading::Read,
        };
        Seen { objects: self.objects, reading }
    }
}
