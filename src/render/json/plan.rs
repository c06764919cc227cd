//! A Plan as scripts read it, and as `--plan` takes it back.

use super::ReferenceDoc;
use super::RemedyDoc;
use super::Source;
use super::all;
use super::as_yaml;
use super::pretty;
use super::time;
use crate::diagnose::Action;
use crate::diagnose::Fight;
use crate::model::ObjectId;
use crate::plan::Hand;
use crate::plan::Plan;
use crate::plan::Step;
use crate::render::sanitize;
use serde::Serialize;
use serde_json::Value;

/// The plan as indented JSON, with a final newline.
pub fn json(plan: &Plan) -> String {
    sanitize::json(&pretty(&Document::of(plan))) + "\n"
}

/// The plan as YAML, with a final newline.
pub fn yaml(plan: &Plan) -> String {
    as_yaml(&Document::of(plan))
}

/// One step as [`json`] writes it: what a reviewed plan has to agree with.
pub fn step(step: &Step) -> Value {
    // Strings, numbers and lists alone cannot fail to serialise.
    serde_json::to_value(StepDoc::from(step)).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    captured_at: String,
    source: Source<'a>,
    targets: Vec<ReferenceDoc<'a>>,
    loss: &'static str,
    steps: Vec<StepDoc<'a>>,
    left_to_you: Vec<HandDoc<'a>>,
    pause_first: Vec<FightDoc<'a>>,
    outcome: OutcomeDoc<'a>,
}

#[derive(Serialize)]
struct StepDoc<'a> {
    class: &'static str,
    object: ReferenceDoc<'a>,
    message: &'a str,
    remedy: &'static str,
    title: &'a str,
    loss: &'static str,
    leaves: Vec<&'a str>,
    changes: Vec<ChangeDoc<'a>>,
}

/// One write, or a command where a person has to run it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeDoc<'a> {
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ReferenceDoc<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    subresource: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    propagation_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_period_seconds: Option<u8>,
    command: String,
}

/// An object that is not written to: of its kind only the group is known.
#[derive(Serialize)]
struct NamedDoc<'a> {
    group: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct HandDoc<'a> {
    class: &'static str,
    object: ReferenceDoc<'a>,
    message: &'a str,
    remedies: Vec<RemedyDoc<'a>>,
}

#[derive(Serialize)]
struct FightDoc<'a> {
    object: NamedDoc<'a>,
    tool: &'static str,
    pause: &'a str,
}

#[derive(Serialize)]
struct OutcomeDoc<'a> {
    frees: bool,
    gone: Vec<NamedDoc<'a>>,
    remains: Vec<RemainsDoc<'a>>,
    unsure: Vec<NamedDoc<'a>>,
    leaves: Vec<&'a str>,
}

#[derive(Serialize)]
struct RemainsDoc<'a> {
    object: NamedDoc<'a>,
    because: &'a str,
}

impl<'a> Document<'a> {
    fn of(plan: &'a Plan) -> Self {
        let outcome = &plan.outcome;
        Self {
            api_version: "kubectl-arc/v1alpha1",
            kind: "Plan",
            captured_at: time(plan.captured_at),
            source: Source::of(&plan.source),
            targets: all(&plan.targets),
            loss: plan.loss().word(),
            steps: all(&plan.steps),
            left_to_you: all(&plan.left_to_you),
            pause_first: all(&plan.fights),
            outcome: OutcomeDoc {
                frees: outcome.frees,
                gone: all(&outcome.gone),
                remains: outcome
                    .remains
                    .iter()
                    .map(|(id, because)| RemainsDoc { object: id.into(), because })
                    .collect(),
                unsure: all(&outcome.unsure),
                leaves: plan.leaves(),
            },
        }
    }
}

/// The object that a write is for, as it was seen.
fn changed<'a>(id: &'a ObjectId, api_version: &'a str, uid: &'a str) -> ReferenceDoc<'a> {
    let (kind, namespace, name) = (&*id.kind.kind, &*id.namespace, &*id.name);
    ReferenceDoc { api_version, kind, namespace, name, uid, state: None }
}

impl<'a> From<&'a ObjectId> for NamedDoc<'a> {
    fn from(id: &'a ObjectId) -> Self {
        Self { group: &id.kind.group, kind: &id.kind.kind, namespace: &id.namespace, name: &id.name }
    }
}

impl<'a> From<&'a Step> for StepDoc<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            class: step.class.id(),
            object: (&step.object).into(),
            message: &step.message,
            remedy: step.remedy.id,
            title: &step.remedy.title,
            loss: step.remedy.loss.word(),
            leaves: step.remedy.leaves.iter().map(|leaf| leaf.text.as_str()).collect(),
            changes: all(step.changes()),
        }
    }
}

impl<'a> From<&'a Action> for ChangeDoc<'a> {
    fn from(action: &'a Action) -> Self {
        let none = Self {
            verb: "run",
            object: None,
            subresource: "",
            patch: None,
            manifest: None,
            propagation_policy: None,
            grace_period_seconds: None,
            command: action.command(),
        };
        match action {
            Action::Patch(patch) => Self {
                verb: "patch",
                object: Some(changed(&patch.object, &patch.api_version, &patch.uid)),
                subresource: patch.subresource,
                patch: Some(patch.guarded()),
                ..none
            },
            Action::Delete(deletion) => Self {
                verb: "delete",
                object: Some(changed(&deletion.object, &deletion.api_version, &deletion.uid)),
                propagation_policy: deletion.background.then_some("Background"),
                grace_period_seconds: deletion.at_once.then_some(0),
                ..none
            },
            Action::Create(object) => Self { verb: "create", manifest: Some(object), ..none },
            Action::Command(_) => none,
        }
    }
}

impl<'a> From<&'a Hand> for HandDoc<'a> {
    fn from(hand: &'a Hand) -> Self {
        Self {
            class: hand.class.id(),
            object: (&hand.object).into(),
            message: &hand.message,
            remedies: all(&hand.remedies),
        }
    }
}

impl<'a> From<&'a Fight> for FightDoc<'a> {
    fn from(fight: &'a Fight) -> Self {
        Self { object: (&fight.object).into(), tool: fight.tool, pause: &fight.pause }
    }
}
