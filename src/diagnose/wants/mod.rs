//! What to look at next: the request plan, worked out from what was asked and what was seen so far.
//!
//! Pure: whoever can fetch asks again with the fuller snapshot, until nothing new is wanted. Nothing is wanted
//! that is unrelated to the question, so its cost does not grow with the cluster (invariant 10).

mod again;
pub mod rights;
mod wishes;

use super::ask::Ask;
use super::conditions;
use super::forbidden;
use super::forbidden::Forbidden;
use super::manager_role::culprit;
use super::need::Need;
use super::sets;
use super::survey::Patience;
use super::survey::survey;
use super::view::View;
use super::world::World;
use crate::arc;
use crate::arc::marks;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;
use crate::model::Reading;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::What;
use rights::depth;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many times it is worth asking again: a question, what it leads to, what that needs, who may do it, what the
/// rules want to see then, and the logs.
pub const WAVES: usize = 9;

/// Everything that bears on the questions, as far as it can be told by now. What was answered before is wanted
/// again; the caller leaves it out.
pub fn wants(snapshot: &Snapshot, asks: &[Ask]) -> BTreeSet<Request> {
    let view = View::new(snapshot);
    let mut plan = Plan { view: &view, snapshot, wanted: BTreeSet::new() };
    for ask in asks {
        plan.ask(ask);
    }
    plan.everywhere();
    let touched = plan.touched_namespaces(asks);
    for namespace in &touched.clone().unwrap_or_else(|| plan.arc_namespaces()) {
        plan.namespace(namespace);
    }
    let concerns = |namespace: &str| touched.as_ref().is_none_or(|touched| touched.contains(namespace));
    plan.links(&concerns);
    // What a young deletion will need is looked at as well: whether it is there does not change with time.
    let world = survey(&view, Patience::None);
    plan.needs(&world, &concerns);
    plan.refusals(&world);
    plan.wishes(&world, &concerns);
    plan.wanted
}

struct Plan<'a, 'v> {
    view: &'a View<'v>,
    snapshot: &'v Snapshot,
    wanted: BTreeSet<Request>,
}

impl Plan<'_, '_> {
    fn ask(&mut self, ask: &Ask) {
        match ask {
            Ask::Object(id) => {
                self.one(id);
                match id.kind {
                    // A CRD waits for its instances, wherever they are.
                    _ if id.kind == arc::CRD => {
                        self.scale_sets(None);
                        self.instances(id);
                    }
                    _ => self.scale_sets(ask.namespace()),
                }
                if id.kind == arc::NAMESPACE || id.kind.group == arc::LEGACY_GROUP {
                    self.legacy(ask.namespace());
                }
            }
            Ask::Kind { kind, namespace } => {
                self.list(kind, namespace.as_deref(), None);
                self.scale_sets(namespace.as_deref());
                if kind.group == arc::LEGACY_GROUP {
                    self.legacy(namespace.as_deref());
                }
            }
            Ask::Everything { namespace, .. } => {
                self.scale_sets(namespace.as_deref());
                self.legacy(namespace.as_deref());
                if namespace.is_none() {
                    self.list(&arc::NAMESPACE, None, None);
                    for kind in [arc::SERVICE_ACCOUNT, arc::ROLE, arc::ROLE_BINDING, arc::SECRET] {
                        self.list(&kind, None, Some(marks::CHART_SELECTOR));
                    }
                    if self.is_installed(&arc::APPLICATION) {
                        self.list(&arc::APPLICATION, None, None);
                    }
                }
            }
        }
    }

    /// What a CRD of others that is being deleted waits for.
    fn instances(&mut self, crd: &ObjectId) {
        let Some((plural, group)) = crd.name.split_once('.') else { return };
        let is_known = arc::KINDS.iter().any(|row| row.plural == plural && row.group == group);
        if !is_known && self.view.find(crd).is_some_and(Object::is_deleting) {
            let what = What::Resource { plural: plural.to_owned(), group: group.to_owned() };
            self.want(what, None, None, None, Depth::Metadata);
        }
    }

