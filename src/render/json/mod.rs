//! The Diagnosis as scripts read it: contract `kubectl-arc/v1alpha1`, the same document in JSON and YAML.

pub mod plan;

use super::sanitize;
use crate::diagnose::ControllerSummary;
use crate::diagnose::Diagnosis;
use crate::diagnose::Evidence;
use crate::diagnose::Foreseen;
use crate::diagnose::Gap;
use crate::diagnose::Reference;
use crate::diagnose::Remedy;
use crate::diagnose::Root;
use crate::diagnose::Step;
use crate::diagnose::Target;
use crate::model::SourceInfo;
use crate::model::SourceType;
use jiff::Timestamp;
use serde::Serialize;
#[cfg(test)]
use serde_json::Value;

/// The document as a value, for those who look into it. Its keys are sorted: to write it use [`json`].
#[cfg(test)]
pub fn diagnosis(diagnosis: &Diagnosis) -> Value {
    // Strings, numbers and lists alone cannot fail to serialise.
    serde_json::to_value(Document::of(diagnosis)).unwrap_or_default()
}

/// The document as indented JSON, keys in the order of the contract, with a final newline.
pub fn json(diagnosis: &Diagnosis) -> String {
    sanitize::json(&pretty(&Document::of(diagnosis))) + "\n"
}

/// The answers of several clusters as one document: a `DiagnosisList` whose items are such documents.
pub fn list_json(diagnoses: &[Diagnosis]) -> String {
    sanitize::json(&pretty(&List::of(diagnoses))) + "\n"
}

/// The same as YAML.
pub fn list_yaml(diagnoses: &[Diagnosis]) -> String {
    as_yaml(&List::of(diagnoses))
}

/// The document as YAML, with a final newline.
///
/// The writer escapes control characters but leaves those that turn or hide text. A document that has some is
/// written in YAML's JSON form, where they can be escaped.
pub fn yaml(diagnosis: &Diagnosis) -> String {
    as_yaml(&Document::of(diagnosis))
}

fn as_yaml(document: &impl Serialize) -> String {
    // Folded lines could not be searched.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let text = serde_saphyr::to_string_with_options(document, options).unwrap_or_default();
    if text.chars().any(|c| c != '\n' && sanitize::is_hostile(c)) {
        return sanitize::yaml(&pretty(document)) + "\n";
    }
    text
}

fn pretty(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Document<'a>>,
}

impl<'a> List<'a> {
    fn of(diagnoses: &'a [Diagnosis]) -> Self {
        let items = diagnoses.iter().map(Document::of).collect();
        Self { api_version: "kubectl-arc/v1alpha1", kind: "DiagnosisList", items }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    captured_at: String,
    source: Source<'a>,
    controllers: Vec<Controller<'a>>,
    summary: SummaryDoc,
    targets: Vec<TargetDoc<'a>>,
    roots: Vec<RootDoc<'a>>,
    notices: Vec<RootDoc<'a>>,
    gaps: Vec<GapDoc<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    source: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    context: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    server: &'a str,
}

#[derive(Serialize)]
struct Controller<'a> {
    namespace: &'a str,
    name: &'a str,
    version: &'a str,
    ready: i64,
}

#[derive(Serialize)]
struct SummaryDoc {
    verdict: &'static str,
    blocked: usize,
    roots: usize,
    gaps: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceDoc<'a> {
    api_version: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

#[derive(Serialize)]
struct TargetDoc<'a> {
    object: ReferenceDoc<'a>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    roots: &'a [usize],
    path: Vec<StepDoc<'a>>,
    reasons: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<ForeseenDoc<'a>>,
}

#[derive(Serialize)]
struct ForeseenDoc<'a> {
    class: &'static str,
    object: ReferenceDoc<'a>,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepDoc<'a> {
    object: ReferenceDoc<'a>,
    waits_for: ReferenceDoc<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    repair: bool,
    because: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    finalizers: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    stage: &'a str,
    evidence: Vec<EvidenceDoc<'a>>,
}

#[derive(Serialize)]
struct EvidenceDoc<'a> {
    object: ReferenceDoc<'a>,
    field: &'a str,
    says: &'a str,
}

#[derive(Serialize)]
struct RootDoc<'a> {
    class: &'static str,
    object: ReferenceDoc<'a>,
    members: Vec<ReferenceDoc<'a>>,
    message: &'a str,
    certainty: &'static str,
    evidence: Vec<EvidenceDoc<'a>>,
    blocks: Vec<ReferenceDoc<'a>>,
    remedies: Vec<RemedyDoc<'a>>,
}

