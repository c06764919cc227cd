//! What a word of the user's means to this server, and who the server is.

use futures::StreamExt as _;
use futures::future::join;
use futures::stream;
use http::Request;
use kube::Client;
use serde_json::Value;

use crate::error::Error;
use crate::model::GroupKind;
use crate::source::client::explain;

use super::CONCURRENCY;
use super::discovery::Served;
use super::discovery::groups;
use super::discovery::resources;
use super::discovery::texts;
use super::fetch;
use super::fetch::Failure;
use super::resource::Resource;

/// All of a server's resources in one answer, with the plain list of groups for servers that cannot do that.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// The server's version; `""` where the user may not know it.
///
/// # Errors
///
/// `Access` if the server cannot be reached, refuses the user's credentials, or is no API server.
pub async fn server_version(client: &Client) -> Result<String, Error> {
    let request = Request::get("/version").body(Vec::new());
    let request = request.map_err(|error| Error::internal("cannot write a request").because(error))?;
    match client.request::<Value>(request).await {
        Ok(version) => match version["gitVersion"].as_str() {
            Some(version) => Ok(version.to_owned()),
            None => Err(Error::access("the server does not answer as a Kubernetes API server does")
                .hint("Check the server's URL in the kubeconfig.")),
        },
        // Some clusters show their version to nobody: the server knows the user, and that is enough.
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(String::new()),
        Err(error) => Err(explain(&error)),
    }
}

/// All that the server serves, and what could not be asked.
#[derive(Default)]
struct Catalogue {
    served: Vec<Served>,
    broken: Vec<String>,
}

/// The resource that a TYPE word means: plural, singular or short name, kind, `type.group` or
/// `type.version.group`. Groups come in the server's order, as for kubectl.
///
/// # Errors
///
/// `Access` if nothing of this name is known and a part of the server that might know it does not answer.
pub async fn resolve(client: &Client, word: &str) -> Result<Option<Resource>, Error> {
    let word = word.to_lowercase();
    let (name, group) = match word.split_once('.') {
        Some((name, group)) => (name, Some(group)),
        None => (word.as_str(), None),
    };
    let (core, others) = join(part(client, "/api"), part(client, "/apis")).await;
    let served: Vec<&Served> = core
        .served
        .iter()
        .chain(&others.served)
        .filter(|served| served.listable && group.is_none_or(|group| is_of(&served.resource, group)))
        .collect();
    let called = |served: &&&Served| {
        let resource = &served.resource;
        resource.plural == name || served.singular == name || resource.kind.kind.to_lowercase() == name
    };
    let found = served
        .iter()
        .find(called)
        .or_else(|| served.iter().find(|served| served.short.iter().any(|short| short == name)));
    if let Some(found) = found {
        return Ok(Some(found.resource.clone()));
    }
    let mut broken = [core.broken, others.broken].concat();
    if let Some(group) = group {
        // Another group's trouble says nothing about this one.
        broken.retain(|broken| broken.starts_with('/') || broken.contains(group));
    }
    if broken.is_empty() {
        return Ok(None);
    }
    Err(Error::access(format!(
        "no resource type {word:?} is known, and not all of the server could be asked"
    ))
    .because(broken.join("; ")))
}

/// Whether `group` means the resource's group, or its version and group.
fn is_of(resource: &Resource, group: &str) -> bool {
    let version = resource.api_version.split_once('/').map_or(resource.api_version.as_str(), |(_, v)| v);
    resource.kind.group == group
        || group.strip_prefix(version).and_then(|rest| rest.strip_prefix('.')) == Some(&resource.kind.group)
}

/// One half of the API: `/api` (the core group) or `/apis` (all others).
async fn part(client: &Client, path: &str) -> Catalogue {
    let answer = match fetch::get(client, path, AGGREGATED).await {
        Ok(answer) => answer,
        Err(failure) => return broken(path, failure),
    };
    if answer["kind"] == "APIGroupDiscoveryList" {
        return aggregated(&answer);
    }
    let versions: Vec<String> = match answer["kind"].as_str() {
        Some("APIVersions") => texts(&answer["versions"]),
        _ => groups(&answer).into_iter().flat_map(|group| group.versions).collect(),
    };
    let answers: Vec<Catalogue> = stream::iter(versions)
        .map(|version| async move {
            match resources(client, &version).await {
                Ok(served) => Catalogue { served, broken: Vec::new() },
                Err(failure) => broken(&version, failure),
            }
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    answers.into_iter().fold(Catalogue::default(), |mut all, one| {
        all.served.extend(one.served);
        all.broken.extend(one.broken);
        all
    })
}

fn broken(what: &str, failure: Failure) -> Catalogue {
    let words = match failure {
        // A group that went away in the meantime serves nothing.
        Failure::NotServed | Failure::Absent => return Catalogue::default(),
        Failure::Forbidden(words) | Failure::Expired(words) | Failure::Other(words) => words,
    };
    Catalogue { served: Vec::new(), broken: vec![format!("{what}: {words}")] }
}

/// Reads an APIGroupDiscoveryList. A version whose server does not answer is marked stale, and empty.
fn aggregated(list: &Value) -> Catalogue {
    let mut all = Catalogue::default();
    for group in array(&list["items"]) {
        let name = group["metadata"]["name"].as_str().unwrap_or_default();
        for version in array(&group["versions"]) {
            let Some(number) = version["version"].as_str() else { continue };
            let api_version = match name {
                "" => number.to_owned(),
                name => format!("{name}/{number}"),
            };
            if version["freshness"] == "Stale" {
                all.broken.push(format!("{api_version}: its server does not answer"));
            }
            let entries = array(&version["resources"]).iter();
            all.served.extend(entries.filter_map(|entry| aggregated_resource(entry, &api_version)));
        }
    }
    all
}

fn aggregated_resource(entry: &Value, api_version: &str) -> Option<Served> {
    Some(Served {
        resource: Resource {
            kind: GroupKind::of(api_version, entry["responseKind"]["kind"].as_str()?),
            api_version: api_version.to_owned(),
            plural: entry["resource"].as_str()?.to_owned(),
            namespaced: entry["scope"] == "Namespaced",
        },
        singular: entry["singularResource"].as_str().unwrap_or_default().to_owned(),
        short: texts(&entry["shortNames"]),
        listable: texts(&entry["verbs"]).iter().any(|verb| verb == "list"),
    })
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
