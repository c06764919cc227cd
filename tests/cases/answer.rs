//! What the binary says of a case, held against what it should say.

use crate::case::Case;
use crate::cluster;
use crate::cluster::text;
use crate::looks::LOOKS;
use crate::looks::Look;
use crate::run;
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::Path;

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// The binary could not answer at all.
    Refused,
    /// A root where nothing is blocked.
    Alarm,
    /// The exit code or the verdict, where nothing is blocked or the API cannot tell.
    Verdict,
    /// A root that the API cannot prove is called proven, or another one is named.
    Overconfident,
    /// An undecidable case's answer does not say where to look.
    PointsNowhere,
    Class,
    Object,
    Loss,
    Certainty,
    Notice,
    /// The healthy neighbour is blamed.
    Neighbour,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format!("{self:?}").to_lowercase())
    }
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub wrong: Vec<Wrong>,
    /// The answer in a line.
    pub got: String,
}

/// What the case is about: a root to be named, a cluster without one, or one that the API cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Decidable,
    Undecidable,
    NotBlocked,
}

pub fn sort(case: &Case) -> Sort {
    match (case.expect.class.is_empty(), case.expect.undecidable.is_empty()) {
        (false, _) => Sort::Decidable,
        (true, false) => Sort::Undecidable,
        (true, true) => Sort::NotBlocked,
    }
}

/// An error if the case cannot be written down as a cluster.
pub fn judge(case: &Case) -> Result<Outcome, String> {
    let snapshot = case.snapshot()?;
    if let Ok(folder) = std::env::var("WRITE_CASES") {
        let path = Path::new(&folder).join(format!("{}.yaml", case.id()));
        fs::write(&path, &snapshot).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ask(case, &snapshot, None))
}

/// What was wrong in other looks at the same cluster.
pub fn judge_other_looks(case: &Case) -> Result<Vec<(Look, Outcome)>, String> {
    let mut wrong = Vec::new();
    for look in LOOKS {
        let Some(seen) = look.of(case) else { continue };
        let (seen, snapshot) = seen?;
        let outcome = ask(&seen, &snapshot, Some(look));
        wrong.extend((!outcome.wrong.is_empty()).then_some((look, outcome)));
    }
    Ok(wrong)
}

fn ask(case: &Case, snapshot: &str, look: Option<Look>) -> Outcome {
    let mut arguments = vec!["why", "-f", "-", "-o", "json"];
    arguments.extend(case.ask.iter().map(String::as_str));
    if case.ask.is_empty() {
        arguments.push("-A");
    }
    let done = run::arc_reading(&arguments, snapshot);
    let Ok(answer) = serde_json::from_str::<Value>(&done.stdout) else {
        let got = format!("exit {}: {}", done.code, done.stderr.trim());
        return Outcome { wrong: vec![Wrong::Refused], got };
    };
    let wrong = match look {
        Some(look) if look.sees_less() => compare_less(case, &answer),
        _ => compare(case, &answer, done.code),
    };
    Outcome { wrong, got: in_a_line(&answer, done.code) }
}

/// Somebody who sees less may be told less, but nothing wrong.
fn compare_less(case: &Case, answer: &Value) -> Vec<Wrong> {
    let Some(root) = answer.pointer("/roots/0") else { return Vec::new() };
    let is_proven = text(root, "/certainty") == "proven";
    let wrong = match sort(case) {
        Sort::NotBlocked => Some(Wrong::Alarm),
        Sort::Undecidable => is_proven.then_some(Wrong::Overconfident),
        Sort::Decidable => {
            let is_right = case.expect.class.iter().any(|one| one == text(root, "/class"));
            (is_proven && !is_right).then_some(Wrong::Overconfident)
        }
    };
    wrong.into_iter().collect()
}

