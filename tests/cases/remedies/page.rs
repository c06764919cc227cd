//! docs/remedies.md as text.

use super::LOSSES;
use super::Row;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "\
# Ways out

What `why` offers and `unblock` does, class by class, gentlest first. This page is made from the answers about the clusters in
`tests/cases` and `examples` (`UPDATE_DOCS=1 cargo test --test cases the_ways_out`), so every row was offered at least once.

*Who does it*: `unblock` (automatic), you with a value that only you have (needs-value), you by hand or outside the cluster
(manual). *Costs*: nothing; what re-applying undoes (reversible); an entry that stays at GitHub (registration); a running job
(job); anything worse (data).
";

pub fn document(rows: &BTreeMap<(String, String), Row>) -> String {
    let mut text = HEAD.to_owned();
    let classes: BTreeSet<&String> = rows.keys().map(|(class, _)| class).collect();
    for class in classes {
        let link = format!("[{class}](rules.md#{class})");
        write!(text, "\n## {class}\n\nWhat it is: {link}.\n\n").expect("text");
        text.push_str("| Way out | Who | Costs | What it changes | Stays at GitHub |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
        let mut ways: Vec<(&String, &Row)> =
            rows.iter().filter(|((of, _), _)| of == class).map(|((_, id), row)| (id, row)).collect();
        ways.sort_by_key(|(id, row)| (row.costs.first().copied(), row.place, *id));
        for (id, row) in ways {
            text.push_str(&line(id, row));
        }
    }
    text
}

fn line(id: &str, row: &Row) -> String {
    let either = |words: Vec<&str>| words.join(" or ");
    let who = row.who.iter().map(|who| match who.as_str() {
        "automatic" => "`unblock`",
        "needs-value" => "you, with a value",
        _ => "you",
    });
    let costs = row.costs.iter().map(|loss| match LOSSES[*loss] {
        "none" => "nothing",
        loss => loss,
    });
    let changes: Vec<String> = match row.changes.is_empty() {
        true => vec![format!("By hand, for example: {}", row.example.replace('|', "\\|"))],
        false => row.changes.iter().cloned().collect(),
    };
    let leaves: Vec<&str> = row.leaves.iter().copied().collect();
    let (who, costs) = (either(who.collect()), either(costs.collect()));
    format!("| `{id}` | {who} | {costs} | {} | {} |\n", changes.join("; "), leaves.join(", "))
}

/// A command without what differs from cluster to cluster.
pub fn change(command: &str) -> String {
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

pub fn left(leaf: &str) -> &'static str {
    match leaf {
        leaf if leaf.starts_with("runner scale set") => "the scale set",
        leaf if leaf.starts_with("runner") => "runners",
        _ => "something else",
    }
}
