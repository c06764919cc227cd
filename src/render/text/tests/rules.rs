//! What holds for every answer.

use super::*;
use crate::diagnose::Class;
use crate::diagnose::Diagnosis;
use crate::diagnose::State;
use crate::diagnose::Verdict;
use crate::render::Label;
use crate::render::sanitize;
use crate::render::span::Span;
use proptest::prelude::*;
use samples::ago;
use samples::object;
use unicode_width::UnicodeWidthStr;

fn width(line: &[Span]) -> usize {
    line.iter().map(|span| span.text().width()).sum()
}

fn is_to_copy(line: &[Span]) -> bool {
    line.iter().any(|span| span.label() == Label::Command)
}

/// Every command and everything that stays behind of the first way out of every root.
fn needed_to_act(answer: &Diagnosis) -> Vec<String> {
    let first = answer.roots.iter().filter_map(|root| root.remedies.first());
    first
        .flat_map(|remedy| {
            let leaves = remedy.leaves.iter().map(|leaf| leaf.text.clone());
            remedy.commands().into_iter().chain(leaves).collect::<Vec<_>>()
        })
        .collect()
}

/// A made-up answer: objects that wait for each other at random, some of them roots, with hostile names.
fn made_up(edges: &[(u8, u8)], roots: &[u8], name: &str) -> Diagnosis {
    let thing = |n: u8| {
        let kinds = ["Namespace", "AutoscalingRunnerSet", "EphemeralRunner", "Pod"];
        object("v1", kinds[usize::from(n % 4)], &format!("ns-{}/{name}{n}", n % 3), State::Deleting)
    };
    let path: Vec<_> =
        edges.iter().map(|(a, b)| samples::step(&thing(*a), ago(60), &thing(*b), name, name)).collect();
    let roots: Vec<_> = roots.iter().map(|n| samples::root(Class::SecretMissing, &thing(*n), name)).collect();
    let all: Vec<usize> = (0..roots.len()).collect();
    let targets =
        edges.iter().map(|(a, _)| samples::target(&thing(*a), ago(60), &all, path.clone())).collect();
    samples::diagnosis(targets, roots, vec![])
}