fn compare(case: &Case, answer: &Value, exit: i32) -> Vec<Wrong> {
    let expect = &case.expect;
    let root = answer.pointer("/roots/0");
    let class = root.map_or("", |root| text(root, "/class"));
    let verdict = text(answer, "/summary/verdict");
    let exits: &[i32] = match (sort(case), expect.exit.as_slice()) {
        (Sort::Undecidable, []) => &[1, 3],
        (_, exits) => exits,
    };
    let is_expected = (exits.is_empty() || exits.contains(&exit))
        && expect.verdict.as_ref().is_none_or(|expected| expected == verdict);
    let mut wrong = Vec::new();
    match (sort(case), root) {
        (Sort::NotBlocked, Some(_)) => wrong.push(Wrong::Alarm),
        (Sort::NotBlocked, None) => wrong.extend((!is_expected).then_some(Wrong::Verdict)),
        (Sort::Undecidable, root) => {
            let is_confident = root.is_some_and(|root| text(root, "/certainty") == "proven");
            if root.is_some() && (is_confident || !expect.undecidable.iter().any(|one| one == class)) {
                wrong.push(Wrong::Overconfident);
            } else if !is_expected {
                wrong.push(Wrong::Verdict);
            } else if !expect.points_to.is_empty() {
                let said = answer.to_string().to_lowercase();
                let points = expect.points_to.iter().any(|word| said.contains(&word.to_lowercase()));
                wrong.extend((!points).then_some(Wrong::PointsNowhere));
            }
        }
        (Sort::Decidable, None) => wrong.push(Wrong::Class),
        (Sort::Decidable, Some(root)) => {
            if !expect.class.iter().any(|one| one == class) {
                return vec![Wrong::Class];
            }
            wrong.extend((!is_expected).then_some(Wrong::Verdict));
            if !expect.object.is_empty() && !expect.object.iter().any(|one| is_object(one, root)) {
                wrong.push(Wrong::Object);
            }
            let loss = text(root, "/remedies/0/loss");
            if !expect.loss.is_empty() && !expect.loss.iter().any(|one| one == loss) {
                wrong.push(Wrong::Loss);
            }
            let said = text(root, "/certainty");
            if expect.certainty.as_ref().is_some_and(|most| most == "likely" && said == "proven") {
                wrong.push(Wrong::Certainty);
            }
        }
    }
    let list = |key: &str| answer[key].as_array().into_iter().flatten();
    if expect
        .notice
        .as_ref()
        .is_some_and(|class| !list("notices").any(|notice| text(notice, "/class") == *class))
    {
        wrong.push(Wrong::Notice);
    }
    let is_neighbour = |root: &Value| {
        text(root, "/object/namespace") == "arc-web" || text(root, "/object/name").starts_with("web-")
    };
    if list("roots").any(is_neighbour) {
        wrong.push(Wrong::Neighbour);
    }
    wrong
}

/// The object of a root, or one of the members that it speaks of.
fn is_object(expected: &str, root: &Value) -> bool {
    let (reference, state) = match expected.split_once(" (") {
        Some((reference, state)) => (reference, state.trim_end_matches(')')),
        None => (expected, ""),
    };
    let object = &root["object"];
    cluster::matches(reference, &name(object)) && (state.is_empty() || text(object, "/state") == state)
}

fn name(object: &Value) -> String {
    let (kind, name) = (text(object, "/kind"), text(object, "/name"));
    match text(object, "/namespace") {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

fn in_a_line(answer: &Value, exit: i32) -> String {
    let verdict = text(answer, "/summary/verdict");
    let Some(root) = answer.pointer("/roots/0") else {
        let gaps = answer["gaps"].as_array().into_iter().flatten();
        let hidden: Vec<String> =
            gaps.map(|gap| format!("{} {}", text(gap, "/kind"), gap["hides"])).collect();
        return format!("exit {exit}, {verdict}, no root {}", hidden.join("; "));
    };
    format!(
        "exit {exit}, {verdict}, {} {}, {} ({}), loss {}",
        text(root, "/class"),
        name(&root["object"]),
        text(&root["object"], "/state"),
        text(root, "/certainty"),
        text(root, "/remedies/0/loss"),
    )
}
