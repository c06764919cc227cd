//! The order in which things are deleted: what an object that should be gone waits for next.
//!
//! ARC's own order is that of `controllers/actions.github.com/*_controller.go`; Kubernetes' is that of its
//! garbage collector, namespace controller and CRD finalizer.

mod legacy;
mod steps;

use super::conditions;
use super::need::Need;
use super::need::Stuck;
use super::report::Class;
use super::report::Evidence;
use super::sets;
use super::view::View;
use super::world::World;
use crate::arc;
use crate::arc::finalizers;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;
use crate::model::Reading;
use jiff::Timestamp;

/// Adds an object that is being deleted; `young`: not for so long that it should be gone.
pub fn add(view: &View<'_>, object: &Object, since: Timestamp, world: &mut World, young: bool) {
    let mut case = Case { view, object, world, young, needs: Vec::new(), stage: String::new() };
    if object.id.kind == arc::NAMESPACE {
        case.namespace();
    }
    for finalizer in &object.finalizers {
        case.finalizer(finalizer);
    }
    if object.id.kind == arc::POD && object.finalizers.is_empty() {
        let node = object.text("/spec/nodeName").filter(|name| !name.is_empty());
        case.needs.push(Need::Kubelet { node: node.map(|name| ObjectId::new(&arc::NODE, "", name)) });
    }
    let Case { needs, stage, .. } = case;
    let stuck = Stuck {
        id: object.id.clone(),
        since: Some(since),
        deleting: true,
        finalizers: object.finalizers.clone(),
        stage,
        needs,
        set: sets::set_of(object),
    };
    let place = if young { &mut world.young } else { &mut world.stuck };
    place.insert(object.id.clone(), stuck);
}

struct Case<'a, 'v> {
    view: &'a View<'v>,
    object: &'a Object,
    world: &'a mut World,
    young: bool,
    needs: Vec<Need>,
    stage: String,
}

impl Case<'_, '_> {
    fn finalizer(&mut self, finalizer: &str) {
        let kind = &self.object.id.kind;
        match finalizer {
            finalizers::FOREGROUND => self.foreground(),
            finalizers::CRD_CLEANUP => self.instances(),
            finalizers::ORPHAN => {
                self.needs.push(Need::Other("the garbage collector has to let the dependents go".to_owned()));
            }
            finalizers::CLEANUP_PROTECTION => self.protected(),
            finalizers::RUNNER_SET => self.runner_set(),
            finalizers::LISTENER => self.listener(),
            finalizers::EPHEMERAL_RUNNER_SET_NEW => self.ephemeral_runner_set(),
            finalizers::RUNNER if *kind == arc::EPHEMERAL_RUNNER_SET => self.ephemeral_runner_set(),
            finalizers::RUNNER => self.runner(),
            finalizers::RUNNER_REGISTRATION => self.registration(),
            finalizers::LEGACY_RUNNER_FINALIZER => self.legacy_runner(),
            finalizers::LEGACY_POD | finalizers::LEGACY_LINKED => self.legacy_pod(),
            foreign => self.needs.push(Need::Foreign { finalizer: foreign.to_owned() }),
        }
    }

    /// A namespace waits for what is left in it.
    fn namespace(&mut self) {
        let name = self.object.id.name.clone();
        let inside: Vec<&Object> =
            self.view.everything().filter(|object| object.id.namespace == name).collect();
        let held = |object: &&&Object| !object.finalizers.is_empty() || object.id.kind == arc::POD;
        let deleting: Vec<&&Object> =
            inside.iter().filter(|object| object.is_deleting()).filter(held).collect();
        let left: Vec<&&Object> =
            if deleting.is_empty() { inside.iter().filter(held).collect() } else { deleting };
        for object in left {
            let because = match object.finalizers.as_slice() {
                [] => "it is still in the namespace".to_owned(),
                held => format!("it is still in the namespace, held by {}", held.join(", ")),
            };
            self.first(&object.id, because, Vec::new());
        }
        for remaining in conditions::remaining(self.object) {
            let row =
                arc::KINDS.iter().find(|row| row.plural == remaining.plural && row.group == remaining.group);
            let seen = inside.iter().any(|object| {
                object.id.kind.group == remaining.group
                    && row.map_or_else(
                        || format!("{}s", object.id.kind.kind.to_lowercase()) == remaining.plural,
                        |row| row.kind == object.id.kind.kind,
                    )
            });
            if !seen {
                let (group, plural) = (remaining.group.as_str(), remaining.plural.as_str());
                // It was asked for by its plural, and may be known by its kind since.
                let kind = row
                    .map(arc::KindRow::group_kind)
                    .or_else(|| self.view.kind_of_plural(group, plural))
                    .unwrap_or_else(|| GroupKind::named(group, plural));
                let reading = match self.view.list(&kind, Some(&name)).reading {
                    reading if reading.is_complete() => continue,
                    reading => reading,
                };
                self.gap(&kind, &name, &reading, &[Class::ForeignFinalizer, Class::NodeLost]);
                self.needs.push(Need::Other(format!("{kind} objects that could not be read have to go")));
            }
        }
        if let Some(message) = conditions::discovery_failure(self.object) {
            self.needs.push(Need::Apis { message: message.to_owned() });
        }
    }