#[derive(Serialize)]
struct RemedyDoc<'a> {
    id: &'static str,
    title: &'a str,
    loss: &'static str,
    applicability: &'static str,
    leaves: Vec<&'a str>,
    commands: Vec<String>,
}

#[derive(Serialize)]
struct GapDoc<'a> {
    kind: &'a str,
    namespace: &'a str,
    reason: &'a str,
    hides: Vec<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    command: &'a str,
}

impl<'a> Source<'a> {
    fn of(source: &'a SourceInfo) -> Self {
        Self {
            source: match source.source {
                SourceType::Cluster => "cluster",
                SourceType::File => "file",
            },
            context: &source.context,
            server: &source.server,
        }
    }
}

impl<'a> Document<'a> {
    fn of(diagnosis: &'a Diagnosis) -> Self {
        Self {
            api_version: "kubectl-arc/v1alpha1",
            kind: "Diagnosis",
            captured_at: time(diagnosis.captured_at),
            source: Source::of(&diagnosis.source),
            controllers: all(&diagnosis.controllers),
            summary: SummaryDoc {
                verdict: diagnosis.summary.verdict.word(),
                blocked: diagnosis.summary.blocked,
                roots: diagnosis.summary.roots,
                gaps: diagnosis.summary.gaps,
            },
            targets: all(&diagnosis.targets),
            roots: all(&diagnosis.roots),
            notices: all(&diagnosis.notices),
            gaps: all(&diagnosis.gaps),
        }
    }
}

impl<'a> From<&'a ControllerSummary> for Controller<'a> {
    fn from(controller: &'a ControllerSummary) -> Self {
        Self {
            namespace: &controller.namespace,
            name: &controller.name,
            version: &controller.version,
            ready: controller.ready,
        }
    }
}

impl<'a> From<&'a Reference> for ReferenceDoc<'a> {
    fn from(reference: &'a Reference) -> Self {
        Self {
            api_version: &reference.api_version,
            kind: &reference.id.kind.kind,
            namespace: &reference.id.namespace,
            name: &reference.id.name,
            uid: &reference.uid,
            state: reference.state.word(),
        }
    }
}

impl<'a> From<&'a Target> for TargetDoc<'a> {
    fn from(target: &'a Target) -> Self {
        Self {
            object: (&target.object).into(),
            verdict: target.verdict.word(),
            since: target.since.map(time),
            roots: &target.roots,
            path: all(&target.path),
            reasons: &target.reasons,
            ahead: all(&target.ahead),
        }
    }
}

impl<'a> From<&'a Foreseen> for ForeseenDoc<'a> {
    fn from(foreseen: &'a Foreseen) -> Self {
        Self { class: foreseen.class.id(), object: (&foreseen.object).into(), message: &foreseen.message }
    }
}

impl<'a> From<&'a Step> for StepDoc<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            object: (&step.object).into(),
            waits_for: (&step.waits_for).into(),
            repair: step.repair,
            because: &step.because,
            since: step.since.map(time),
            finalizers: &step.finalizers,
            stage: &step.stage,
            evidence: all(&step.evidence),
        }
    }
}

impl<'a> From<&'a Evidence> for EvidenceDoc<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        Self { object: (&evidence.object).into(), field: &evidence.field, says: &evidence.says }
    }
}

impl<'a> From<&'a Root> for RootDoc<'a> {
    fn from(root: &'a Root) -> Self {
        Self {
            class: root.class.id(),
            object: (&root.object).into(),
            members: all(&root.members),
            message: &root.message,
            certainty: root.certainty.word(),
            evidence: all(&root.evidence),
            blocks: all(&root.blocks),
            remedies: all(&root.remedies),
        }
    }
}

impl<'a> From<&'a Remedy> for RemedyDoc<'a> {
    fn from(remedy: &'a Remedy) -> Self {
        Self {
            id: remedy.id,
            title: &remedy.title,
            loss: remedy.loss.word(),
            applicability: remedy.applicability.word(),
            leaves: remedy.leaves.iter().map(|leaf| leaf.text.as_str()).collect(),
            commands: remedy.commands(),
        }
    }
}

impl<'a> From<&'a Gap> for GapDoc<'a> {
    fn from(gap: &'a Gap) -> Self {
        Self {
            kind: &gap.kind,
            namespace: &gap.namespace,
            reason: &gap.reason,
            hides: gap.hides.iter().map(|class| class.id()).collect(),
            command: &gap.command,
        }
    }
}

fn all<'a, T, D: From<&'a T>>(items: &'a [T]) -> Vec<D> {
    items.iter().map(D::from).collect()
}

/// Whole seconds, as the API writes times.
fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests;
