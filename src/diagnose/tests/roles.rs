//! docs/rbac/why.yaml and the table in docs/rbac/README.md: what reading takes, from what the rules declare.

use super::*;
use crate::arc::kind_row;
use crate::arc::rbac;
use crate::diagnose::wants::rights::RIGHTS;
use crate::diagnose::wants::rights::Right;
use crate::model::Depth;
use std::fmt::Write as _;

const ROLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rbac/why.yaml");
const CLUSTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rbac/why-cluster.yaml");
const MANAGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rbac/manager-rights.yaml");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rbac/README.md");
const TABLE: &str = "| API group | Resources | Verbs | What for |\n| --- | --- | --- | --- |\n";
/// What no table can know beforehand.
const ANY: &str = "| any | what a terminating namespace says is left in it, a TARGET of another kind, and what a CRD of others \
    that is asked about waits for: metadata only | get, list | what is left, and who holds it |\n";

/// A file that begins with this comment, and has the rules still to come.
fn cluster_role(name: &str, words: &str, made_from: &str) -> String {
    format!(
        "{words}\
        #\n\
        # Made by a test from {made_from}. After a change: UPDATE_DOCS=1 cargo test docs\n\
        apiVersion: rbac.authorization.k8s.io/v1\n\
        kind: ClusterRole\n\
        metadata:\n  \
          name: {name}\n\
        rules:\n"
    )
}

const READ: &str = "\
# What `kubectl arc why` and `kubectl arc snapshot` read, and nothing else. README.md in this folder says how to bind it, and
# what is lost without a part of it. Everybody who is logged in may ask for /version and for what the API serves
# (system:discovery); that is not repeated.
";

const READ_OF_CLUSTER: &str = "\
# The part of why.yaml that belongs to no namespace, so that a RoleBinding cannot give it: for somebody who has why.yaml in
# some namespaces alone. No Secret and no log is in it. All of it is optional.
";

const MANAGER_WORDS: &str = "\
# What the runner set's chart allows the controller in a runner namespace (its manager Role). Nobody can give away what he does
# not have himself, so that `kubectl arc unblock` needs all of this, beside unblock.yaml, to give it back: for
# restore-manager-role, repair-role-binding and extend-role. Bind it in runner namespaces alone.
";

/// API group and resource of a kind, as a Role names them.
fn resource(kind: &GroupKind) -> (&str, &str) {
    match kind {
        kind if *kind == arc::POD_LOG => ("", "pods/log"),
        kind if *kind == arc::ACCESS_REVIEW => (&kind.group, "subjectaccessreviews"),
        kind => kind_row(kind).map_or(("", ""), |row| (row.group, row.plural)),
    }
}

fn group(right: &Right) -> &str {
    resource(&right.kinds[0]).0
}

/// The classes whose rules read one of these kinds; None: they all rest on it.
fn classes_that_read(kinds: &[GroupKind]) -> Option<Vec<&'static str>> {
    if kinds.iter().any(|kind| world::READS.contains(kind)) {
        return None;
    }
    let reads = |rule: &&rule::Rule| rule.reads.iter().any(|kind| kinds.contains(kind));
    Some(RULES.iter().filter(reads).map(|rule| rule.class.id()).collect())
}