    /// Controllers may be anywhere, listeners lie beside them, and CRDs belong to the cluster.
    fn everywhere(&mut self) {
        self.list(&arc::DEPLOYMENT, None, Some(marks::CONTROLLER_SELECTOR));
        self.list(&arc::AUTOSCALING_LISTENER, None, None);
        for row in arc::SCALE_SET_KINDS.iter().filter_map(arc::kind_row) {
            self.one(&ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group)));
        }
    }

    /// Legacy mode, where it is installed: one look tells.
    fn legacy(&mut self, namespace: Option<&str>) {
        if self.is_installed(&arc::LEGACY_RUNNER) {
            for kind in arc::LEGACY_KINDS {
                self.list(&kind, namespace, None);
            }
        }
    }

    /// True if the CRD of a kind was seen; it is asked for by its name, so that a kind that is not served costs one
    /// request and no discovery.
    fn is_installed(&mut self, kind: &GroupKind) -> bool {
        let Some(row) = arc::kind_row(kind) else { return false };
        let crd = ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group));
        self.one(&crd);
        self.view.find(&crd).is_some()
    }

    fn scale_sets(&mut self, namespace: Option<&str>) {
        for kind in [arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER] {
            self.list(&kind, namespace, None);
        }
    }

    /// The namespaces that are asked about, and those that a listener ties to them. None: all of ARC's.
    fn touched_namespaces(&self, asks: &[Ask]) -> Option<BTreeSet<String>> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for ask in asks {
            names.insert(ask.namespace()?.to_owned());
        }
        let asked = names.clone();
        for listener in self.view.list(&arc::AUTOSCALING_LISTENER, None).objects {
            let Some(set) = sets::set_of(listener) else { continue };
            if asked.contains(&set.namespace) || asked.contains(&listener.id.namespace) {
                names.insert(set.namespace);
                names.insert(listener.id.namespace.clone());
            }
        }
        Some(names)
    }

    /// The namespaces in which something of ARC was seen.
    fn arc_namespaces(&self) -> BTreeSet<String> {
        let of_arc =
            self.view.everything().filter(|object| sets::is_arc(object) && !object.id.namespace.is_empty());
        of_arc.map(|object| object.id.namespace.clone()).collect()
    }

    /// What the chart and the controller put into a namespace.
    fn namespace(&mut self, namespace: &str) {
        self.one(&ObjectId::new(&arc::NAMESPACE, "", namespace));
        self.scale_sets(Some(namespace));
        for kind in [arc::SERVICE_ACCOUNT, arc::ROLE, arc::ROLE_BINDING, arc::SECRET] {
            self.list(&kind, Some(namespace), None);
        }
        let id = ObjectId::new(&arc::NAMESPACE, "", namespace);
        let terminating = self.view.find(&id).is_some_and(Object::is_deleting);
        let deleting =
            self.view.everything().any(|object| object.id.namespace == namespace && object.is_deleting());
        // A runner that is not running, or was refused, is asked after its pod.
        let runners = self.view.list(&arc::EPHEMERAL_RUNNER, Some(namespace)).objects;
        let idle = runners.iter().any(|runner| runner.text("/status/phase") != Some("Running"));
        // A runner that works in pods of its own is asked after those.
        let has_pods = |runner: &&Object| sets::job(runner).is_some() && sets::uses_hooks(runner);
        if terminating || deleting || idle {
            self.list(&arc::POD, Some(namespace), None);
        } else {
            // Whether one that says Running has a pod that runs.
            if !runners.is_empty() {
                self.list(&arc::POD, Some(namespace), Some(marks::RUNNER_POD_SELECTOR));
            }
            if runners.iter().any(has_pods) {
                self.list(&arc::POD, Some(namespace), Some(marks::HOOK_POD));
            }
        }
        for runner in runners {
            self.once_more(runner);
        }
        if !self.complete(&arc::AUTOSCALING_LISTENER, None) {
            self.list(&arc::AUTOSCALING_LISTENER, Some(namespace), None);
        }
        if let Some(object) = self.view.find(&id).filter(|object| object.is_deleting()) {
            for remaining in conditions::remaining(object) {
                let what = What::Resource { plural: remaining.plural, group: remaining.group };
                self.want(what, Some(namespace), None, None, Depth::Metadata);
            }
        }
    }

    /// ARC's links that are no owner references: listener to pod, RoleBinding to controller.
    fn links(&mut self, concerns: &dyn Fn(&str) -> bool) {
        for listener in self.view.list(&arc::AUTOSCALING_LISTENER, None).objects {
            let set = sets::set_of(listener);
            if !set.as_ref().is_some_and(|set| concerns(&set.namespace)) {
                continue;
            }
            self.one(&ObjectId::new(&arc::POD, &listener.id.namespace, &listener.id.name));
            self.one(&ObjectId::new(&arc::NAMESPACE, "", &listener.id.namespace));
            if let Some(set) = set {
                self.one(&set);
            }
        }
        let controllers = self.view.reading_of_selector(&arc::DEPLOYMENT, None, marks::CONTROLLER_SELECTOR);
        let seen = !self.view.list(&arc::DEPLOYMENT, None).objects.is_empty();
        if controllers == Reading::Unread || (controllers.is_complete() && seen) {
            return;
        }
        // None with the chart's labels, or no right to look everywhere: look where the rights lead to, those that the
        // chart gave the controller and those that the controller gave the listener beside it.
        for binding in self.view.list(&arc::ROLE_BINDING, None).objects {
            let is_managers = binding.label(marks::COMPONENT) == Some(marks::MANAGER_ROLE_BINDING);
            let subjects = binding.items("/subjects").iter().filter(|_| is_managers);
            let of_subjects = subjects.filter_map(|subject| subject.get("namespace").and_then(Value::as_str));
            let of_listener = binding.label(marks::LISTENER_NAMESPACE);
            for namespace in of_subjects.chain(of_listener).collect::<BTreeSet<_>>() {
                self.list(&arc::DEPLOYMENT, Some(namespace), None);
                self.list(&arc::AUTOSCALING_LISTENER, Some(namespace), None);
                self.one(&ObjectId::new(&arc::NAMESPACE, "", namespace));
            }
        }
    }

    /// What the rules need to judge what is stuck.
    fn needs(&mut self, world: &World, concerns: &dyn Fn(&str) -> bool) {
        for stuck in world.stuck.values() {
            let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
            if !concerns(namespace) && !concerns(&stuck.id.namespace) {
                continue;
            }
            let controller = world.controllers.alive(namespace);
            if controller.is_none() && stuck.needs.contains(&Need::Controller) {
                // Where it would have to be made again.
                for dead in world.controllers.responsible(namespace) {
                    self.one(&ObjectId::new(&arc::NAMESPACE, "", &dead.id.namespace));
                }
            }
            for need in &stuck.needs {
                match need {
                    Need::Secret { id, .. } | Need::ProxyLogin { id, .. }
                        if matches!(self.view.look(id), Lookup::Unread(_)) =>
                    {
                        self.one(id);
                    }
                    Need::Access(question) => {
                        if let Some(controller) = controller {
                            let question = Question { user: controller.user(), ..question.clone() };
                            let looked_at =
                                culprit::looked_at(self.view, stuck.set.as_ref(), controller, &question);
                            self.access(question, &looked_at);
                        }
                    }
                    _ => {}
                }
            }
            if stuck.needs.contains(&Need::Instances) {
                self.scale_sets(None);
            }
        }
    }

    /// What a controller says that it may not do.
    fn refusals(&mut self, world: &World) {
        for controller in &world.controllers.found {
            for Forbidden { question, .. } in forbidden::at_start(self.view, controller) {
                let looked_at = culprit::looked_at(self.view, None, controller, &question);
                self.access(question, &looked_at);
            }
        }
        for (_, controller, Forbidden { question, .. }) in forbidden::all_in_legacy_mode(self.view, world) {
            let looked_at = culprit::looked_at_in_legacy_mode(self.view, &controller, &question);
            self.access(question, &looked_at);
        }
    }

    /// The authorizer's own answer; where that is refused, the Roles and bindings it would be worked out from; where it
    /// is no, those of them that should give the right.
    fn access(&mut self, question: Question, looked_at: &[ObjectId]) {
        let refused = matches!(
            self.snapshot.coverage.of(&arc::ACCESS_REVIEW, None),
            Reading::Forbidden(_) | Reading::Failed(_)
        );
        let denied = self.view.reviews().iter().any(|review| review.question == question && !review.allowed);
        if refused {
            self.list(&arc::CLUSTER_ROLE, None, None);
            self.list(&arc::CLUSTER_ROLE_BINDING, None, None);
        }
        if (refused || denied) && !question.namespace.is_empty() {
            self.list(&arc::ROLE, Some(&question.namespace), None);
            self.list(&arc::ROLE_BINDING, Some(&question.namespace), None);
        }
        if denied {
            for id in looked_at {
                self.one(id);
            }
        }
        self.want(What::Review(question), None, None, None, Depth::Full);
    }

    fn complete(&self, kind: &GroupKind, namespace: Option<&str>) -> bool {
        match self.snapshot.coverage.of(kind, namespace) {
            // Not looked yet: the first look may be enough.
            Reading::Unread => true,
            reading => reading.is_complete(),
        }
    }

    /// One object, unless a list that was read holds it.
    fn one(&mut self, id: &ObjectId) {
        if has_no_row(&id.kind) {
            return;
        }
        let namespace = (!id.namespace.is_empty()).then_some(id.namespace.as_str());
        if self.snapshot.coverage.of(&id.kind, namespace).is_complete() || self.listed(&id.kind, namespace) {
            return;
        }
        let what = What::Kind(id.kind.clone());
        self.want(what, namespace, Some(&id.name), None, depth(&id.kind));
    }

    fn list(&mut self, kind: &GroupKind, namespace: Option<&str>, selector: Option<&str>) {
        let covered = namespace.is_some()
            && (self.snapshot.coverage.of(kind, None).is_complete() || self.listed(kind, None));
        if !covered && !has_no_row(kind) {
            self.want(What::Kind(kind.clone()), namespace, None, selector, depth(kind));
        }
    }

    /// True if the same round already asks for a list of it.
    fn listed(&self, kind: &GroupKind, namespace: Option<&str>) -> bool {
        [None, namespace].into_iter().any(|place| {
            self.snapshot.coverage.of(kind, place) == Reading::Unread
                && self.wanted.contains(&Request {
                    what: What::Kind(kind.clone()),
                    namespace: place.map(str::to_owned),
                    name: None,
                    selector: None,
                    depth: depth(kind),
                })
        })
    }

    fn want(
        &mut self,
        what: What,
        namespace: Option<&str>,
        name: Option<&str>,
        selector: Option<&str>,
        depth: Depth,
    ) {
        self.wanted.insert(Request {
            what,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            selector: selector.map(str::to_owned),
            depth,
        });
    }
}

/// Objects of such a kind are asked for by whoever resolved the word for it.
fn has_no_row(kind: &GroupKind) -> bool {
    arc::kind_row(kind).is_none()
}
