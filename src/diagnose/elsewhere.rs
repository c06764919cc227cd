//! Several clusters in one question: what each has to know of the others.

use super::sets;
use crate::arc;
use crate::model::Elsewhere;
use crate::model::Object;
use crate::model::Snapshot;
use std::collections::BTreeSet;

/// Tells each cluster which scale sets the listeners of the others ask for. Two clusters share nothing but GitHub: if both
/// have an object of the same uid, they are one cluster under two names, and a runner set does not collide with itself.
pub fn introduce(snapshots: &mut [Snapshot]) {
    let clusters: Vec<_> = snapshots.iter().map(|snapshot| (uses(snapshot), uids(snapshot))).collect();
    for (here, snapshot) in snapshots.iter_mut().enumerate() {
        let own = uids(snapshot);
        let others = clusters.iter().enumerate();
        let others = others.filter(|(there, (_, uids))| *there != here && uids.is_disjoint(&own));
        snapshot.elsewhere = others.flat_map(|(_, (uses, _))| uses.clone()).collect();
        snapshot.elsewhere.sort();
    }
}

fn uids(snapshot: &Snapshot) -> BTreeSet<String> {
    let uids = snapshot.objects().map(|object| object.uid.clone());
    uids.filter(|uid| !uid.is_empty()).collect()
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
