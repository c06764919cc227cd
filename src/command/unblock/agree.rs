//! Asking: the diagnosis in brief, the steps to choose from, the exact changes, and a yes.

use super::Look;
use crate::arc;
use crate::diagnose::Action;
use crate::diagnose::Loss;
use crate::model::ObjectId;
use crate::plan;
use crate::plan::Plan;
use crate::plan::Step;
use crate::render;
use crate::render::Style;
use crate::ui::Asked;
use crate::ui::Choice;
use crate::ui::Ui;

/// What the user wants to be done. None: nothing.
pub fn agree(ui: &mut Ui, look: &Look, style: &Style) -> Option<Plan> {
    ui.tell(&render::text::diagnosis(&look.diagnosis, style));
    let choices = plan::choices(&look.snapshot, &look.diagnosis);
    let gentle = look.plan(Loss::None);
    if choices.is_empty() {
        ui.tell(&render::plan::left_to_you(&gentle.left_to_you, style));
        return None;
    }
    let is_gentle = |step: &Step| gentle.steps.iter().any(|planned| planned == step);
    let items: Vec<Choice> =
        choices.iter().map(|step| Choice { line: render::plan::choice(step), on: is_gentle(step) }).collect();
    let Asked::Answer(chosen) = ui.choose("What is to be done?", &items) else {
        return None;
    };
    let mut steps: Vec<Step> = Vec::new();
    for step in chosen.iter().filter_map(|number| choices.get(*number)) {
        // One way out of a root is enough: the gentlest of those that were chosen.
        if steps.iter().all(|known| known.root() != step.root()) {
            steps.push(step.clone());
        }
    }
    if steps.is_empty() {
        return None;
    }
    let plan = plan::plan_of(&look.snapshot, &look.diagnosis, steps);
    ui.tell(&render::plan::text(&plan, style));
    for step in plan.steps.iter().filter(|step| step.remedy.loss > Loss::None) {
        let price = render::text::words::cost(step.remedy.loss);
        let suffers = suffers(step);
        let statement = format!("{} ({suffers}): {price}", step.remedy.id);
        if !matches!(ui.consent(&statement, &suffers.name), Asked::Answer(true)) {
            return None;
        }
    }
    match ui.confirm("Make these changes?") {
        Asked::Answer(true) => Some(plan),
        Asked::Answer(false) | Asked::Left => None,
    }
}

/// Whose name is to be typed: the runner set that pays for it, or else the root blocker.
fn suffers(step: &Step) -> &ObjectId {
    let mut changed = step.changes().iter().filter_map(Action::changes);
    changed.find(|id| id.kind == arc::AUTOSCALING_RUNNER_SET).unwrap_or(&step.object.id)
}
