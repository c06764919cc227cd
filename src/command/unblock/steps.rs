//! Carrying a plan out, step by step: each is proven again right before it begins.

use super::Look;
use super::run::End;
use super::run::Run;
use crate::apply::After;
use crate::apply::Done;
use crate::apply::Judged;
use crate::apply::Refusal;
use crate::apply::RefusalKind;
use crate::command::Answer;
use crate::command::Output;
use crate::command::Paper;
use crate::command::Remark;
use crate::diagnose::Action;
use crate::error::Error;
use crate::error::Exit;
use crate::journal;
use crate::plan;
use crate::plan::Plan;
use crate::plan::Step;
use crate::render;
use crate::ui::Ui;

impl Run<'_> {
    /// Does the steps of a plan. `strict`: exactly these, or none. None: they are done.
    ///
    /// # Errors
    /// The cluster can no longer be read before the first change.
    pub async fn carry_out(&mut self, ui: &mut Ui, plan: &Plan, strict: bool) -> Result<Option<End>, Error> {
        for step in &plan.steps {
            if self.interrupt.happened() {
                return Ok(Some(End::Stopped));
            }
            let look = match Look::take(self.session).await {
                Ok(look) => look,
                Err(error) if self.done.is_empty() => return Err(error),
                Err(error) => return Ok(Some(End::Refused(error.to_string()))),
            };
            let choices = plan::choices(&look.snapshot, &look.diagnosis);
            let same =
                choices.into_iter().find(|now| now.root() == step.root() && now.remedy.id == step.remedy.id);
            let Some(now) = same else {
                ui.remark(&format!("{} is no longer needed: {} is over", step.remedy.id, step.object.id));
                continue;
            };
            if now.changes() != step.changes() {
                if strict {
                    let what = format!("{} changed after you agreed to {}", step.object.id, step.remedy.id);
                    return Ok(Some(End::Changed(what)));
                }
                if now.remedy.loss > self.accepted {
                    continue;
                }
            }
            let end = self.step(ui, &now).await;
            // What an admission policy warns of should be read before the next step.
            self.session.warnings().iter().for_each(|text| ui.warn_as_server(text));
            if end.is_some() {
                return Ok(end);
            }
        }
        Ok(None)
    }

    async fn step(&mut self, ui: &mut Ui, step: &Step) -> Option<End> {
        self.number += 1;
        ui.tell(&render::plan::step(self.number, step, &self.style));
        let belongs_to = journal::Step {
            number: self.number,
            class: step.class.id().to_owned(),
            remedy: step.remedy.id.to_owned(),
        };
        let mut changed = false;
        let mut end = None;
        for action in step.changes() {
            // Between two changes, never within one.
            if self.interrupt.happened() {
                end = Some(End::Stopped);
                break;
            }
            self.tried.insert(action.command());
            match self.writer.carry_out(action, &belongs_to).await {
                Ok(Done::Changed(change)) => {
                    changed = true;
                    let what = done(action, &change.after);
                    ui.remark(&what);
                    self.done.push(what);
                }
                Ok(Done::Already(why)) => ui.remark(&format!("nothing to do: {why}")),
                // Somebody else was faster. What is left is planned anew.
                Err(refusal) if refusal.kind == RefusalKind::Moved => {
                    ui.warn(&told(&refusal));
                    break;
                }
                Err(refusal) => {
                    end = Some(End::Refused(told(&refusal)));
                    changed |= refusal.kind == RefusalKind::Unsure;
                    break;
                }
            }
        }
        if changed {
            for leaf in &step.remedy.leaves {
                if !self.leaves.contains(&leaf.text) {
                    self.leaves.push(leaf.text.clone());
                }
            }
        }
        end
    }

    /// Lets the server judge every change of a plan, and changes nothing.
    ///
    /// # Errors
    /// None yet: what the server says stands in the answer.
    pub async fn judge(&self, plan: &Plan, mut remarks: Vec<Remark>, paper: Paper) -> Result<Answer, Error> {
        let mut refused = false;
        let mut judged = Vec::new();
        for step in &plan.steps {
            for action in step.changes() {
                let subject = subject(action);
                match self.writer.judge(action).await {
                    Ok(Judged::Would(_)) => {
                        judged.push(Remark::Note(format!(
                            "the server would take it: {} {subject}",
                            verb(action).0
                        )));
                    }
                    Ok(Judged::Already(why)) => judged.push(Remark::Note(format!("nothing to do: {why}"))),
                    // It counts on what comes before it in the plan, which was not done.
                    Err(refusal) if refusal.kind == RefusalKind::Moved && counts_on_another(step, action) => {
                        let words = "can only be judged after the change before it";
                        judged.push(Remark::Note(format!("{} {subject}: {words}", verb(action).0)));
                    }
                    Err(refusal) => {
                        refused = true;
                        judged.push(Remark::Warning(told(&refusal)));
                    }
                }
            }
        }
        judged.push(match refused {
            true => Remark::Warning("the server would refuse something; nothing was changed".to_owned()),
            false => Remark::Note("nothing was changed".to_owned()),
        });
        remarks.extend(self.session.warnings().into_iter().map(Remark::Server));
        remarks.extend(judged);
        let text = render::plan::text(plan, &super::style(self.args, paper));
        Ok(Answer { output: Output::Text(text), remarks, exit: Exit::Blocked })
    }
}

/// True if an earlier change of the step is of the same object, or makes one that this one may need: a RoleBinding needs
/// its Role.
fn counts_on_another(step: &Step, action: &Action) -> bool {
    let is_made = |action: &Action| matches!(action, Action::Create(_));
    let before = step.changes().iter().take_while(|other| *other != action);
    before.into_iter().any(|other| match other.changes() {
        Some(changed) => action.changes() == Some(changed),
        None => is_made(other) && is_made(action),
    })
}

/// A refusal as one line.
pub fn told(refusal: &Refusal) -> String {
    match &refusal.hint {
        Some(hint) => format!("{}. {hint}", refusal.message),
        None => refusal.message.clone(),
    }
}

/// "patched Role a/b; it is gone".
fn done(action: &Action, after: &After) -> String {
    let ((_, verb), subject) = (verb(action), subject(action));
    match (action, after) {
        (Action::Patch(_), After::Gone) => format!("{verb} {subject}: it is gone"),
        (Action::Delete(_), After::There(_)) => format!("asked for the deletion of {subject}"),
        _ => format!("{verb} {subject}"),
    }
}

/// What an action does, in the present and in the past.
fn verb(action: &Action) -> (&'static str, &'static str) {
    match action {
        Action::Patch(_) => ("patch", "patched"),
        Action::Delete(_) => ("delete", "deleted"),
        Action::Create(_) => ("create", "created"),
        Action::Command(_) => ("run", "ran"),
    }
}

/// What it is done to.
fn subject(action: &Action) -> String {
    match action {
        Action::Create(object) => {
            let text =
                |pointer: &str| object.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
            format!("{} {}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
        }
        other => other.changes().map(ToString::to_string).unwrap_or_default(),
    }
}