    /// The garbage collector waits for the dependents that block their owner.
    fn foreground(&mut self) {
        let uid = &self.object.uid;
        let blocking: Vec<ObjectId> = self
            .view
            .everything()
            .filter(|dependent| {
                !uid.is_empty()
                    && dependent.owners.iter().any(|owner| owner.uid == *uid && owner.block_owner_deletion)
            })
            .map(|dependent| dependent.id.clone())
            .collect();
        for id in blocking {
            let because = format!("{} waits for dependents that block it", finalizers::FOREGROUND);
            self.first(&id, because, Vec::new());
        }
    }

    /// A CustomResourceDefinition waits for its instances.
    fn instances(&mut self) {
        let Some((plural, group)) = self.object.id.name.split_once('.') else { return };
        let known = arc::KINDS.iter().find(|row| row.plural == plural && row.group == group);
        let kind = match known {
            Some(row) => row.group_kind(),
            None => {
                let named = match self.object.metadata_only {
                    true => self.view.kind_of_plural(group, plural),
                    false => self.object.text("/spec/names/kind").map(|kind| GroupKind::named(group, kind)),
                };
                named.unwrap_or_else(|| GroupKind::named(group, plural))
            }
        };
        let listing = self.view.list(&kind, None);
        if !listing.reading.is_complete() {
            self.gap(&kind, "", &listing.reading, &[Class::CrdTerminating]);
        }
        for instance in &listing.objects {
            let because = format!("{} waits for every instance", finalizers::CRD_CLEANUP);
            self.first(&instance.id, because, Vec::new());
        }
        if listing.objects.is_empty() {
            self.needs.push(Need::Instances);
        }
    }

    /// A protected object of the chart waits for the deletion of the runner set that names it.
    fn protected(&mut self) {
        let sets = self.view.list(&arc::AUTOSCALING_RUNNER_SET, Some(&self.object.id.namespace));
        let naming: Vec<(&Object, &str)> = sets
            .objects
            .iter()
            .filter_map(|set| Some((*set, sets::names_protected(set, &self.object.id)?)))
            .collect();
        let deleting: Vec<_> = naming.iter().filter(|(set, _)| set.is_deleting()).collect();
        if deleting.is_empty() {
            if naming.is_empty() && !sets.reading.is_complete() {
                let namespace = self.object.id.namespace.clone();
                let hides = [Class::CleanupProtectionOrphan, Class::GitopsDeleteDeadlock];
                self.gap(&arc::AUTOSCALING_RUNNER_SET, &namespace, &sets.reading, &hides);
                self.needs
                    .push(Need::Other("a runner set that could not be looked for may release it".to_owned()));
                return;
            }
            self.needs.push(Need::Release);
            return;
        }
        let evidence: Vec<(ObjectId, Evidence)> = deleting
            .iter()
            .map(|(set, annotation)| {
                let field = format!("metadata.annotations[{annotation}]");
                (set.id.clone(), self.view.evidence(&set.id, field, self.object.id.name.clone()))
            })
            .collect();
        for (id, says) in evidence {
            let because = format!("{} is taken off when the runner set goes", finalizers::CLEANUP_PROTECTION);
            self.first(&id, because, vec![says]);
        }
    }

    fn access(&mut self, verb: &str, group: &str, resource: &str, namespace: &str, name: &str) {
        self.needs.push(Need::Access(question(verb, group, resource, namespace, name)));
    }

    fn first(&mut self, id: &ObjectId, because: String, evidence: Vec<Evidence>) {
        self.needs.push(Need::First { id: id.clone(), because, evidence });
    }

    fn gap(&mut self, kind: &GroupKind, namespace: &str, reading: &Reading, hides: &[Class]) {
        if !self.young {
            self.world.gap(&self.object.id, kind, namespace, reading, hides);
        }
    }
}

/// A question without a user: who asks fills that in. `name` is `""` where the object is not known yet, or any will
/// do.
pub fn question(verb: &str, group: &str, resource: &str, namespace: &str, name: &str) -> Question {
    Question {
        user: String::new(),
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: String::new(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// Adds what talking to GitHub on behalf of an object takes. With a vault the credentials are no Secret.
pub fn add_credentials(view: &View<'_>, object: &Object, spec: &str, needs: &mut Vec<Need>) {
    needs.push(Need::GitHub);
    if object.at(&format!("{spec}/vaultConfig")).is_some() {
        return;
    }
    let Some(name) = object.text(&format!("{spec}/githubConfigSecret")) else { return };
    let field = format!("{}.githubConfigSecret", spec.trim_start_matches('/').replace('/', "."));
    needs.push(Need::Secret {
        id: ObjectId::new(&arc::SECRET, &object.id.namespace, name),
        named_by: view.evidence(&object.id, field, name),
    });
    needs.push(Need::Access(question("get", "", "secrets", &object.id.namespace, name)));
    for scheme in ["http", "https"] {
        let login = format!("{spec}/proxy/{scheme}/credentialSecretRef");
        let Some(name) = object.text(&login).filter(|name| !name.is_empty()) else { continue };
        let field = login.trim_start_matches('/').replace('/', ".");
        needs.push(Need::ProxyLogin {
            id: ObjectId::new(&arc::SECRET, &object.id.namespace, name),
            named_by: view.evidence(&object.id, field, name),
        });
        needs.push(Need::Access(question("get", "", "secrets", &object.id.namespace, name)));
    }
}
