//! Where objects are served. What the table knows needs no question; anything else is asked for once.

use super::outcome::Refusal;
use super::outcome::RefusalKind;
use crate::arc;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::source::cluster::Cluster;
use crate::source::cluster::Resource;
use crate::source::cluster::is_possible_name;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

/// The resources that were found, by their kind.
#[derive(Default)]
pub struct Places(Mutex<BTreeMap<GroupKind, Resource>>);

impl Places {
    /// The resource of an object, in the version that the change is written in.
    ///
    /// # Errors
    /// `Unidentified` if the name cannot be one, `NotServed` or `Unreachable` if there is no such kind or nobody says.
    pub async fn find(
        &self,
        cluster: &Cluster,
        id: &ObjectId,
        api_version: &str,
    ) -> Result<Resource, Refusal> {
        let names = [id.name.as_str(), id.namespace.as_str()];
        let version = api_version.split('/').all(|part| !part.is_empty() && part.chars().all(is_of_version));
        let possible = is_possible_name(names[0]) && (names[1].is_empty() || is_possible_name(names[1]));
        if !possible || !version || api_version.matches('/').count() > 1 {
            let message = format!("{id} of {api_version:?} cannot be the name of an object");
            return Err(Refusal::new(RefusalKind::Unidentified, message));
        }
        if GroupKind::of(api_version, &id.kind.kind) != id.kind {
            let message = format!("{id} is of group {:?}, and not of {api_version}", id.kind.group);
            return Err(Refusal::new(RefusalKind::Unidentified, message));
        }
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id.kind).cloned();
        let resource = match (arc::kind_row(&id.kind), known) {
            (Some(row), _) => Resource::of_row(row),
            (None, Some(known)) => known,
            (None, None) => {
                let found = resolve(cluster, id).await?;
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                all.insert(id.kind.clone(), found.clone());
                found
            }
        };
        if resource.namespaced == id.namespace.is_empty() {
            let message = match resource.namespaced {
                true => format!("{id} is in no namespace, and must be in one"),
                false => format!("{id} is in a namespace, and there is none for its kind"),
            };
            return Err(Refusal::new(RefusalKind::Unidentified, message));
        }
        Ok(resource.in_version(api_version))
    }
}

fn is_of_version(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

async fn resolve(cluster: &Cluster, id: &ObjectId) -> Result<Resource, Refusal> {
    match cluster.resolve(&id.kind.to_string()).await {
        Ok(Some(found)) if found.kind == id.kind => Ok(found),
        Ok(_) => Err(Refusal::new(RefusalKind::NotServed, format!("{id}: the server serves no {}", id.kind))
            .hint("Its CustomResourceDefinition is gone, or its API server is.")),
        Err(error) => {
            let refusal = Refusal::new(RefusalKind::Unreachable, format!("{id}: {error}"));
            Err(Refusal { hint: error.hint, ..refusal })
        }
    }
}
