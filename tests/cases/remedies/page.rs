//! docs/remedies.md as text.

use super::LOSSES;
use super::Row;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "\
# Ways out

What `why` offers and `unblock` does, class by class, gentlest first. This page is made from the answers about the clusters
in `tests/cases` and `examples` (`UPDATE_DOCS=1 cargo test --test cases the_ways_out`): every way out that a rule knows was
offered at least once, and in *For example* stands how it was put for one of these clusters.

| Who | |
| --- | --- |
| `unblock` | `kubectl arc unblock` does it, if its cost is accepted; what begins with *Only if* a person has to choose |
| you, with a value | It takes what only you have: a token, a chart's values |
| you | It is done by hand, or outside the cluster |

| Costs | `--accept-loss` |
| --- | --- |
| nothing | `none`: nothing is lost; this alone is done unasked |
| reversible | What installing or applying the same again brings back |
| registration | An entry stays at GitHub, and is removed there |
| job | A running job may die |
| data | Anything worse |

*What it changes* names the kinds. A finalizer is taken off by a patch of one object that holds for its uid alone.
";

pub fn document(rows: &BTreeMap<(String, String), Row>) -> String {
    let mut text = HEAD.to_owned();
    let classes: BTreeSet<&String> = rows.keys().map(|(class, _)| class).collect();
    for class in classes {
        let link = format!("[{class}](classes/{class}.md)");
        write!(text, "\n## {class}\n\nWhat it is: {link}.\n\n").expect("text");
        text.push_str("| Way out | For example | Who | Costs | What it changes | Stays behind |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
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
    let mut changes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (what, of) in &row.changes {
        changes.entry(what).or_default().insert(of);
    }
    let change = |(what, of): (&str, BTreeSet<&str>)| {
        let kinds = of.into_iter().collect::<Vec<_>>().join(", ");
        what.replace("{}", &kinds)
    };
    let changes: Vec<String> = changes.into_iter().map(change).collect();
    let leaves: Vec<&str> = row.leaves.iter().copied().collect();
    format!(
        "| `{id}` | {} | {} | {} | {} | {} |\n",
        row.example.replace('|', "\\|"),
        either(who.collect()),
        either(costs.collect()),
        changes.join("; "),
        leaves.join(", ")
    )
}

/// What a command changes, without what differs from cluster to cluster: what is done, with `{}` for the kind
/// that it is done to, and that kind.
/// None: it only looks.
pub fn change(command: &str) -> Option<(String, String)> {
    if let Some(manifest) =
        command.strip_prefix("echo '").and_then(|rest| rest.split_once("' | kubectl create"))
    {
        let object: Value = serde_json::from_str(manifest.0).unwrap_or_default();
        return Some(("create {}".to_owned(), object["kind"].as_str().unwrap_or_default().to_owned()));
    }
    let words: Vec<&str> = command.split_whitespace().collect();
    let (what, of) = match words.as_slice() {
        ["kubectl", "get" | "describe" | "logs", ..] => return None,
        ["kubectl", "patch", of, ..] => (changed(command), *of),
        ["kubectl", "rollout", "restart", of, ..] => ("restart {}".to_owned(), *of),
        ["kubectl", "delete", of, ..] => {
            let how = match () {
                () if command.contains("--cascade=background") => " in the background",
                () if command.contains("--force") => " at once",
                () => "",
            };
            (format!("delete {{}}{how}"), *of)
        }
        ["kubectl", "create", of, ..] => ("create {}".to_owned(), *of),
        ["kubectl", verb @ ("annotate" | "scale" | "taint"), of, ..] => (format!("{verb} {{}}"), *of),
        [program, verb, ..] => {
            let then = if command.contains("| kubectl apply") { " | kubectl apply" } else { "" };
            return Some((format!("`{program} {verb}{then}`"), String::new()));
        }
        _ => return None,
    };
    let kind = of.split('.').next().unwrap_or_default();
    let plural = if kind.ends_with('s') { "" } else { "s" };
    Some((what, format!("{kind}{plural}")))
}

/// What a patch does to its last field, without numbers and names.
fn changed(command: &str) -> String {
    let after = |key: &str| command.rsplit_once(key).and_then(|(_, rest)| rest.split('"').next());
    let path = after("\"path\":\"").unwrap_or_default().replace("~1", "/");
    let (verb, of) = if after("\"op\":\"") == Some("remove") { ("take", "off") } else { ("set", "of") };
    let parts: Vec<&str> = path.trim_start_matches('/').splitn(3, '/').collect();
    match parts.as_slice() {
        ["metadata", "finalizers", _] => "take one finalizer off {}".to_owned(),
        ["metadata", "annotations", key] => format!("{verb} `{key}` {of} {{}}"),
        [first @ ("rules" | "subjects"), ..] => format!("{verb} one of the {first} {of} {{}}"),
        parts => format!("{verb} `{}` {of} {{}}", parts.join(".")),
    }
}

pub fn left(leaf: &str) -> &'static str {
    match leaf {
        leaf if leaf.starts_with("runner scale set") => "the scale set",
        leaf if leaf.starts_with("runner") => "runners",
        leaf if leaf.starts_with("Secret ") => "the Secret",
        _ => "something else",
    }
}
