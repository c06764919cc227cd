//! docs/remedies.md: every way out of every class, as the binary offers it for the cases and the examples.

mod page;
mod rights;

use crate::answer;
use crate::api::Right;
use crate::case;
use crate::case::Case;
use crate::judged;
use crate::run;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/remedies.md");
const ROLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rbac/unblock.yaml");
/// From nothing to the worst.
const LOSSES: [&str; 5] = ["none", "reversible", "registration", "job", "data"];

/// What was seen of one way out.
#[derive(Default)]
struct Row {
    who: BTreeSet<String>,
    costs: BTreeSet<usize>,
    /// What is done, and to which kind.
    changes: BTreeSet<(String, String)>,
    /// What `unblock` may do for it.
    rights: BTreeSet<Right>,
    leaves: BTreeSet<&'static str>,
    /// Its place among the ways out, gentlest first.
    place: usize,
    /// The shortest title that it had.
    example: String,
}

fn list(value: &Value, key: &str) -> Vec<Value> {
    value[key].as_array().cloned().unwrap_or_default()
}

fn rank(loss: &Value) -> usize {
    LOSSES.iter().position(|known| loss == *known).unwrap_or_else(|| panic!("not a loss: {loss}"))
}

/// (class, id) of all ways out that are offered.
fn rows() -> BTreeMap<(String, String), Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for answer in answers() {
        for root in [list(&answer, "roots"), list(&answer, "notices")].concat() {
            for (place, remedy) in list(&root, "remedies").into_iter().enumerate() {
                let text = |key: &str| remedy[key].as_str().unwrap_or_default().to_owned();
                let class = root["class"].as_str().unwrap_or_default().to_owned();
                let row = rows.entry((class, text("id"))).or_default();
                row.who.insert(text("applicability"));
                row.costs.insert(rank(&remedy["loss"]));
                row.place = row.place.max(place);
                let commands = list(&remedy, "commands");
                row.changes.extend(commands.iter().filter_map(Value::as_str).filter_map(page::change));
                if text("applicability") == "automatic" {
                    row.rights.extend(commands.iter().filter_map(Value::as_str).filter_map(rights::of));
                }
                let leaves = list(&remedy, "leaves");
                row.leaves.extend(leaves.iter().filter_map(Value::as_str).map(page::left));
                let title = text("title");
                if row.example.is_empty() || (title.len(), &title) < (row.example.len(), &row.example) {
                    row.example = title;
                }
            }
        }
    }
    rows
}

/// What `why` says of every case, asked as the case does and about everything, and of every example.
fn answers() -> Vec<Value> {
    let ask = |case: &Case| -> Result<Vec<Value>, String> {
        let text = case.snapshot()?;
        let questions = [answer::question(case), vec!["why", "-A", "-f", "-", "-o", "json"]];
        let asked = questions.map(|words| serde_json::from_str(&run::arc_reading(&words, &text).stdout));
        Ok(asked.into_iter().flatten().collect())
    };
    let mut answers: Vec<Value> = judged(case::all(), ask).into_iter().flat_map(|(_, said)| said).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an example").path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let words = ["why", "-A", "-o", "json", "-f", path.to_str().expect("UTF-8")];
            answers.push(run::arc(&words).json());
        }
    }
    answers
}

/// The ids that the rules can offer, read off their source: what stands first where a way out is made.
fn written() -> BTreeSet<String> {
    const STARTS: [&str; 8] =
        ["id:\"", "automatic(\"", "by_hand(\"", "needs_value(\"", "cure(\"", "remedy(\"", "=>(\"", "=>{(\""];
    let mut ids = BTreeSet::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnose")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).expect("a room") {
            let path = entry.expect("a file").path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("a file");
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let dense: String = text.split_whitespace().collect();
                for rest in STARTS.iter().flat_map(|start| dense.split(start).skip(1)) {
                    ids.extend(rest.split('"').next().map(str::to_owned));
                }
            }
        }
    }
    ids.retain(|id| id.contains('-') && id.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    ids
}

/// In both directions: what can be offered was offered, and nothing was offered that the scan of the source missed.
#[test]
fn the_ways_out_are_all_offered_somewhere_and_the_docs_list_them() {
    let rows = rows();
    let offered: BTreeSet<String> = rows.keys().map(|(_, id)| id.clone()).collect();
    let written = written();
    let never: Vec<&String> = written.difference(&offered).collect();
    assert!(never.is_empty(), "no case and no example is offered {never:?}");
    let unknown: Vec<&String> = offered.difference(&written).collect();
    assert!(unknown.is_empty(), "not found in the source: {unknown:?}");
    for (path, document) in [(DOC, page::document(&rows)), (ROLE, rights::role(&rows))] {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(path, &document).expect("a document");
        }
        let known = fs::read_to_string(path).unwrap_or_default();
        assert!(known == document, "{path} is old: UPDATE_DOCS=1 cargo test --test cases the_ways_out");
    }
}

/// For whatever is accepted, a plan costs no more than that, and is honest about what it leaves to others.
#[test]
fn every_case_has_a_plan_that_keeps_its_word() {
    judged(case::all(), |case| {
        for limit in [0, LOSSES.len() - 1] {
            keeps_its_word(case, limit)?;
        }
        Ok(())
    });
}

fn keeps_its_word(case: &Case, limit: usize) -> Result<(), String> {
    let mut words = vec!["unblock", "-f", "-", "-o", "json", "--accept-loss", LOSSES[limit]];
    words.extend(case.ask.iter().map(String::as_str));
    if case.ask.is_empty() {
        words.push("-A");
    }
    let done = run::arc_reading(&words, &case.snapshot()?);
    if done.code == 2 {
        return Ok(());
    }
    let plan = done.json();
    assert!(rank(&plan["loss"]) <= limit, "{}: {}", case.name, plan["loss"]);
    let identified = |change: &Value| change["verb"] == "create" || change["object"]["uid"].is_string();
    for step in list(&plan, "steps") {
        let changes = list(&step, "changes");
        assert!(!changes.is_empty() && changes.iter().all(identified), "{}: {step:#}", case.name);
        assert!(rank(&step["loss"]) <= limit, "{}: {step:#}", case.name);
    }
    let frees = plan["outcome"]["frees"] == true;
    let honest =
        frees || !list(&plan, "leftToYou").is_empty() || !list(&plan["outcome"], "remains").is_empty();
    assert!(honest || done.code != 1, "{}: blocked, not freed, and nobody is told why:\n{plan:#}", case.name);
    Ok(())
}
