//! The verdict on each thing that was asked about.

use super::ahead::Ahead;
use super::ask;
use super::ask::Ask;
use super::report::Class;
use super::report::Gap;
use super::report::Reference;
use super::report::State;
use super::report::Step;
use super::report::Target;
use super::report::Verdict;
use super::roots::End;
use super::roots::Label;
use super::sets;
use super::undecided::Undecided;
use super::view::View;
use super::world::World;
use super::world::gap;
use crate::arc;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Everything that a verdict rests on.
pub struct Judge<'a> {
    pub view: &'a View<'a>,
    pub world: &'a World,
    pub graph: &'a Graph<Label>,
    pub ends: &'a [End],
    pub undecided: &'a [Undecided],
    pub gaps: &'a [(ObjectId, Gap)],
    pub ahead: &'a [Ahead],
}

impl Judge<'_> {
    /// The targets of a question, and what could not be read that bears on them.
    pub fn targets(&self, ask: &Ask) -> (Vec<Target>, Vec<Gap>) {
        let mut gaps = Vec::new();
        let targets = match ask {
            Ask::Object(id) if id.kind == arc::NAMESPACE => vec![self.namespace(id, &mut gaps)],
            Ask::Object(id) => vec![self.object(id, &mut gaps)],
            Ask::Kind { kind, namespace } => {
                let listing = self.view.list(kind, namespace.as_deref());
                if !listing.reading.is_complete() {
                    gaps.push(gap(kind, namespace.as_deref().unwrap_or_default(), &listing.reading, &[]));
                }
                listing.objects.into_iter().map(|object| self.target(&object.id, &mut gaps)).collect()
            }
            Ask::Everything { namespace, selector } => {
                let entries = ask::entries(self.view, self.world, self.graph, namespace.as_deref(), selector);
                let mut targets: Vec<Target> = entries.iter().map(|id| self.target(id, &mut gaps)).collect();
                self.unseen(namespace.as_deref(), &mut targets, &mut gaps);
                if namespace.is_none() {
                    gaps.extend(self.undelivered());
                }
                targets
            }
        };
        (targets, gaps)
    }

    /// A namespace stands for all of ARC in it.
    fn namespace(&self, id: &ObjectId, gaps: &mut Vec<Gap>) -> Target {
        let mut target = self.target(id, gaps);
        let inside = ask::entries(self.view, self.world, self.graph, Some(&id.name), &[]);
        for entry in inside.iter().filter(|entry| *entry != id) {
            let part = self.target(entry, gaps);
            if part.verdict == Verdict::Clear {
                continue;
            }
            target.verdict = target.verdict.max(part.verdict);
            target.since = [target.since, part.since].into_iter().flatten().min();
            target.roots.extend(part.roots);
            target.reasons.extend(part.reasons);
            for foreseen in part.ahead {
                if !target.ahead.contains(&foreseen) {
                    target.ahead.push(foreseen);
                }
            }
            target.path.push(self.step(
                &Node::Object(id.clone()),
                &Node::Object(entry.clone()),
                &Label { because: "it is in the namespace".to_owned(), evidence: Vec::new() },
            ));
            target.path.extend(part.path);
        }
        target.roots.sort_unstable();
        target.roots.dedup();
        let mut seen = BTreeSet::new();
        target.path.retain(|step| seen.insert((step.object.clone(), step.waits_for.clone(), step.repair)));
        let mut targets = vec![target];
        self.unseen(Some(&id.name), &mut targets, gaps);
        targets.remove(0)
    }

    /// An object that does not wait itself is answered for by what it belongs to: a pod by its runner.
    fn object(&self, id: &ObjectId, gaps: &mut Vec<Gap>) -> Target {
        let target = self.target(id, gaps);
        if target.verdict != Verdict::Clear {
            return target;
        }
        let Some(whole) = self.belongs_to(id) else { return target };
        let part = self.target(&whole, gaps);
        if part.verdict == Verdict::Clear {
            return target;
        }
        let label = Label { because: format!("it belongs to {whole}"), evidence: Vec::new() };
        let mut path = vec![self.step(&Node::Object(id.clone()), &Node::Object(whole), &label)];
        path.extend(part.path);
        Target { object: target.object, path, ..part }
    }

    /// What an object belongs to and what waits or is waited for: its nearest owner, else its runner set.
    fn belongs_to(&self, id: &ObjectId) -> Option<ObjectId> {
        let object = self.view.find(id)?;
        let waits = |id: &ObjectId| self.graph.contains(&Node::Object(id.clone()));
        let mut owners: Vec<&Object> = vec![object];
        let mut seen: BTreeSet<&ObjectId> = BTreeSet::new();
        while let Some(next) = owners.pop() {
            if !seen.insert(&next.id) {
                continue;
            }
            if next.id != *id && waits(&next.id) {
                return Some(next.id.clone());
            }
            let owns = |owner: &&Object| next.is_owned_by(&owner.uid);
            owners.extend(self.view.everything().filter(owns));
        }
        sets::set_of(object).filter(|set| set != id && waits(set))
    }

    fn target(&self, id: &ObjectId, gaps: &mut Vec<Gap>) -> Target {
        let starts = [Node::Object(id.clone()), Node::Repair(id.clone())];
        let reach: BTreeSet<&Node> = starts.iter().flat_map(|start| self.graph.reach(start)).collect();
        let here: Vec<Gap> = self
            .gaps
            .iter()
            .filter(|(subject, _)| subject == id || reach.contains(&Node::Object(subject.clone())))
            .map(|(_, gap)| gap.clone())
            .collect();
        let roots: Vec<usize> = self
            .ends
            .iter()
            .enumerate()
            .filter(|(_, end)| end.nodes.iter().any(|node| reach.contains(node)))
            .filter(|(_, end)| match &end.finding.end {
                Node::Actor(_) => reach.contains(&Node::Object(end.finding.object.clone())),
                node => reach.contains(node),
            })
            .map(|(index, _)| index)
            .collect();
        let mut reasons: Vec<String> = Vec::new();
        let nearest_first = self.graph.reach(&starts[0]);
        let waiting = nearest_first.iter().filter_map(|node| node.object()).filter_map(|id| {
            let why = self.world.waiting.get(id)?;
            Some(format!("{id}: {why}"))
        });
        let waiting: Vec<String> = waiting.collect();
        let undecided: Vec<&Undecided> =
            self.undecided.iter().filter(|end| end.nodes.iter().any(|node| reach.contains(node))).collect();
        let seen = self.look(id, gaps);
        let verdict = if !roots.is_empty() {
            Verdict::Blocked
        } else if !undecided.is_empty() || !here.is_empty() || !seen {
            reasons.extend(self.blind_spots(id, &reach));
            reasons.extend(undecided.iter().flat_map(|end| end.texts.clone()));
            Verdict::Unknown
        } else if !waiting.is_empty() {
            reasons = waiting;
            Verdict::Waiting
        } else {
            Verdict::Clear
        };
        gaps.extend(here);
        let since = self.since(id, verdict, &reach);
        let path = match verdict {
            Verdict::Clear => Vec::new(),
            _ => starts.iter().flat_map(|start| self.path(start, &roots)).collect(),
        };
        let ahead =
            self.ahead.iter().filter(|ahead| verdict == Verdict::Waiting && ahead.waiting.contains(id));
        let ahead = ahead.map(|ahead| ahead.foreseen.clone()).collect();
        Target { object: self.view.reference(id), verdict, since, roots, path, reasons, ahead }
    }

    /// Who waits for something that could not be looked at.
    fn blind_spots(&self, id: &ObjectId, reach: &BTreeSet<&Node>) -> Vec<String> {
        let concerns = |subject: &ObjectId| subject == id || reach.contains(&Node::Object(subject.clone()));
        let mut texts: Vec<String> = Vec::new();
        for (subject, gap) in self.gaps.iter().filter(|(subject, _)| concerns(subject)) {
            let place =
                if gap.namespace.is_empty() { String::new() } else { format!(" in {}", gap.namespace) };
            let text = format!("{subject} may wait for a {}{place}, which could not be read", gap.kind);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// Since when it waits: since it should have moved itself, else since the first on its way should have.
    fn since(&self, id: &ObjectId, verdict: Verdict, reach: &BTreeSet<&Node>) -> Option<Timestamp> {
        if verdict == Verdict::Clear {
            return None;
        }
        let of = |id: &ObjectId| self.world.stuck.get(id).or_else(|| self.world.young.get(id))?.since;
        of(id).or_else(|| reach.iter().filter_map(|node| of(node.object()?)).min())
    }

    /// False if the object itself could not be read.
    fn look(&self, id: &ObjectId, gaps: &mut Vec<Gap>) -> bool {
        match self.view.look(id) {
            Lookup::Found(_) | Lookup::Absent => true,
            Lookup::Unread(reading) => {
                gaps.push(gap(&id.kind, &id.namespace, &reading, &[]));
                false
            }
        }
    }

    /// The edges from a node to its roots, nearest first. Without a root: all edges.
    fn path(&self, start: &Node, roots: &[usize]) -> Vec<Step> {
        let goals: BTreeSet<Node> = roots
            .iter()
            .filter_map(|index| self.ends.get(*index))
            .flat_map(|end| end.nodes.clone())
            .collect();
        let on_the_way: BTreeSet<&Node> = self.graph.waiting_for(&goals).into_iter().chain(&goals).collect();
        let mut steps = Vec::new();
        for from in self.graph.reach(start) {
            for (to, label) in self.graph.waits_for(from) {
                if goals.is_empty() || (on_the_way.contains(from) && on_the_way.contains(to)) {
                    steps.push(self.step(from, to, label));
                }
            }
        }
        steps
    }

    fn step(&self, from: &Node, to: &Node, label: &Label) -> Step {
        let stuck = match from {
            Node::Object(id) => self.world.stuck.get(id).or_else(|| self.world.young.get(id)),
            Node::Repair(_) | Node::Actor(_) => None,
        };
        Step {
            object: self.reference(from),
            waits_for: self.reference(to),
            repair: matches!(to, Node::Repair(_)),
            because: label.because.clone(),
            since: stuck.and_then(|stuck| stuck.since),
            finalizers: stuck.map(|stuck| stuck.finalizers.clone()).unwrap_or_default(),
            stage: stuck.map(|stuck| stuck.stage.clone()).unwrap_or_default(),
            evidence: label.evidence.clone(),
        }
    }

    fn reference(&self, node: &Node) -> Reference {
        match node {
            Node::Object(id) | Node::Repair(id) => self.view.reference(id),
            Node::Actor(name) => Reference {
                id: ObjectId::new(&GroupKind::new("kubectl-arc", "Actor"), "", name),
                api_version: "kubectl-arc/v1alpha1".to_owned(),
                uid: String::new(),
                state: State::Unseen,
            },
        }
    }

    /// "Nothing is stuck" is only true of what was looked at: what was not is a gap, and vetoes it.
    fn unseen(&self, namespace: Option<&str>, targets: &mut [Target], gaps: &mut Vec<Gap>) {
        let mut missed = Vec::new();
        for kind in arc::SCALE_SET_KINDS {
            let wide = kind == arc::AUTOSCALING_LISTENER;
            let reading = self.view.list(&kind, if wide { None } else { namespace }).reading;
            let beside = wide && !reading.is_complete() && self.listeners_where_controllers_are();
            if !reading.is_complete() && !beside {
                missed.push(gap(
                    &kind,
                    namespace.unwrap_or_default(),
                    &reading,
                    &[Class::ControllerGone, Class::SecretMissing, Class::RbacMissing],
                ));
            }
        }
        // Legacy mode is asked about only where it is installed.
        for kind in arc::LEGACY_KINDS {
            let reading = self.view.list(&kind, namespace).reading;
            if matches!(reading, Reading::Forbidden(_) | Reading::Failed(_)) {
                let hides = [Class::LegacyFinalizer, Class::LegacyWebhookDead];
                missed.push(gap(&kind, namespace.unwrap_or_default(), &reading, &hides));
            }
        }
        let places: Vec<String> = match namespace {
            Some(namespace) => vec![namespace.to_owned()],
            None => self.arc_namespaces(),
        };
        for place in places.iter().filter(|place| ask::holds_arc(self.view, place)) {
            for kind in [arc::SERVICE_ACCOUNT, arc::ROLE, arc::ROLE_BINDING, arc::SECRET] {
                let reading = self.view.list(&kind, Some(place)).reading;
                if !reading.is_complete() {
                    missed.push(gap(
                        &kind,
                        place,
                        &reading,
                        &[Class::CleanupProtectionOrphan, Class::GitopsDeleteDeadlock],
                    ));
                }
            }
        }
        let controllers = &self.world.controllers;
        let served = namespace
            .map_or_else(|| !controllers.found.is_empty(), |place| controllers.alive(place).is_some());
        if !served && !controllers.reading.is_complete() {
            let hides = [Class::ControllerGone, Class::VersionMismatch, Class::ListenerOrphaned];
            missed.push(gap(&arc::DEPLOYMENT, "", &controllers.reading, &hides));
        }
        if missed.is_empty() {
            return;
        }
        for target in targets.iter_mut().filter(|target| target.verdict < Verdict::Unknown) {
            target.verdict = Verdict::Unknown;
            target.reasons.push("something beside it could not be read and may be stuck".to_owned());
        }
        gaps.extend(missed);
    }

    /// Applications that may not be seen: a runner set that Argo CD never made is among no targets, so that this is told
    /// and changes no verdict.
    fn undelivered(&self) -> Option<Gap> {
        match self.view.list(&arc::APPLICATION, None).reading {
            reading @ (Reading::Forbidden(_) | Reading::Failed(_)) => {
                Some(gap(&arc::APPLICATION, "", &reading, &[Class::ReleaseUnfinished]))
            }
            Reading::Unread | Reading::Read | Reading::NotServed => None,
        }
    }

    fn listeners_where_controllers_are(&self) -> bool {
        let controllers = &self.world.controllers;
        !controllers.found.is_empty()
            && controllers.found.iter().all(|controller| {
                self.view
                    .list(&arc::AUTOSCALING_LISTENER, Some(&controller.id.namespace))
                    .reading
                    .is_complete()
            })
    }

    fn arc_namespaces(&self) -> Vec<String> {
        let names: BTreeSet<String> = self
            .view
            .everything()
            .filter(|object| !object.id.namespace.is_empty() && sets::is_arc(object))
            .map(|object| object.id.namespace.clone())
            .collect();
        names.into_iter().collect()
    }
}