#[test]
fn nothing_is_wider_than_asked_but_what_is_to_be_copied() {
    for (name, sample) in samples::all() {
        for columns in 40..=120 {
            for verbose in [false, true] {
                let text = diagnosis(&sample, &Style { width: columns, verbose, ascii: false });
                for line in text.lines().filter(|line| !is_to_copy(line)) {
                    assert!(width(line) <= columns, "{name} at {columns}: {line:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_that_is_needed_to_act_is_cut() {
    for (name, sample) in samples::all() {
        let shown = diagnosis(&sample, &Style { width: 40, verbose: true, ascii: false }).to_string();
        let joined: String = shown.split_whitespace().collect();
        for needed in needed_to_act(&sample) {
            let needed: String = needed.split_whitespace().collect();
            assert!(joined.contains(&needed), "{name}: {needed}");
        }
    }
    for command in needed_to_act(&samples::named("secret missing")) {
        assert!(shown("secret missing", 40).contains(&command), "{command} is broken");
    }
}

#[test]
fn the_first_word_is_the_verdict() {
    for (name, sample) in samples::all() {
        let first = match sample.summary.verdict {
            Verdict::Blocked => "Blocked:",
            Verdict::Unknown => "Cannot say:",
            Verdict::Waiting => "Waiting:",
            Verdict::Clear => "Nothing is blocked",
        };
        assert!(shown(name, 80).starts_with(first), "{name}");
    }
}

#[test]
fn every_answer_can_be_drawn_with_ascii_alone() {
    for (name, sample) in samples::all() {
        let text = diagnosis(&sample, &Style { ascii: true, ..WIDE }).to_string();
        assert!(text.is_ascii(), "{name}: {text}");
    }
    insta::assert_snapshot!(
        diagnosis(&samples::named("argo deadlock"), &Style { ascii: true, ..WIDE }).to_string()
            .lines().skip_while(|line| !line.contains("+->")).take(6).collect::<Vec<_>>().join("\n"),
        @r"
      +-> RoleBinding arc-ml/ml-gha-rs-kube-mode (deleting 5m5s)
      |   | why: finalizer actions.github.com/cleanup-protection
      |   | 4 more likewise: Role arc-ml/ml-gha-rs-kube-mode, ServiceAccount
      |   |   arc-ml/ml-gha-rs-kube-mode, RoleBinding arc-ml/ml-gha-rs-manager, Role
      |   |   arc-ml/ml-gha-rs-manager
      |   v
    "
    );
}

#[test]
fn asked_for_more_it_says_more_and_names_everything() {
    let all = diagnosis(&samples::named("many pods"), &Style { verbose: true, ..WIDE }).to_string();
    for n in 0..14 {
        assert!(all.contains(&format!("web-runner-{n:02}abc")), "{n}");
        assert!(all.contains(&format!("kubectl delete pod web-runner-{n:02}abc")), "{n}");
    }
    for (name, sample) in samples::all() {
        let more = diagnosis(&sample, &Style { verbose: true, ..WIDE }).to_string();
        assert!(!more.contains("-v "), "{name} still holds something back: {more}");
    }
}

#[test]
fn a_place_to_remove_what_stays_behind_is_printed_whole() {
    let more = diagnosis(&samples::named("secret missing"), &Style { verbose: true, ..WIDE }).to_string();
    let tail: Vec<&str> = more.lines().skip_while(|line| !line.starts_with("Or ")).collect();
    insta::assert_snapshot!(tail.join("\n"), @r#"
    Or (drop-scale-set-id): Take the scale-set id off the runner set, so that
      nothing at GitHub is asked for.
      It leaves an entry at GitHub that you remove there.

        kubectl annotate autoscalingrunnersets.actions.github.com release-ci -n arc-release runner-scale-set-id-

      What stays behind
        runner scale set 17 "release-ci" at https://github.com/acme
      To be removed there:
        https://github.com/organizations/acme/settings/actions/runners

    The manual page of this class:
        kubectl arc explain secret-missing
    "#);
}

#[test]
fn a_way_that_is_too_long_for_the_width_goes_on_at_the_margin() {
    let edges: Vec<(u8, u8)> = (0..30).map(|n| (n, n + 1)).collect();
    let answer = made_up(&edges[..], &[30], "x");
    let text = diagnosis(&answer, &Style { width: 40, verbose: false, ascii: false });
    assert!(text.to_string().contains("goes on"), "{text}");
    assert!(text.to_string().contains("◀ root"));
    assert!(text.lines().filter(|line| !is_to_copy(line)).all(|line| width(line) <= 40));
}

#[test]
fn what_is_to_be_put_right_is_no_deadlock_with_its_own_going() {
    let set = object("actions.github.com/v1alpha1", "AutoscalingRunnerSet", "a/set", State::Deleting);
    let binding = object("rbac.authorization.k8s.io/v1", "RoleBinding", "a/manager", State::Deleting);
    let mut repair = samples::step(&set, ago(60), &binding, "the controller may not list Pods", "");
    repair.repair = true;
    let going = samples::step(&binding, ago(60), &set, "it is let go with the runner set", "");
    let targets = vec![
        samples::target(&set, ago(60), &[0], vec![repair.clone()]),
        samples::target(&binding, ago(60), &[0], vec![going, repair]),
    ];
    let root = samples::root(Class::RbacMissing, &binding, "RoleBinding a/manager names nobody");
    let text = diagnosis(&samples::diagnosis(targets, vec![root], vec![]), &WIDE).to_string();
    let tree: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("What")).take(6).collect();
    insta::assert_snapshot!(tree.join("\n"), @r"
    What waits for what
      RoleBinding a/manager (deleting 60s)
      │ why: it is let go with the runner set
      └─ AutoscalingRunnerSet a/set (deleting 60s)
         │ why: the controller may not list Pods
         └─ RoleBinding a/manager (deleting; to be put right)  ◀ root
    ");
}

proptest! {
    #[test]
    fn any_graph_is_drawn_within_the_width_each_root_marked_and_nothing_hostile(
        edges in prop::collection::vec((0u8..12, 0u8..12), 0..24),
        roots in prop::collection::vec(0u8..12, 0..4),
        name in "[a-z\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}日]{0,12}",
        columns in 40usize..100,
        verbose: bool,
    ) {
        let answer = made_up(&edges, &roots, &name);
        let text = diagnosis(&answer, &Style { width: columns, verbose, ascii: false });
        for line in text.lines() {
            prop_assert!(is_to_copy(line) || width(line) <= columns, "{text}");
            for span in line {
                prop_assert!(!span.text().chars().any(sanitize::is_hostile));
            }
        }
        prop_assert!(text.to_string().bytes().all(|b| b == b'\n' || b >= 0x20 && b != 0x7f));
    }
}

/// Where everything was read and nothing explains it, nothing is said to be unread.
#[test]
fn what_could_not_be_read_is_spoken_of_only_where_something_was_not() {
    let (_, mut sample) =
        samples::all().into_iter().find(|(name, _)| *name == "unknown").expect("it is there");
    let words = |sample: &Diagnosis| {
        let text = diagnosis(sample, &Style { width: 120, verbose: false, ascii: true });
        let lines = text.lines().map(|line| line.iter().map(Span::text).collect::<String>());
        lines.collect::<Vec<_>>().join(" ")
    };
    assert!(words(&sample).contains("depends on what could not be read"));
    sample.gaps.clear();
    sample.targets[0].reasons.clear();
    let text = words(&sample);
    assert!(text.contains("Nothing that was looked at tells whether") && !text.contains("read"), "{text}");
}
