//! `kubectl arc unblock`, carried out on the real cluster.

use jiff::SignedDuration;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;

use crate::Outcome;
use crate::ask::arc;
use crate::ask::now;
use crate::cluster::Cluster;
use crate::keys;
use crate::people;
use crate::people::Person;
use crate::process;
use crate::scenario::Unblock;

/// As for `why`: what is being deleted is not young then.
const LATER: SignedDuration = SignedDuration::from_mins(3);
/// As long as anything is waited for.
const TIMEOUT: &str = "--timeout=10m";

/// Plans, compares the plan with the expected one, does it, and looks at how it ended. Returns what it said would be left.
pub fn unblock(cluster: &Cluster, canaries: &[String], name: &str, unblock: &Unblock) -> Outcome<Vec<Value>> {
    let time = (now() + LATER).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (_later, kubeconfig) = cluster.later(&time, Person::Healer)?;
    let arguments: Vec<&str> = unblock.args.split_whitespace().collect();
    let loss = format!("--accept-loss={}", unblock.accept_loss);
    let planned =
        process::run(arc(&kubeconfig).arg("unblock").args(&arguments).args([loss.as_str(), "-o", "json"]))?;
    let plan: Value = serde_json::from_str(&planned.stdout)
        .map_err(|error| format!("unblock -o json: {error}\n{}{}", planned.stdout, planned.stderr))?;
    let steps: Vec<&str> =
        plan["steps"].as_array().into_iter().flatten().filter_map(|step| step["remedy"].as_str()).collect();
    let is_one_of = |(wanted, step): (&String, &&str)| wanted.split(" or ").any(|id| id == *step);
    if steps.len() != unblock.steps.len() || !unblock.steps.iter().zip(&steps).all(is_one_of) {
        return Err(format!("the plan is {steps:?}, expected was {:?}\n{}", unblock.steps, planned.stdout));
    }
    if let Some(words) = &unblock.refused {
        let mut command = arc(&kubeconfig);
        command.arg("unblock").args(&arguments).args([loss.as_str(), "--yes", "--journal=none"]);
        return people::is_refused(&mut command, words).map(|_| Vec::new());
    }
    if !steps.is_empty() {
        let (_later, reader) = cluster.later(&time, Person::Reader)?;
        people::may_not_write(&|| {
            let mut command = arc(&reader);
            command.arg("unblock").args(&arguments).args([loss.as_str(), TIMEOUT]);
            command
        })?;
    }
    let journal = format!("{name}.jsonl");
    let mut command = arc(&kubeconfig);
    command.current_dir(cluster.folder.path());
    command.arg("unblock").args(&arguments).args([TIMEOUT, "--journal", journal.as_str()]);
    let journal = cluster.folder.path().join(journal);
    let (report, said, code) = if unblock.by_keys {
        let steps: Vec<String> = steps.iter().map(|step| (*step).to_owned()).collect();
        let typed: Vec<&str> = command.get_args().filter_map(OsStr::to_str).collect();
        let typed = format!("kubectl arc {}", typed.join(" "));
        let seen = keys::unblock(&command, &typed, &steps, unblock.film.as_deref())?;
        (seen.written.clone(), seen.written, Some(seen.code))
    } else {
        let done = process::run(command.args([loss.as_str(), "--yes"]))?;
        let said = format!("{}\n--- stderr\n{}", done.stdout, done.stderr);
        (done.stdout, said, done.code)
    };
    let expected = i32::from(!unblock.frees);
    if code != Some(expected) {
        return Err(format!("unblock ended with {code:?}, expected was {expected}\n{said}"));
    }
    if let Some(canary) = canaries.iter().find(|canary| said.contains(canary.as_str())) {
        return Err(format!("{canary} is in what unblock said"));
    }
    let leaves = plan["outcome"]["leaves"].as_array().cloned().unwrap_or_default();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let report = flat(&report);
    if let Some(leaf) = leaves.iter().filter_map(Value::as_str).find(|leaf| !report.contains(&flat(leaf))) {
        return Err(format!("the report does not name {leaf}\n{said}"));
    }
    if unblock.frees && plan["outcome"]["frees"] != true {
        return Err(format!("the play said that it would not free it\n{}", planned.stdout));
    }
    if report.contains("and still there") {
        return Err(format!("the play was wrong\n{said}"));
    }
    noted(&journal, canaries, !steps.is_empty())?;
    Ok(leaves)
}

/// Every intent in the journal has its answer, and nothing secret is in it.
fn noted(journal: &Path, canaries: &[String], wrote: bool) -> Outcome<()> {
    if !wrote {
        return Ok(());
    }
    let text = std::fs::read_to_string(journal).map_err(|error| format!("{}: {error}", journal.display()))?;
    let of_kind =
        |kind: &str| text.lines().filter(|line| line.contains(&format!("\"kind\":\"{kind}\""))).count();
    let (intents, answers) = (of_kind("Intent"), of_kind("Answer"));
    if intents == 0 || intents != answers {
        return Err(format!("{intents} intents and {answers} answers in the journal:\n{text}"));
    }
    match canaries.iter().find(|canary| text.contains(canary.as_str())) {
        Some(canary) => Err(format!("{canary} is in the journal")),
        None => Ok(()),
    }
}
