//! A kind of ARC that the API server does not know any more, and whom that stops.

use super::controllers::Controller;
use super::controllers::build_evidence;
use super::remedy;
use super::report::Certainty;
use super::report::Class;
use super::report::Remedy;
use super::rule::Case;
use super::rule::Finding;
use crate::arc;
use crate::arc::versions::Version;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::Reading;
use std::collections::BTreeSet;

/// The live runner sets of this controller, and their EphemeralRunnerSets.
pub fn live(case: &Case<'_>, controller: &Controller) -> Vec<ObjectId> {
    let is_its =
        |namespace: &str| case.world.controllers.alive(namespace).is_some_and(|one| one.id == controller.id);
    [arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET]
        .iter()
        .flat_map(|kind| case.view.list(kind, None).objects)
        .filter(|object| !object.is_deleting() && is_its(&object.id.namespace))
        .map(|object| object.id.clone())
        .collect()
}

/// A kind that the controller needs is not served. Where CRDs may not be read, the API server's answer for the kind
/// tells as much.
pub fn missing(case: &Case<'_>, controller: &Controller) -> Option<Finding> {
    let namespaces: BTreeSet<String> =
        live(case, controller).into_iter().map(|object| object.namespace).collect();
    // Listeners lie elsewhere, and where none is served a runner set is without one.
    let not_served = |kind: &GroupKind| {
        *kind != arc::AUTOSCALING_LISTENER
            && namespaces.iter().any(|place| case.view.list(kind, Some(place)).reading == Reading::NotServed)
    };
    let (absent, evidence) =
        arc::SCALE_SET_KINDS.iter().zip(crds()).find_map(|(kind, id)| match case.view.look(&id) {
            Lookup::Absent => Some((id.clone(), case.view.missing(&id))),
            Lookup::Unread(_) if not_served(kind) => {
                let says = format!("the API server knows no {}", kind.kind);
                Some((id.clone(), case.view.evidence(&id, "served", says)))
            }
            Lookup::Found(_) | Lookup::Unread(_) => None,
        })?;
    let mut evidence = vec![evidence];
    evidence.extend(build_evidence(case.view, controller));
    Some(Finding {
        class: Class::CrdSkew,
        end: Node::Object(absent.clone()),
        object: absent.clone(),
        members: Vec::new(),
        message: format!("{absent} does not exist, and the controller cannot work without it"),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![restore_crds(controller)],
    })
}

/// The controllers that do not get ready because a kind is not served.
pub fn blind<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a ObjectId> {
    let found = case.world.controllers.found.iter();
    found
        .filter(|controller| !controller.is_alive() && controller.desired > 0)
        .filter(|controller| missing(case, controller).is_some())
        .map(|controller| &controller.id)
}

/// The CRDs without which no controller works.
pub fn crds() -> Vec<ObjectId> {
    let crd = |kind| {
        let row = arc::kind_row(&kind)?;
        Some(ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group)))
    };
    arc::SCALE_SET_KINDS.into_iter().filter_map(crd).collect()
}

/// A controller that has lost sight of a kind does not find it again by itself. Restarting alone helps nobody.
fn restore_crds(controller: &Controller) -> Remedy {
    let id = &controller.id;
    let restart = format!(
        "kubectl rollout restart deployment -n {} {}",
        remedy::word(&id.namespace),
        remedy::word(&id.name)
    );
    remedy::by_hand(
        "apply-crds",
        "Apply the CRDs of the controller's version, and restart the controller".to_owned(),
        vec![crds_of(controller), restart],
    )
}

/// The CRDs that the controller was built for.
pub fn apply_crds(controller: &Controller) -> Remedy {
    remedy::by_hand(
        "apply-crds",
        "Apply the CRDs of the controller's version, which Helm does not do on an upgrade".to_owned(),
        vec![crds_of(controller)],
    )
}

fn crds_of(controller: &Controller) -> String {
    let version = Version::parse(&controller.version).map(|version| format!(" --version {version}"));
    format!(
        "helm show crds {}{} | kubectl apply --server-side -f -",
        arc::CONTROLLER_CHART,
        version.unwrap_or_default()
    )
}
