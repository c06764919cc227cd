//! Hand-built answers, with the names of real clusters, for the tests of this room.

mod blocked;
mod other;

use crate::diagnose::*;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::model::SourceInfo;
use crate::model::SourceType;
use jiff::Timestamp;

/// Every sample by its name.
pub fn all() -> Vec<(&'static str, Diagnosis)> {
    vec![
        ("secret missing", blocked::secret_missing()),
        ("four CRDs", blocked::four_crds()),
        ("argo deadlock", blocked::argo_deadlock()),
        ("controller moved", blocked::controller_moved()),
        ("many pods", blocked::many_pods()),
        ("waiting", other::waiting()),
        ("ahead", other::ahead()),
        ("healthy", other::healthy()),
        ("unknown", other::unknown()),
        ("left behind", other::left_behind()),
    ]
}

/// The sample of this name.
pub fn named(name: &str) -> Diagnosis {
    all()
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, sample)| sample)
        .expect("a sample of that name")
}

/// The moment at which all samples were taken.
pub fn now() -> Timestamp {
    "2026-11-21T06:14:53Z".parse().unwrap()
}

/// So many seconds before that.
pub fn ago(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(now().as_second() - seconds).unwrap())
}

const ARC: &str = "actions.github.com/v1alpha1";
const RBAC: &str = "rbac.authorization.k8s.io/v1";

pub fn object(api_version: &str, kind: &str, name: &str, state: State) -> Reference {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    Reference {
        id: ObjectId::new(&GroupKind::of(api_version, kind), namespace, name),
        api_version: api_version.to_owned(),
        uid: String::new(),
        state,
    }
}

pub fn evidence(object: &Reference, field: &str, says: &str) -> Evidence {
    Evidence { object: object.clone(), field: field.to_owned(), says: says.to_owned() }
}

/// `object` waits for `waits_for`; a finalizer in the reason is one that holds it.
pub fn step(
    object: &Reference,
    since: Option<Timestamp>,
    waits_for: &Reference,
    because: &str,
    stage: &str,
) -> Step {
    let finalizers = because.strip_prefix("finalizer ").map(|name| vec![name.to_owned()]).unwrap_or_default();
    Step {
        object: object.clone(),
        waits_for: waits_for.clone(),
        repair: false,
        because: because.to_owned(),
        since,
        finalizers,
        stage: stage.to_owned(),
        evidence: vec![],
    }
}

pub fn target(object: &Reference, since: Option<Timestamp>, roots: &[usize], path: Vec<Step>) -> Target {
    let verdict = if roots.is_empty() { Verdict::Clear } else { Verdict::Blocked };
    Target {
        object: object.clone(),
        verdict,
        since,
        roots: roots.to_vec(),
        path,
        reasons: vec![],
        ahead: vec![],
    }
}

pub fn root(class: Class, object: &Reference, message: &str) -> Root {
    Root {
        since: None,
        finalizers: vec![],
        stage: String::new(),
        class,
        object: object.clone(),
        members: vec![],
        message: message.to_owned(),
        certainty: Certainty::Proven,
        evidence: vec![],
        blocks: vec![],
        remedies: vec![],
    }
}

pub fn remedy(
    id: &'static str,
    title: &str,
    loss: Loss,
    applicability: Applicability,
    commands: &[&str],
) -> Remedy {
    Remedy {
        id,
        title: title.to_owned(),
        loss,
        applicability,
        actions: commands.iter().map(|command| Action::Command((*command).to_owned())).collect(),
        leaves: vec![],
    }
}

/// The answer made of these parts, with the summary they add up to.
pub fn diagnosis(targets: Vec<Target>, roots: Vec<Root>, gaps: Vec<Gap>) -> Diagnosis {
    let verdict = targets.iter().map(|target| target.verdict).max().unwrap_or(Verdict::Clear);
    Diagnosis {
        captured_at: now(),
        source: SourceInfo {
            source: SourceType::Cluster,
            context: "prod".to_owned(),
            server: "v1.36.2".to_owned(),
            namespace: String::new(),
        },
        controllers: vec![ControllerSummary {
            namespace: "arc-systems".to_owned(),
            name: "arc-gha-rs-controller".to_owned(),
            version: "0.14.2".to_owned(),
            ready: 1,
        }],
        summary: Summary {
            verdict,
            blocked: targets.iter().filter(|target| target.verdict == Verdict::Blocked).count(),
            roots: roots.len(),
            gaps: gaps.len(),
        },
        targets,
        roots,
        notices: vec![],
        gaps,
    }
}
