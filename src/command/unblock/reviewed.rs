//! A plan that somebody has reviewed: done as it stands, or not at all.
//!
//! The file is only ever compared with a plan that is made anew. What is written comes from the cluster, never from the file.

use super::Look;
use crate::error::Error;
use crate::name;
use crate::plan;
use crate::plan::Plan;
use crate::plan::Step;
use crate::render;
use crate::source;
use serde_json::Value;
use std::path::Path;

/// What of a step has to be as it was reviewed. Messages may tell another age.
const REVIEWED: [&str; 5] = ["class", "remedy", "loss", "leaves", "changes"];

/// What the file says.
pub struct Reviewed {
    name: String,
    context: String,
    steps: Vec<Value>,
}

/// Reads it.
///
/// # Errors
/// `Config` if the file holds no plan, or one with nothing to do.
pub fn read(file: &Path) -> Result<Reviewed, Error> {
    let document = source::file::document(file)?;
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = file.display().to_string();
    if (text("/apiVersion"), text("/kind")) != ("kubectl-arc/v1alpha1", "Plan") {
        return Err(Error::config(format!("{name} holds no plan"))
            .hint(format!("{} writes one", name::command("unblock -o json"))));
    }
    match document.get("steps").and_then(Value::as_array) {
        Some(steps) if !steps.is_empty() => {
            Ok(Reviewed { name, context: text("/source/context").to_owned(), steps: steps.clone() })
        }
        _ => Err(Error::config(format!("{name} holds a plan without steps"))),
    }
}

/// The plan of the file, as it is now.
///
/// # Errors
/// `Usage` if the cluster has moved on since, or is another one, with what changed.
pub fn plan(reviewed: &Reviewed, look: &Look) -> Result<Plan, Error> {
    let name = &reviewed.name;
    let (then, now) = (&reviewed.context, &look.snapshot.source.context);
    let because = match then == now {
        true => format!("the cluster has moved on since {name} was made"),
        false => format!("{name} was made in context {then:?}, and does not fit {now:?}"),
    };
    let choices = plan::choices(&look.snapshot, &look.diagnosis);
    let mut steps: Vec<Step> = Vec::new();
    for (i, wanted) in reviewed.steps.iter().enumerate() {
        let differs = |what: String| {
            let error = Error::usage(format!("{because}: step {}: {what}", i + 1));
            Err(error.hint("nothing was changed; make the plan again and review it"))
        };
        let of = |key: &str| wanted.get(key).and_then(Value::as_str).unwrap_or_default();
        let root = |step: &&Step| {
            let object = wanted.get("object");
            let is = |key: &str, value: &str| {
                object.and_then(|object| object.get(key)).and_then(Value::as_str).unwrap_or_default() == value
            };
            step.class.id() == of("class")
                && step.remedy.id == of("remedy")
                && is("kind", &step.object.id.kind.kind)
                && is("namespace", &step.object.id.namespace)
                && is("name", &step.object.id.name)
        };
        let Some(step) = choices.iter().find(root) else {
            return differs(format!("{} is no way out of {} any more", of("remedy"), of("class")));
        };
        let now = render::json::plan::step(step);
        if let Some(key) = REVIEWED.iter().find(|key| now.get(**key) != wanted.get(**key)) {
            return differs(format!(
                "{key} was {}, and is {}",
                short(wanted.get(*key)),
                short(now.get(*key))
            ));
        }
        steps.push(step.clone());
    }
    Ok(plan::plan_of(&look.snapshot, &look.diagnosis, steps))
}

/// How much of a value is told.
const SHOWN: usize = 300;

fn short(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "missing".to_owned(), ToString::to_string);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
