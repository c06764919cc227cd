//! docs/remedies.md: every way out of every class, as the binary offers it for the cases and the examples.

use crate::answer;
use crate::case;
use crate::run;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/remedies.md");
const HEAD: &str = "\
# Ways out

What `why` offers and `unblock` does, class by class, gentlest first. This page is made from the answers about the clusters in
`tests/cases` and `examples` (`UPDATE_DOCS=1 cargo test --test cases the_ways_out`), so every row was offered at least once.

*Who does it*: `unblock` (automatic), you with a value that only you have (needs-value), you by hand or outside the cluster
(manual). *Costs*: nothing; what re-applying undoes (reversible); an entry that stays at GitHub (registration); a running job
(job); anything worse (data).
";

/// What was seen of one way out.
#[derive(Default)]
struct Row {
    who: BTreeSet<String>,
    costs: BTreeSet<String>,
    changes: BTreeSet<String>,
    leaves: BTreeSet<&'static str>,
    gentlest: usize,
}

/// (class, id) of all ways out that are offered.
fn rows() -> BTreeMap<(String, String), Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for answer in answers() {
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        for root in [list(&answer, "roots"), list(&answer, "notices")].concat() {
            for (place, remedy) in list(&root, "remedies").into_iter().enumerate() {
                let text = |key: &str| remedy[key].as_str().unwrap_or_default().to_owned();
                let class = root["class"].as_str().unwrap_or_default().to_owned();
                let row = rows.entry((class, text("id"))).or_default();
                row.who.insert(text("applicability"));
                row.costs.insert(text("loss"));
                row.gentlest = row.gentlest.max(place);
                let commands = list(&remedy, "commands");
                row.changes.extend(commands.iter().filter_map(Value::as_str).map(change));
                let leaves = list(&remedy, "leaves");
                row.leaves.extend(leaves.iter().filter_map(Value::as_str).map(left));
            }
        }
    }
    rows
}

/// What `why -A` says of every case and example.
fn answers() -> Vec<Value> {
    let mut answers = Vec::new();
    for case in case::all() {
        let text = case.snapshot().unwrap_or_else(|problem| panic!("{problem}"));
        for words in [answer::question(&case), vec!["why", "-A", "-f", "-", "-o", "json"]] {
            answers.extend(serde_json::from_str(&run::arc_reading(&words, &text).stdout).ok());
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an example").path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let words = ["why", "-A", "-o", "json", "-f", path.to_str().expect("UTF-8")];
            answers.extend(serde_json::from_str(&run::arc(&words).stdout).ok());
        }
    }
    answers
}

/// A command without what differs from cluster to cluster.
fn change(command: &str) -> String {
    if let Some(manifest) =
        command.strip_prefix("echo '").and_then(|rest| rest.split_once("' | kubectl create"))
    {
        let object: Value = serde_json::from_str(manifest.0).unwrap_or_default();
        return format!("create {}", object["kind"].as_str().unwrap_or_default());
    }
    let words: Vec<&str> = command.split_whitespace().collect();
    let resource = |word: &str| word.split('.').next().unwrap_or_default().to_owned();
    match words.as_slice() {
        ["kubectl", "patch", of, ..] => {
            let patch = command.split_once(" -p '").map(|(_, rest)| rest.trim_end_matches('\''));
            let field = patch.map(changed).unwrap_or_default();
            format!("patch {}: {field}", resource(of))
        }
        ["kubectl", "rollout", "restart", of, ..] => format!("restart the {of}"),
        ["kubectl", "delete", of, ..] => {
            let how = match () {
                () if command.contains("--cascade=background") => ", not waiting for what it owns",
                () if command.contains("--force") => ", not waiting for its node",
                () => "",
            };
            format!("delete {}{how}", resource(of))
        }
        ["kubectl", verb @ ("scale" | "taint"), of, ..] => format!("{verb} the {of}"),
        [program, verb, ..] => format!("`{program} {verb}` by hand"),
        _ => String::new(),
    }
}

/// The last field of a patch, without numbers and names.
fn changed(patch: &str) -> String {
    let operations: Value = serde_json::from_str(patch).unwrap_or_default();
    let last = operations.as_array().and_then(|all| all.last().cloned()).unwrap_or_default();
    let path = last["path"].as_str().unwrap_or_default().replace("~1", "/");
    let verb = if last["op"] == "remove" { "takes off" } else { "sets" };
    let parts: Vec<&str> = path.trim_start_matches('/').splitn(3, '/').collect();
    match parts.as_slice() {
        ["metadata", "finalizers", _] => "takes off one finalizer".to_owned(),
        ["metadata", "annotations", key] => format!("{verb} `{key}`"),
        [first @ ("rules" | "subjects"), ..] => format!("{verb} one of its {first}"),
        parts => format!("{verb} `{}`", parts.join(".")),
    }
}

