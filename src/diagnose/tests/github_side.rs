//! What lies at GitHub, as far as the cluster shows it.

use super::one_fact_away::object;
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
