//! docs/rbac/unblock.yaml: what `unblock` may have to do, from the ways out that it goes.

use super::Row;
use crate::api::Right;
use crate::api::Role;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "\
# What `kubectl arc unblock` does beside reading (why.yaml): bind both. README.md in this folder says how, and what giving back
# the controller's rights takes.
#
# Made by a test from the ways out in docs/remedies.md. After a change: UPDATE_DOCS=1 cargo test --test cases the_ways_out
#
# A foreign finalizer may be on any kind: to take one off also takes `patch` on that kind.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: kubectl-arc-unblock
rules:
";

/// It may hold an object of any kind, so that no role can know it.
const OF_ANY_KIND: &str = "drop-foreign-finalizer";

/// What the kinds that kubectl takes without their group are called.
const SHORT: &[(&str, &str, &str)] = &[
    ("deployment", "apps", "deployments"),
    ("namespace", "", "namespaces"),
    ("node", "", "nodes"),
    ("pod", "", "pods"),
    ("secret", "", "secrets"),
    ("serviceaccount", "", "serviceaccounts"),
    ("Role", "rbac.authorization.k8s.io", "roles"),
    ("RoleBinding", "rbac.authorization.k8s.io", "rolebindings"),
];

/// The right that a command takes. None: it only looks.
pub fn of(command: &str) -> Option<Right> {
    if let Some((manifest, _)) =
        command.strip_prefix("echo '").and_then(|rest| rest.split_once("' | kubectl create"))
    {
        let object: Value = serde_json::from_str(manifest).unwrap_or_default();
        return Some(right("create", object["kind"].as_str().unwrap_or_default(), ""));
    }
    let part = if command.contains("--subresource=status") { "/status" } else { "" };
    match command.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["kubectl", "get" | "describe" | "logs", ..] => None,
        ["kubectl", "delete", of, ..] => Some(right("delete", of, "")),
        ["kubectl", "annotate" | "patch" | "scale", of, ..] | ["kubectl", "rollout", "restart", of, ..] => {
            Some(right("patch", of, part))
        }
        _ => panic!("unblock does not do this: {command}"),
    }
}

fn right(verb: &str, of: &str, part: &str) -> Right {
    let short = SHORT.iter().find(|(word, ..)| *word == of).map(|(_, group, plural)| (*plural, *group));
    let (plural, group) = short.or_else(|| of.split_once('.')).unwrap_or_else(|| panic!("what is {of}?"));
    Right { group: group.to_owned(), resource: format!("{plural}{part}"), verb: verb.to_owned() }
}

/// What may be done to one resource.
#[derive(Default)]
struct Rule<'a> {
    verbs: BTreeSet<&'a str>,
    /// The ways out that take it.
    ids: BTreeSet<&'a str>,
    /// One of them is offered without a condition.
    is_needed: bool,
}

/// The role, a rule for each resource.
pub fn role(rows: &BTreeMap<(String, String), Row>) -> String {
    let mut rules: BTreeMap<(&str, &str), Rule<'_>> = BTreeMap::new();
    for ((_, id), row) in rows.iter().filter(|((_, id), _)| id != OF_ANY_KIND) {
        for right in &row.rights {
            let rule = rules.entry((&right.group, &right.resource)).or_default();
            rule.verbs.insert(&right.verb);
            rule.ids.insert(id);
            rule.is_needed |= !row.example.contains("gone for good");
        }
    }
    let words = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(", ");
    let mut text = HEAD.to_owned();
    for ((group, resource), rule) in rules {
        looked_at_first(group, resource);
        if !rule.is_needed {
            text.push_str("  # Optional: right only if somebody or something is gone for good.\n");
        }
        comment(&mut text, &words(rule.ids));
        let verbs = words(rule.verbs);
        writeln!(text, "  - apiGroups: [{group:?}]\n    resources: [{resource}]\n    verbs: [{verbs}]")
            .expect("text");
    }
    text
}

/// Every object is looked at before it is changed.
fn looked_at_first(group: &str, resource: &str) {
    let resource = resource.split('/').next().unwrap_or_default().to_owned();
    let get = Right { group: group.to_owned(), resource, verb: "get".to_owned() };
    assert!(Role::documented(&["why.yaml"]).0.contains(&get), "why.yaml does not give {get:?}");
}

fn comment(text: &mut String, words: &str) {
    let mut line = String::from("  #");
    for word in words.split(' ') {
        if line.len() + 1 + word.len() > 120 {
            writeln!(text, "{line}").expect("text");
            line = String::from("  #");
        }
        write!(line, " {word}").expect("text");
    }
    writeln!(text, "{line}").expect("text");
}
