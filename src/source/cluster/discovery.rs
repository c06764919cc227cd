//! What the server serves. Asked only about what this program does not know by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use kube::Client;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::model::GroupKind;

use super::fetch;
use super::fetch::Failure;
use super::resource::Resource;
use super::resource::version_path;

/// A resource as discovery describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub resource: Resource,
    pub singular: String,
    pub short: Vec<String>,
    /// False for what is only created and never kept, such as access reviews.
    pub listable: bool,
}

/// A group and its versions (`apps/v1`), the preferred one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub versions: Vec<String>,
}

/// The server's groups, each part asked for when it is first needed and, once it was answered, never again.
pub struct Groups {
    client: Client,
    groups: OnceCell<Vec<Group>>,
    versions: Mutex<BTreeMap<String, Arc<OnceCell<Vec<Served>>>>>,
}

impl Groups {
    pub fn new(client: Client) -> Self {
        Self { client, groups: OnceCell::new(), versions: Mutex::default() }
    }

    /// The versions of a group, the preferred one first; none if the group is not served.
    pub async fn versions(&self, group: &str) -> Result<Vec<String>, Failure> {
        if group.is_empty() {
            return Ok(vec!["v1".to_owned()]);
        }
        let ask = async || Ok(groups(&fetch::get(&self.client, "/apis", fetch::JSON).await?));
        let known = self.groups.get_or_try_init(ask).await?;
        let found = known.iter().find(|known| known.name == group);
        Ok(found.map(|group| group.versions.clone()).unwrap_or_default())
    }

    /// The resource of this plural, in the first version that has it.
    pub async fn find(&self, plural: &str, group: &str) -> Result<Resource, Failure> {
        let mut unasked = None;
        for version in self.versions(group).await? {
            match self.resources(&version).await {
                Ok(served) => {
                    let found = served.iter().find(|served| served.resource.plural == plural);
                    if let Some(found) = found.filter(|found| found.listable) {
                        return Ok(found.resource.clone());
                    }
                }
                Err(Failure::NotServed) => {}
                Err(failure) => unasked = Some(failure),
            }
        }
        Err(unasked.unwrap_or(Failure::NotServed))
    }

    async fn resources(&self, version: &str) -> Result<Vec<Served>, Failure> {
        let cell = {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(versions.entry(version.to_owned()).or_default())
        };
        cell.get_or_try_init(|| resources(&self.client, version)).await.cloned()
    }
}

/// The resources of one version of one group.
pub async fn resources(client: &Client, version: &str) -> Result<Vec<Served>, Failure> {
    let list = fetch::get(client, &version_path(version), fetch::JSON).await?;
    let entries = list["resources"].as_array().map_or(&[][..], Vec::as_slice);
    Ok(entries.iter().filter_map(|entry| served(entry, version)).collect())
}

/// The groups of an APIGroupList.
pub fn groups(list: &Value) -> Vec<Group> {
    let entries = list["groups"].as_array().map_or(&[][..], Vec::as_slice);
    let group = |entry: &Value| {
        let preferred = entry["preferredVersion"]["groupVersion"].as_str().map(str::to_owned);
        let others = entry["versions"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let mut versions: Vec<String> =
            others.filter_map(|version| Some(version["groupVersion"].as_str()?.to_owned())).collect();
        if let Some(preferred) = preferred {
            versions.retain(|version| *version != preferred);
            versions.insert(0, preferred);
        }
        Some(Group { name: entry["name"].as_str()?.to_owned(), versions })
    };
    entries.iter().filter_map(group).collect()
}

/// An entry of an APIResourceList. Subresources are not objects of their own.
fn served(entry: &Value, version: &str) -> Option<Served> {
    let plural = entry["name"].as_str().filter(|name| !name.contains('/'))?;
    Some(Served {
        resource: Resource {
            kind: GroupKind::of(version, entry["kind"].as_str()?),
            api_version: version.to_owned(),
            plural: plural.to_owned(),
            namespaced: entry["namespaced"].as_bool().unwrap_or_default(),
        },
        singular: entry["singularName"].as_str().unwrap_or_default().to_owned(),
        short: texts(&entry["shortNames"]),
        listable: texts(&entry["verbs"]).iter().any(|verb| verb == "list"),
    })
}

pub fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().map_or(&[][..], Vec::as_slice);
    values.iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
}

/// Whether a group belongs to Kubernetes itself. The versions of those that this program asks for have been
/// served since before any Kubernetes it knows.
pub fn is_built_in(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}
