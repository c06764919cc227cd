//! The same cluster looked at in another way. What is right must not hang on names, on the question, or on luck.

use crate::case::Case;
use crate::case::Coverage;
use crate::names;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The set and the namespaces have other names.
    Elsewhere,
    /// Asked about the whole cluster.
    Everything,
    WithoutLogs,
    WithoutSecrets,
    /// Roles and bindings, of every sort, could not be read.
    WithoutRoles,
}

pub const LOOKS: [Look; 5] =
    [Look::Elsewhere, Look::Everything, Look::WithoutLogs, Look::WithoutSecrets, Look::WithoutRoles];

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elsewhere => "elsewhere",
            Self::Everything => "everything",
            Self::WithoutLogs => "without-logs",
            Self::WithoutSecrets => "without-secrets",
            Self::WithoutRoles => "without-roles",
        })
    }
}

impl Look {
    /// True if less can be seen, so that less has to be known. What is said with less must still not be wrong.
    pub fn sees_less(self) -> bool {
        matches!(self, Self::WithoutLogs | Self::WithoutSecrets | Self::WithoutRoles)
    }

    /// The case with its cluster as this look sees it; none if it sees what the case shows already.
    pub fn of(self, case: &Case) -> Option<Result<(Case, String), String>> {
        let mut seen = case.clone();
        let without: &[&str] = match self {
            Self::Elsewhere => return Some(elsewhere(case)),
            Self::Everything => {
                if case.ask.iter().all(|word| word == "-A") {
                    return None;
                }
                seen.ask = vec!["-A".to_owned()];
                &[]
            }
            Self::WithoutLogs => &["PodLog"],
            Self::WithoutSecrets => &["Secret"],
            Self::WithoutRoles => &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"],
        };
        if without.iter().any(|kind| case.coverage.iter().any(|unread| unread.kind == *kind)) {
            return None;
        }
        seen.coverage.extend(without.iter().map(|kind| Coverage {
            kind: (*kind).to_owned(),
            namespaces: Vec::new(),
            error: "forbidden".to_owned(),
        }));
        Some(seen.snapshot().map(|snapshot| (seen, snapshot)))
    }
}

/// What is called otherwise, as whole words.
const NAMES: [(&str, &str); 5] = [
    ("arc-runners", "gh-pool"),
    ("arc-systems", "gh-control"),
    ("actions-runner-system", "gh-legacy"),
    ("ci", "nightly-x64"),
    ("7kx2p", "m9q4w"),
];

fn elsewhere(case: &Case) -> Result<(Case, String), String> {
    let mut renamed: Vec<(String, String)> =
        NAMES.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    let snapshot = case.snapshot()?;
    // Listeners are called after the namespace of their set, or after that and where it is registered.
    for (namespace, group, url) in registrations(&snapshot) {
        let other = replaced(&namespace, &renamed);
        let keys = [
            (namespace.clone(), other.clone()),
            (format!("{namespace}@{group}@{url}"), format!("{other}@{group}@{url}")),
        ];
        renamed.extend(keys.map(|(from, to)| (names::hash(&from), names::hash(&to))));
    }
    let mut seen = case.clone();
    for words in [&mut seen.ask, &mut seen.expect.object] {
        for word in words {
            *word = replaced(word, &renamed);
        }
    }
    let snapshot = replaced(&snapshot, &renamed);
    Ok((seen, snapshot))
}

/// Namespace, group and address of every runner set.
fn registrations(snapshot: &str) -> Vec<(String, String, String)> {
    snapshot
        .split("\n---\n")
        .filter_map(|document| serde_json::from_str::<serde_json::Value>(document).ok())
        .filter(|object| object["kind"] == "AutoscalingRunnerSet")
        .map(|object| {
            let text = |pointer: &str| crate::cluster::text(&object, pointer).to_owned();
            (text("/metadata/namespace"), text("/spec/runnerGroup"), text("/spec/githubConfigUrl"))
        })
        .collect()
}

/// The text with whole words replaced, all at once.
fn replaced(text: &str, renamed: &[(String, String)]) -> String {
    let mut done = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let found = renamed.iter().find(|(from, _)| {
            let after = rest.strip_prefix(from.as_str()).and_then(|after| after.chars().next());
            rest.starts_with(from.as_str()) && !after.is_some_and(char::is_alphanumeric)
        });
        match found.filter(|_| !before.is_alphanumeric()) {
            Some((from, to)) => {
                done.push_str(to);
                before = to.chars().next_back().unwrap_or(' ');
                rest = &rest[from.len()..];
            }
            None => {
                done.push(letter);
                before = letter;
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    done
}

#[test]
fn whole_words_are_replaced_all_at_once() {
    let renamed = [("ci".to_owned(), "arc".to_owned()), ("arc".to_owned(), "ci".to_owned())];
    assert_eq!(replaced("ci-arc \"ci\" cic arc/ci.arch", &renamed), "arc-ci \"arc\" cic ci/arc.arch");
}
