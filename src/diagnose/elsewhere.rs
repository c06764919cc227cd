//! Several clusters in one question: what each has to know of the others.

use super::sets;
use crate::arc;
use crate::model::Elsewhere;
use crate::model::Object;
use crate::model::Snapshot;
use std::collections::BTreeSet;

/// Tells each cluster which scale sets the listeners of the others ask for. Two clusters share nothing but GitHub, and one
/// cluster under two names does not collide with itself.
pub fn introduce(snapshots: &mut [Snapshot]) {
    let clusters: Vec<_> = snapshots.iter().map(|snapshot| (uses(snapshot), Mark::of(snapshot))).collect();
    for (here, snapshot) in snapshots.iter_mut().enumerate() {
        let own = &clusters[here].1;
        let others = clusters.iter().enumerate();
        let others = others.filter(|(there, (_, mark))| *there != here && !mark.is_of_the_same(own));
        snapshot.elsewhere = others.flat_map(|(_, (uses, _))| uses.clone()).collect();
        snapshot.elsewhere.sort();
    }
}

/// What tells one cluster from another.
struct Mark {
    /// Of all that was read. A cluster that was restored from a backup of another has these from there.
    uids: BTreeSet<String>,
    /// Of its pods, which such a cluster has to make anew: the nodes of the other are not its own.
    pods: BTreeSet<String>,
}

impl Mark {
    fn of(snapshot: &Snapshot) -> Self {
        let of = |objects: &mut dyn Iterator<Item = &Object>| {
            objects.map(|object| object.uid.clone()).filter(|uid| !uid.is_empty()).collect()
        };
        let pods = snapshot.list(&arc::POD, None).objects;
        Self { uids: of(&mut snapshot.objects()), pods: of(&mut pods.into_iter()) }
    }

    fn is_of_the_same(&self, other: &Self) -> bool {
        match self.pods.is_empty() || other.pods.is_empty() {
            true => !self.uids.is_disjoint(&other.uids),
            false => !self.pods.is_disjoint(&other.pods),
        }
    }
}

fn uses(snapshot: &Snapshot) -> Vec<Elsewhere> {
    let listeners = snapshot.list(&arc::AUTOSCALING_LISTENER, None).objects.into_iter();
    let live = listeners.filter(|listener| !listener.is_deleting());
    live.filter_map(|listener| of(&snapshot.source.context, listener)).collect()
}

fn of(context: &str, listener: &Object) -> Option<Elsewhere> {
    let (url, number) = scale_set(listener)?;
    Some(Elsewhere { context: context.to_owned(), set: sets::set_of(listener)?, url, number })
}

/// The URL and the number of the scale set that a listener asks for.
pub fn scale_set(listener: &Object) -> Option<(String, i64)> {
    let url = listener.text("/spec/githubConfigUrl")?.trim_end_matches('/').to_owned();
    Some((url, listener.number("/spec/runnerScaleSetId")?))
}
