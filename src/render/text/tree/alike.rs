//! Which siblings look the same, so that one of them can stand for all.

use super::points::Points;
use crate::model::ObjectId;
use crate::render::text::fold;
use crate::render::text::fold::Group;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Deeper than this, things look alike.
const DEPTH: usize = 32;

/// Looks of objects, remembered.
pub struct Looks<'a> {
    points: &'a Points<'a>,
    groups: &'a [Group<'a>],
    known: BTreeMap<ObjectId, u64>,
}

impl<'a> Looks<'a> {
    pub fn new(points: &'a Points<'a>, groups: &'a [Group<'a>]) -> Self {
        Self { points, groups, known: BTreeMap::new() }
    }

    /// Objects in runs that look the same, first come first.
    pub fn sorted(&mut self, ids: impl IntoIterator<Item = ObjectId>) -> Vec<Vec<ObjectId>> {
        let mut runs: Vec<(u64, Vec<ObjectId>)> = Vec::new();
        for id in ids {
            let look = self.look(&id, 0);
            match runs.iter_mut().find(|(known, _)| *known == look) {
                Some((_, run)) => run.push(id),
                None => runs.push((look, vec![id])),
            }
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// All that is drawn of an object and below it, but for names and its kind.
    fn look(&mut self, id: &ObjectId, depth: usize) -> u64 {
        if let Some(look) = self.known.get(id) {
            return *look;
        }
        let mut hasher = DefaultHasher::new();
        id.namespace.is_empty().hash(&mut hasher);
        // A deadlock is drawn as a whole: what takes part in it stands for itself.
        if self.points.deadlock(id).is_some() {
            id.name.hash(&mut hasher);
        }
        if let Some(point) = self.points.get(id).filter(|_| depth < DEPTH) {
            let root = self.groups.iter().position(|group| group.has(point.reference));
            (point.reference.state as u8, point.finalizers, point.stage, root).hash(&mut hasher);
            // Broken here so that a cycle ends.
            self.known.insert(id.clone(), 0);
            for step in &point.waits {
                let names = BTreeSet::from([id.name.as_str(), step.waits_for.id.name.as_str()]);
                fold::without(&step.because, &names).hash(&mut hasher);
                self.look(&step.waits_for.id, depth + 1).hash(&mut hasher);
            }
        }
        let look = hasher.finish();
        self.known.insert(id.clone(), look);
        look
    }
}