/// Words as comment lines.
fn comment(text: &mut String, words: &str) {
    let mut line = String::from("  #");
    for word in words.split(' ') {
        if line.len() + 1 + word.len() > 120 {
            writeln!(text, "{line}").unwrap();
            line = String::from("  #");
        }
        write!(line, " {word}").unwrap();
    }
    writeln!(text, "{line}").unwrap();
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What a RoleBinding cannot give.
fn is_of_the_cluster(right: &Right) -> bool {
    let row = kind_row(&right.kinds[0]);
    row.map_or(right.kinds[0] == arc::ACCESS_REVIEW, |row| !row.namespaced)
}

fn role(name: &str, words: &str, counts: fn(&Right) -> bool) -> String {
    let mut text = cluster_role(name, words, "what the rules declare that they read");
    for right in RIGHTS.iter().filter(|right| counts(right)) {
        let metadata = if right.depth == Depth::Metadata { " Metadata only is asked for." } else { "" };
        comment(&mut text, &format!("{}.{metadata}", upper(right.shows)));
        if !right.only.is_empty() {
            comment(&mut text, &format!("Optional: asked for {}.", right.only));
        }
        let classes = classes_that_read(right.kinds);
        comment(
            &mut text,
            &format!("For {}.", classes.map_or("every class".to_owned(), |all| all.join(", "))),
        );
        let resources: Vec<&str> = right.kinds.iter().map(|kind| resource(kind).1).collect();
        writeln!(text, "  - apiGroups: [{:?}]", group(right)).unwrap();
        writeln!(text, "    resources: [{}]", resources.join(", ")).unwrap();
        writeln!(text, "    verbs: [{}]", right.verbs.join(", ")).unwrap();
    }
    text
}

fn manager_rights() -> String {
    let from = "the table of what the charts allow";
    let mut text = cluster_role("kubectl-arc-manager-rights", MANAGER_WORDS, from);
    for row in rbac::MANAGER_ROLE_RULES.iter().chain([&rbac::SERVER_TLS_RULE]) {
        if row.resource == rbac::SERVER_TLS_RULE.resource {
            comment(&mut text, "Optional: where a runner set has githubServerTLS.");
        }
        writeln!(text, "  - apiGroups: [{:?}]", row.group).unwrap();
        writeln!(text, "    resources: [{}]", row.resource).unwrap();
        writeln!(text, "    verbs: [{}]", row.verbs.join(", ")).unwrap();
    }
    text
}

/// What is read by its name, unless all of it is asked for.
fn by_name() -> String {
    // A log is no TARGET.
    let rights = RIGHTS.iter().filter(|right| right.verbs == ["get"] && right.kinds != [arc::POD_LOG]);
    let names = rights.flat_map(|right| right.kinds).map(|kind| format!("`{}`", resource(kind).1));
    let names = names.collect::<Vec<_>>().join(", ");
    format!(
        "| as above | {names} | list | a TYPE alone as TARGET (`kubectl arc why nodes`); in none of the roles |\n"
    )
}

fn table() -> String {
    let mut text = TABLE.to_owned();
    for right in RIGHTS {
        let group = match group(right) {
            "" => "core".to_owned(),
            group => format!("`{group}`"),
        };
        let names: Vec<String> = right.kinds.iter().map(|kind| format!("`{}`", resource(kind).1)).collect();
        let metadata = if right.depth == Depth::Metadata { ": metadata only" } else { "" };
        let optional = match right.only {
            "" => String::new(),
            only => format!(" (optional: {only})"),
        };
        let (resources, verbs) = (names.join(", "), right.verbs.join(", "));
        writeln!(text, "| {group} | {resources}{metadata} | {verbs} | {}{optional} |", right.shows).unwrap();
    }
    text + &by_name() + ANY
}

/// Both ways: what the rules read is in a role, and nothing else is.
#[test]
fn rights_are_those_that_the_rules_declare() {
    let declared: BTreeSet<GroupKind> =
        RULES.iter().flat_map(|rule| rule.reads).chain(world::READS).cloned().collect();
    let kinds: Vec<GroupKind> = RIGHTS.iter().flat_map(|right| right.kinds).cloned().collect();
    let given: BTreeSet<GroupKind> = kinds.iter().cloned().collect();
    assert_eq!(given.len(), kinds.len(), "a kind stands in two rights");
    let names = |kinds: Vec<&GroupKind>| kinds.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        names(declared.difference(&given).collect()),
        [""; 0],
        "read without a right in wants::rights"
    );
    // Legacy mode is looked at as a whole.
    let more = given.difference(&declared).filter(|kind| kind.group != arc::LEGACY_GROUP).collect();
    assert_eq!(names(more), [""; 0], "no rule reads it");
    for right in RIGHTS {
        assert!(right.kinds.iter().all(|kind| resource(kind).0 == group(right)), "{:?}", right.kinds);
        let always = classes_that_read(right.kinds).is_none();
        assert_eq!(always, right.only.is_empty(), "{:?}: what all rules rest on is always read", right.kinds);
    }
}

#[test]
fn docs_have_the_role_and_the_table_of_what_is_read() {
    let readme = std::fs::read_to_string(README).unwrap();
    let (before, rest) =
        readme.split_once("| API group | Resources |").expect("docs/rbac/README.md has the table");
    let (_, after) = rest.split_once("\n\n").expect("something follows the table");
    let fresh = format!("{before}{}\n{after}", table());
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let all = role("kubectl-arc-why", READ, |_| true);
    let of_cluster = role("kubectl-arc-why-cluster", READ_OF_CLUSTER, is_of_the_cluster);
    for (path, document) in [(ROLE, all), (CLUSTER, of_cluster), (MANAGER, manager_rights()), (README, fresh)]
    {
        if update {
            std::fs::write(path, &document).unwrap();
        }
        let known = std::fs::read_to_string(path).unwrap_or_default();
        assert!(known == document, "{path} is stale: UPDATE_DOCS=1 cargo test docs");
    }
}
