//! What lies at GitHub, as far as the cluster shows it.

use super::deletion_side::Asked;
use super::deletion_side::answer;
use super::deletion_side::blind;
use super::deletion_side::hours_ago;
use super::deletion_side::is_hidden;
use super::deletion_side::is_runner;
use super::deletion_side::last_step;
use super::deletion_side::root as only_root;
use super::deletion_side::says;
use super::one_fact_away::object;
use super::rights::drop_kind;
use super::rights::edit;
use super::rights::live;
use super::running_side::LISTENER;
use super::running_side::crashing;
use super::running_side::day_after;
use super::running_side::is;
use super::running_side::is_tools;
use super::running_side::quiet;
use super::running_side::root;
use super::running_side::runner;
use super::running_side::same;
use super::running_side::tools;
use super::*;
use crate::arc::marks;
use serde_json::Value;

#[test]
fn registration_collision() {
    let collide = |number: i64| {
        day_after(|object| {
            let url: Value = "https://github.com/acme-tools/pipelines".into();
            if is(object, &arc::AUTOSCALING_LISTENER, "web") {
                object.body["spec"]["runnerScaleSetId"] = number.into();
                object.body["spec"]["githubConfigUrl"] = url;
            } else if is(object, &arc::AUTOSCALING_RUNNER_SET, "web") {
                object.annotations.insert(marks::SCALE_SET_ID.to_owned(), number.to_string());
                object.body["spec"]["githubConfigUrl"] = url;
            }
            Some(())
        })
    };
    for asked in [set("arc-tools", "tools"), set("arc-web", "web")] {
        let diagnosis = diagnose(&collide(1209), &[asked]);
        assert_eq!(classes(&diagnosis), [Class::RegistrationCollision]);
        assert_eq!(diagnosis.roots[0].members.len(), 2);
    }
    assert_eq!(classes(&tools(&collide(77))), []);
    // A listener whose runner set is gone shares nothing.
    let left = changed(&collide(1209), |object| {
        (!is(object, &arc::AUTOSCALING_RUNNER_SET, "web")).then(|| object.clone())
    });
    assert!(!classes(&diagnose(&left, &[everything()])).contains(&Class::RegistrationCollision));
}

/// The answers of two clusters that are asked in one breath, each about its runner set `tools`.
fn both(east: Snapshot, west: Snapshot) -> [Diagnosis; 2] {
    // They come from one cluster, and no two clusters have a uid in common.
    let west = changed(&west, |object| {
        let mut object = object.clone();
        object.uid.insert_str(0, "west-");
        object.owners.iter_mut().for_each(|owner| owner.uid.insert_str(0, "west-"));
        Some(object)
    });
    of_both(east, west)
}

fn of_both(mut east: Snapshot, mut west: Snapshot) -> [Diagnosis; 2] {
    east.source.context = "east".to_owned();
    west.source.context = "west".to_owned();
    let mut clusters = [east, west];
    introduce(&mut clusters);
    clusters.map(|cluster| tools(&cluster))
}

#[test]
fn one_scale_set_in_two_clusters_is_seen_from_both_sides() {
    let taken = crashing(Some("the scale set already has an active session"));
    let [holds, ends] = both(same(), taken.clone());
    // Where the listener works this is good to know; where it ends, it is the root, and the other cluster is named.
    assert_eq!((holds.summary.verdict, holds.roots.len()), (Verdict::Clear, 0));
    assert_eq!(holds.notices[0].class, Class::RegistrationCollision);
    assert!(holds.notices[0].message.contains("of context west"), "{}", holds.notices[0].message);
    assert_eq!(classes(&ends), [Class::RegistrationCollision]);
    assert!(ends.roots[0].message.contains("of context east"), "{}", ends.roots[0].message);
    // Two clusters with scale sets of their own have nothing to do with each other.
    let other = day_after(|object| {
        if is_tools(object, &arc::AUTOSCALING_LISTENER) {
            object.body["spec"]["runnerScaleSetId"] = 77.into();
        }
        Some(())
    });
    let [_, ends] = both(other, taken);
    assert_eq!(classes(&ends), [Class::SessionConflict]);
}

