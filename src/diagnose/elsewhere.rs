//! Several clusters in one question: what each has to know of the others.

use super::sets;
use crate::arc;
use crate::model::Elsewhere;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Snapshot;
use std::collections::BTreeMap;
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
    /// Its pods, which such a cluster has to make anew: the nodes of the other are not its own.
    pods: BTreeMap<ObjectId, String>,
}

impl Mark {
    fn of(snapshot: &Snapshot) -> Self {
        let known = || snapshot.objects().filter(|object| !object.uid.is_empty());
        let pods = known().filter(|object| object.id.kind == arc::POD);
        Self {
            uids: known().map(|object| object.uid.clone()).collect(),
            pods: pods.map(|pod| (pod.id.clone(), pod.uid.clone())).collect(),
        }
    }

    /// Who asks about another namespace sees other pods: only a pod of the same name can tell them apart.
    fn is_of_the_same(&self, other: &Self) -> bool {
        let in_both = self.pods.iter().filter_map(|(id, uid)| Some((uid, other.pods.get(id)?)));
        let alike: Vec<bool> = in_both.map(|(here, there)| here == there).collect();
        !self.uids.is_disjoint(&other.uids) && (alike.is_empty() || alike.contains(&true))
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
