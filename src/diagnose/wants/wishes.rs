//! What the rules wish to see: asked for only when all that bears on the question anyway was read, and logs only
//! when everything else was.

use super::Plan;
use crate::arc;
use crate::arc::marks;
use crate::diagnose::logs;
use crate::diagnose::roots;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Findings;
use crate::diagnose::rules::RULES;
use crate::diagnose::sets;
use crate::diagnose::wish;
use crate::diagnose::wish::Sight;
use crate::diagnose::wish::Wish;
use crate::diagnose::world::World;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use crate::model::Request;
use crate::model::What;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// How many pods' logs are read for one question, beside those of controllers. What more of the same would say, the
/// first have said.
const MOST_LOGS: usize = 12;
/// So many logs at most are read of what seems to be well, of listeners and of runners: where more is asked about, only
/// what is not well is looked into.
const FEW: usize = 8;
/// How many pods of one controller are asked: one of them leads.
const MOST_REPLICAS: usize = 3;

impl Plan<'_, '_> {
    /// What the rules wish to see, as far as the answer depends on it or a likely root would be proven.
    pub fn wishes(&mut self, world: &World, concerns: &dyn Fn(&str) -> bool) {
        if self.is_open() {
            return;
        }
        let mut findings = Findings::default();
        for rule in RULES {
            (rule.check)(&Case { view: self.view, world }, &mut findings);
        }
        let graph = roots::graph(world, &findings);
        let ends = roots::ends(&graph, &findings);
        let explained = wish::explained(&graph, &ends);
        let place = |id: &ObjectId| {
            // A listener that seems to be well is in another namespace than its runner set, too.
            let stuck = world.stuck.get(id).and_then(|stuck| stuck.set.clone());
            let set = stuck.or_else(|| sets::set_of(self.view.find(id)?));
            // A namespace itself is in none.
            let itself = id.kind == arc::NAMESPACE && concerns(&id.name);
            itself || concerns(&id.namespace) || set.is_some_and(|set| concerns(&set.namespace))
        };
        let granted: Vec<&Wish> = findings
            .wishes
            .iter()
            .filter(|wish| wish.is_proof() || wish.decides(&explained))
            .filter(|wish| place(&wish.subject))
            .collect();
        for wish in granted.iter().filter(|wish| !wish.sight.is_log()) {
            match &wish.sight {
                Sight::Object(id) => self.one(id),
                Sight::List { kind, namespace, selector } => {
                    let namespace = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
                    self.list(kind, namespace, selector.as_deref());
                }
                Sight::ControllerLog(_) | Sight::PodLog(_) => {}
            }
        }
        if self.is_open() {
            return;
        }
        // What goes wrong with a listener that seems well shows nowhere but in its log.
        let seems_well = |wish: &&&Wish| {
            let id = &wish.subject;
            wish.is_proof() && !world.stuck.contains_key(id) && !world.waiting.contains_key(id)
        };
        let (idle, needed): (Vec<&Wish>, Vec<&Wish>) =
            granted.iter().copied().partition(|wish| seems_well(&wish));
        let mut logs: BTreeSet<&Sight> = needed.iter().map(|wish| &wish.sight).collect();
        // Many runners at work do not keep the listener from being heard.
        let mut well: BTreeMap<&GroupKind, BTreeSet<&Sight>> = BTreeMap::new();
        for wish in idle.iter().filter(|wish| wish.sight.is_log()) {
            well.entry(&wish.subject.kind).or_default().insert(&wish.sight);
        }
        logs.extend(well.into_values().filter(|sights| sights.len() <= FEW).flatten());
        let mut room = MOST_LOGS;
        for sight in logs {
            match sight {
                Sight::ControllerLog(id) => self.controller_log(id),
                Sight::PodLog(id) if room > 0 => {
                    room -= 1;
                    self.pod_log(id);
                }
                Sight::PodLog(_) | Sight::Object(_) | Sight::List { .. } => {}
            }
        }
    }

    /// The pods of a controller, and then their logs.
    fn controller_log(&mut self, id: &ObjectId) {
        let deployment = self.view.find(id);
        let selector = deployment.and_then(logs::selector_of);
        self.list(
            &arc::POD,
            Some(&id.namespace),
            Some(selector.as_deref().unwrap_or(marks::CONTROLLER_SELECTOR)),
        );
        let pods = self.view.list(&arc::POD, Some(&id.namespace)).objects;
        let labelled = |pod: &Object| {
            pod.label(marks::PART_OF).is_some_and(|part| marks::CONTROLLER_PART_OF.contains(&part))
        };
        let is_its = |pod: &&Object| match deployment {
            Some(deployment) if selector.is_some() => logs::selects(deployment, pod),
            _ => labelled(pod),
        };
        let pods: Vec<ObjectId> =
            pods.into_iter().filter(is_its).take(MOST_REPLICAS).map(|pod| pod.id.clone()).collect();
        for pod in pods {
            self.pod_log(&pod);
        }
    }

    fn pod_log(&mut self, pod: &ObjectId) {
        self.want(What::Kind(arc::POD_LOG), Some(&pod.namespace), Some(&pod.name), None, Depth::Full);
    }

    /// True if something is wanted that was not asked for yet.
    fn is_open(&self) -> bool {
        self.wanted.iter().any(|request| !self.is_answered(request))
    }

    fn is_answered(&self, request: &Request) -> bool {
        let coverage = &self.snapshot.coverage;
        match &request.what {
            What::Review(question) => {
                coverage.of(&arc::ACCESS_REVIEW, None) != Reading::Unread
                    || self.snapshot.reviews.iter().any(|review| review.question == *question)
            }
            What::Kind(kind) => coverage.entries.iter().any(|entry| {
                entry.kind == *kind
                    && (entry.namespace == request.namespace || entry.namespace.is_none())
                    && (entry.name == request.name || entry.name.is_none())
                    && (entry.selector == request.selector || entry.selector.is_none())
            }),
            // Asked for together with the rest of its namespace.
            What::Resource { .. } => true,
        }
    }
}
