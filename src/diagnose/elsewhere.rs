//! Several clusters in one question: what each has to know of the others.

use super::sets;
use crate::arc;
use crate::model::Elsewhere;
use crate::model::Object;
use crate::model::Snapshot;

/// Tells each cluster which scale sets the listeners of the others ask for. Two clusters share nothing but GitHub.
pub fn introduce(snapshots: &mut [Snapshot]) {
    let uses: Vec<Vec<Elsewhere>> = snapshots.iter().map(uses).collect();
    for (here, snapshot) in snapshots.iter_mut().enumerate() {
        let others = uses.iter().enumerate().filter(|(there, _)| *there != here);
        snapshot.elsewhere = others.flat_map(|(_, uses)| uses.clone()).collect();
        snapshot.elsewhere.sort();
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