#[test]
fn one_cluster_under_two_names_collides_with_nobody() {
    for answer in of_both(same(), same()) {
        assert_eq!((answer.summary.verdict, answer.notices.len()), (Verdict::Clear, 0));
    }
    // Asked for no pods it is known by all the rest.
    let without_pods = || changed(&same(), |object| (object.id.kind != arc::POD).then(|| object.clone()));
    assert!(of_both(without_pods(), same()).iter().all(|answer| answer.notices.is_empty()));
}

/// Contexts of one cluster differ in their namespace, and so in the pods that are looked at.
#[test]
fn one_cluster_seen_from_two_namespaces_collides_with_nobody() {
    let only = |namespace: &'static str| {
        changed(&same(), move |object| {
            let is_there = object.id.namespace == namespace;
            (object.id.kind != arc::POD || is_there).then(|| object.clone())
        })
    };
    let (tools, web) = (only("arc-tools"), only("arc-web"));
    for one in [&tools, &web] {
        assert!(!one.list(&arc::POD, None).objects.is_empty());
    }
    assert!(of_both(tools, web).iter().all(|answer| answer.notices.is_empty()));
}

#[test]
fn a_cluster_restored_from_a_backup_of_another_collides_with_it() {
    let restored = changed(&same(), |object| {
        let mut object = object.clone();
        if object.id.kind == arc::POD {
            object.uid.insert_str(0, "anew-");
        }
        Some(object)
    });
    let [holds, _] = of_both(same(), restored);
    assert_eq!(holds.notices[0].class, Class::RegistrationCollision);
}

#[test]
fn a_runner_set_that_goes_takes_along_what_another_cluster_uses() {
    let leaving = || load("draining");
    let example = leaving();
    let set = example
        .objects()
        .find(|object| object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.is_deleting());
    assert!(set.is_some(), "the example has a runner set that is being deleted");
    let [goes, _] = both(leaving(), same());
    assert_eq!(classes(&goes), [Class::RegistrationCollision]);
    assert!(goes.roots[0].message.contains("of context west uses as well"), "{}", goes.roots[0].message);
}

/// More runners are wanted than the two that are kept ready, and all of them have waited for a day.
pub fn unused(wanted: i64) -> Snapshot {
    let mut snapshot = day_after(|object| {
        if is_tools(object, &arc::EPHEMERAL_RUNNER_SET) {
            object.body["spec"]["replicas"] = wanted.into();
        }
        Some(())
    });
    let mut third = object("healthy", &arc::EPHEMERAL_RUNNER, "arc-tools", &runner());
    third.id.name = "tools-runner-third".to_owned();
    third.uid = "third".to_owned();
    let mut pod = object("healthy", &arc::POD, "arc-tools", &runner());
    pod.id.name.clone_from(&third.id.name);
    snapshot.insert(third);
    snapshot.insert(pod);
    snapshot
}

#[test]
fn github_side_stale() {
    assert_eq!(root(&unused(3)), (Class::GithubSideStale, "tools".to_owned(), Certainty::Likely));
    // One is going to be taken away; or it has just come.
    assert_eq!(quiet(&unused(2)), Verdict::Clear);
    let mut young = unused(3);
    young.captured_at = load("healthy").captured_at;
    assert_eq!(quiet(&young), Verdict::Clear);
    assert_eq!(quiet(&same()), Verdict::Clear);
    // Somebody lowered the minimum a moment ago: the listener has not come to it yet.
    let written = |seconds: i64| {
        changed(&unused(3), |object| {
            let mut object = object.clone();
            if is_tools(&object, &arc::AUTOSCALING_RUNNER_SET) {
                let time = Some(unused(3).captured_at - jiff::SignedDuration::from_secs(seconds));
                let (name, operation) = ("helm".to_owned(), "Update".to_owned());
                object.managers = vec![model::Manager { name, operation, time, finalizers: Vec::new() }];
            }
            Some(object)
        })
    };
    assert_eq!(quiet(&written(50)), Verdict::Clear);
    assert_eq!(root(&written(500)).0, Class::GithubSideStale);
}