fn left(leaf: &str) -> &'static str {
    match leaf {
        leaf if leaf.starts_with("runner scale set") => "the scale set",
        leaf if leaf.starts_with("runner") => "runners",
        _ => "something else",
    }
}

fn document(rows: &BTreeMap<(String, String), Row>) -> String {
    let mut text = HEAD.to_owned();
    let classes: BTreeSet<&String> = rows.keys().map(|(class, _)| class).collect();
    for class in classes {
        write!(
            text,
            "\n## {class}\n\n| Way out | Who does it | Costs | What it changes | Stays at GitHub |\n"
        )
        .unwrap();
        text.push_str("| --- | --- | --- | --- | --- |\n");
        let mut ways: Vec<(&String, &Row)> =
            rows.iter().filter(|((of, _), _)| of == class).map(|((_, id), row)| (id, row)).collect();
        ways.sort_by_key(|(id, row)| (row.gentlest, (*id).clone()));
        for (id, row) in ways {
            let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" or ");
            let who = join(&row.who)
                .replace("automatic", "`unblock`")
                .replace("needs-value", "you, with a value")
                .replace("manual", "you");
            let costs = join(&row.costs).replace("none", "nothing");
            let changes: Vec<String> = row.changes.iter().cloned().collect();
            let leaves: Vec<&str> = row.leaves.iter().copied().collect();
            writeln!(text, "| `{id}` | {who} | {costs} | {} | {} |", changes.join("; "), leaves.join(", "))
                .unwrap();
        }
    }
    text
}

/// The ids that the rules can offer, read off their source.
fn written() -> BTreeSet<String> {
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
                let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
                for start in [
                    "id: \"",
                    "automatic( \"",
                    "automatic(\"",
                    "by_hand( \"",
                    "by_hand(\"",
                    "needs_value( \"",
                    "needs_value(\"",
                ] {
                    for rest in flat.split(start).skip(1) {
                        ids.extend(rest.split('"').next().map(str::to_owned));
                    }
                }
            }
        }
    }
    ids.retain(|id| id.contains('-') && id.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    ids
}

#[test]
fn the_ways_out_are_all_offered_somewhere_and_the_docs_list_them() {
    let rows = rows();
    let offered: BTreeSet<&str> = rows.keys().map(|(_, id)| id.as_str()).collect();
    let never: Vec<String> = written().into_iter().filter(|id| !offered.contains(id.as_str())).collect();
    assert!(never.is_empty(), "no case and no example is offered {never:?}");
    let document = document(&rows);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(DOC, &document).expect("docs/remedies.md");
    }
    let known = fs::read_to_string(DOC).unwrap_or_default();
    assert!(known == document, "docs/remedies.md is old: UPDATE_DOCS=1 cargo test --test cases the_ways_out");
}

/// For whatever is accepted, a plan costs no more than that, and is honest about what it leaves to others.
#[test]
fn every_case_has_a_plan_that_keeps_its_word() {
    const LOSSES: [&str; 5] = ["none", "reversible", "registration", "job", "data"];
    let rank = |loss: &Value| LOSSES.iter().position(|known| loss == *known).expect("a known loss");
    for case in case::all() {
        let text = case.snapshot().unwrap_or_else(|problem| panic!("{problem}"));
        let target: Vec<String> = case.ask.clone();
        for accepted in ["none", "data"] {
            let mut words = vec!["unblock", "-f", "-", "-o", "json", "--accept-loss", accepted];
            words.extend(target.iter().map(String::as_str));
            if target.is_empty() {
                words.push("-A");
            }
            let done = run::arc_reading(&words, &text);
            if done.code == 2 {
                continue;
            }
            let plan = done.json();
            let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
            let steps = list(&plan, "steps");
            let limit = LOSSES.iter().position(|known| *known == accepted).expect("a known loss");
            assert!(rank(&plan["loss"]) <= limit, "{}: {}", case.name, plan["loss"]);
            let identified =
                |change: &Value| change["verb"] == "create" || change["object"]["uid"].is_string();
            for step in &steps {
                let changes = list(step, "changes");
                assert!(!changes.is_empty() && changes.iter().all(identified), "{}: {step:#}", case.name);
                assert!(rank(&step["loss"]) <= limit, "{}: {step:#}", case.name);
            }
            let frees = plan["outcome"]["frees"] == true;
            let honest = frees
                || !list(&plan, "leftToYou").is_empty()
                || !list(&plan["outcome"], "remains").is_empty();
            assert!(
                honest || done.code != 1,
                "{}: blocked, not freed, and nobody is told why:\n{plan:#}",
                case.name
            );
        }
    }
}
