//! A plan as the kubectl commands that do the same, to be read, kept and run by hand.

use super::super::sanitize;
use crate::plan::Plan;

/// A shell script. Nothing in it runs unless the command before it did.
pub fn script(plan: &Plan) -> String {
    let mut lines = vec!["#!/bin/sh".to_owned(), "set -eu".to_owned()];
    if !plan.source.context.is_empty() {
        lines.push(format!(
            "# For context {}, as it was at {}.",
            comment(&plan.source.context),
            plan.captured_at
        ));
    }
    for fight in &plan.fights {
        lines.push(format!("# Pause {} first: {}", fight.tool, comment(&fight.pause)));
    }
    for step in &plan.steps {
        lines.push(String::new());
        lines.push(format!("# {}: {}", step.class.id(), comment(&step.message)));
        lines.push(format!("# {} (loss: {})", comment(&step.remedy.title), step.remedy.loss.word()));
        lines.extend(step.remedy.leaves.iter().map(|leaf| format!("# It leaves {}", comment(&leaf.text))));
        lines.extend(step.remedy.commands().iter().map(|command| sanitize::line(command).into_owned()));
    }
    for hand in &plan.left_to_you {
        lines.push(String::new());
        lines.push(format!("# Left to you: {}: {}", hand.class.id(), comment(&hand.message)));
    }
    lines.join("\n") + "\n"
}

/// Text from a cluster ends no comment.
fn comment(text: &str) -> String {
    sanitize::line(text).into_owned()
}