#[test]
fn numbers_that_differ_prove_a_stale_one_and_another_url_makes_it_likely() {
    let edit = |crash: Option<&str>, change: &dyn Fn(&mut Object)| {
        changed(&crashing(crash), |object| {
            let mut object = object.clone();
            change(&mut object);
            Some(object)
        })
    };
    let listener = edit(None, &|object| {
        if is_tools(object, &arc::AUTOSCALING_LISTENER) {
            object.body["spec"]["runnerScaleSetId"] = 4.into();
        }
    });
    assert_eq!(root(&listener), (Class::StaleScaleSetId, "tools".to_owned(), Certainty::Proven));
    let moved = edit(None, &|object| {
        if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
            object.body["spec"]["githubConfigUrl"] = "https://github.com/acme-tools/other".into();
        }
    });
    assert_eq!(root(&moved), (Class::StaleScaleSetId, "tools".to_owned(), Certainty::Likely));
    let running = changed(&moved, |object| {
        if is(object, &arc::POD, LISTENER) {
            return Some(super::one_fact_away::object("healthy", &arc::POD, "arc-systems", LISTENER));
        }
        Some(object.clone())
    });
    assert_eq!(quiet(&running), Verdict::Clear);
}

/// GitHub has no such scale set any more, and the controller of 0.6.1 says so at the end of its pass.
pub fn unlisted() -> Asked {
    let (snapshot, ask) = last_step();
    let line = "ERROR\tReconciler error\t{\"controller\": \"autoscalingrunnerset\", \"AutoscalingRunnerSet\": \
                {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \"error\": \"404 - had issue communicating with Actions \
                backend: No runner scale set found with identifier 1209.\"}";
    (says(&snapshot, line), ask)
}

#[test]
fn a_scale_set_that_is_gone_needs_no_deletion_at_github() {
    let asked = unlisted();
    let found = only_root(&asked);
    assert_eq!((found.class, found.certainty), (Class::StaleScaleSetId, Certainty::Proven));
    assert_eq!(found.object.id.to_string(), "AutoscalingRunnerSet arc-tools/tools");
    let ways: Vec<_> = found.remedies.iter().map(|way| (way.id, way.loss, way.leaves.len())).collect();
    assert_eq!(ways, [("drop-scale-set-id", Loss::None, 0)], "GitHub has nothing that could stay behind");
    is_hidden(&blind(&asked, &arc::POD_LOG), Class::StaleScaleSetId);
    // That was hours ago.
    let mut old = asked.0.clone();
    let line = old.logs[0].lines[0].split_once('\t').map(|(_, line)| line.to_owned()).expect("a time");
    old.logs[0].lines[0] = format!("{}\t{line}", hours_ago(3));
    let found = only_root(&(old, asked.1.clone()));
    assert_eq!(found.certainty, Certainty::Likely);
    assert!(found.message.contains("a while ago"), "{}", found.message);
    // Somebody took the number off: GitHub is not asked any more.
    let without = edit(&asked.0, |object| {
        object.annotations.remove(marks::SCALE_SET_ID);
    });
    assert!(!classes(&answer(&(without, asked.1))).contains(&Class::StaleScaleSetId));
}

/// Where the URL is another one by now, GitHub knows none of the numbers of the old one.
#[test]
fn a_scale_set_under_the_old_url_stays_behind() {
    let (snapshot, ask) = unlisted();
    let registered = |organization: &str, repository: Option<&str>| {
        let snapshot = edit(&snapshot, |object| {
            if is_tools(object, &arc::AUTOSCALING_RUNNER_SET) {
                object.body["spec"]["githubConfigUrl"] = "https://github.com/acme/new/".into();
                object.labels.insert(marks::ORGANIZATION.to_owned(), organization.to_owned());
                object.labels.remove(marks::REPOSITORY);
                let repository = repository.map(|it| (marks::REPOSITORY.to_owned(), it.to_owned()));
                object.labels.extend(repository);
            }
        });
        let way = only_root(&(snapshot, ask.clone())).remedies.remove(0);
        (way.loss, way.leaves.first().map(|leaf| leaf.text.clone()))
    };
    let left = |path: &str| {
        let text = format!("runner scale set 1209 \"tools\" at https://github.com/{path}");
        (Loss::Registration, Some(text))
    };
    assert_eq!(registered("acme", Some("new")), (Loss::None, None));
    assert_eq!(registered("acme", Some("old")), left("acme/old"));
    assert_eq!(registered("other", None), left("other"));
}

/// Runners cannot be registered with a scale set that is gone, and the listener runs on for a while.
#[test]
fn a_runner_that_is_not_registered_for_that_has_the_same_root() {
    let snapshot = drop_kind(&live(), &arc::POD, |object| is_runner(object, &arc::POD));
    let line = "ERROR\tEphemeralRunner\tFailed to generate JIT config\t{\"ephemeralrunner\": \
                {\"name\":\"tools-runner-h58bd\",\"namespace\":\"arc-tools\"}, \"error\": \"failed to generate JIT \
                config: 404 - had issue communicating with Actions backend: No runner scale set found with identifier \
                1209.\"}";
    let found = only_root(&(says(&snapshot, line), set("arc-tools", "tools")));
    assert_eq!((found.class, found.certainty), (Class::StaleScaleSetId, Certainty::Proven));
    let ways: Vec<_> = found.remedies.iter().map(|way| way.id).collect();
    assert_eq!(ways, ["recreate-runner-set", "register-again"]);
    let again: Vec<String> = found.remedies[1].commands();
    assert!(again.iter().any(|command| command.contains("delete autoscalinglistener")), "{again:#?}");
}

/// Up to 0.9.2: the errors of before make the pauses long in which nothing is to be seen.
#[test]
fn a_controller_that_comes_back_is_given_its_time() {
    let (snapshot, ask) = last_step();
    let snapshot = edit(&snapshot, |object| {
        object.annotations.remove(marks::SCALE_SET_ID);
    });
    let line = "INFO\tAutoscalingRunnerSet\tWaiting for dependent resources to be deleted\t\
                {\"autoscalingrunnerset\": \"arc-tools/tools\"}";
    let comes = answer(&(says(&snapshot, line), ask.clone()));
    assert_eq!(comes.summary.verdict, Verdict::Waiting, "{:#?}", comes.targets);
    let mut late = says(&snapshot, line);
    late.logs[0].lines[0] = format!("{}\t{line}", hours_ago(1));
    assert_ne!(answer(&(late, ask.clone())).summary.verdict, Verdict::Waiting, "it should be back");
    let mut failed = says(&snapshot, line);
    let at = failed.captured_at;
    failed.logs[0].lines.push(format!("{at}\tERROR\tx\t{{\"autoscalingrunnerset\": \"arc-tools/tools\"}}"));
    assert_ne!(answer(&(failed, ask)).summary.verdict, Verdict::Waiting, "it fails");
}

/// The words of 0.6.1 about a Secret that is there and of no use.
#[test]
fn a_secret_without_the_right_keys_is_told_from_the_log() {
    for words in [
        "must provide secret data with either PAT or GitHub App Auth",
        "must provide secret with only PAT or GitHub App Auth to avoid ambiguity in client behavior",
        "neither PAT nor GitHub App Auth credentials provided in secret",
    ] {
        let (snapshot, ask) = last_step();
        let line = format!(
            "ERROR\tReconciler error\t{{\"AutoscalingRunnerSet\": {{\"name\":\"tools\",\"namespace\":\"arc-tools\"}}, \
             \"error\": \"{words}\"}}"
        );
        let found = only_root(&(says(&snapshot, &line), ask));
        assert_eq!((found.class, found.certainty), (Class::GithubRefuses, Certainty::Proven), "{words}");
        assert_eq!(found.remedies[0].id, "repair-credentials", "{words}");
    }
}
