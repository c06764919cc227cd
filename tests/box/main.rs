//! The real world in a box: scenarios played on a real control plane by the real ARC, and `why` asked about them.
//!
//! docs/testing.md shows how to write a scenario; tests/cluster holds the programs that are played on.

#![allow(clippy::indexing_slicing, reason = "serde_json gives Null for what is not there")]

mod api;
mod ask;
mod charts;
mod cluster;
mod delivery;
// On terminals, too.
#[cfg(unix)]
mod flags;
mod github;
mod go;
mod house;
#[cfg(unix)]
mod keys;
#[cfg(not(unix))]
#[path = "no_keys.rs"]
mod keys;
mod look;
mod people;
mod process;
#[cfg(unix)]
#[path = "../pty/mod.rs"]
#[allow(clippy::expect_used, clippy::panic, reason = "it shows the screen in its last words")]
mod pty;
mod release;
mod scenario;
mod story;
mod unblock;
mod wait;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;
use libtest_mimic::Completion;
use libtest_mimic::Failed;
use libtest_mimic::Trial;

use house::House;
use scenario::Clusters;

/// What went wrong is said to a person.
type Outcome<T> = Result<T, String>;

/// What a test does with the built programs.
type Plays = Box<dyn FnOnce(&House) -> Outcome<()> + Send>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(&arguments) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            std::io::Write::write_all(&mut std::io::stderr(), format!("box: {error}\n").as_bytes()).ok();
            ExitCode::FAILURE
        }
    }
}

fn trials(arguments: &Arguments) -> Outcome<Vec<Trial>> {
    let check =
        |name: &str, check: fn() -> Outcome<()>| Trial::test(name, move || check().map_err(Failed::from));
    let mut trials = vec![
        check("scenario_files_say_where_they_are_wrong", scenario::says_where_it_is_wrong),
        check("scenarios_that_share_a_cluster_share_no_namespace", scenario::keeps_to_itself),
        check("versions_of_go_are_read", go::reads_versions),
    ];
    let mut stories = Vec::new();
    for (name, text) in scenario::files()? {
        stories.push((scenario::read(&name, &text, "http://github.invalid")?, text));
    }
    // Those that share a cluster come first, so that it can go before the others begin.
    stories.sort_by_key(|(scenario, _)| scenario.clusters != Clusters::Shared);
    let runs = |name: &str| !arguments.is_filtered_out(&Trial::test(name, || Ok(())));
    let is_guest = |scenario: &scenario::Scenario| scenario.clusters == Clusters::Shared;
    let guests = stories.iter().filter(|(scenario, _)| is_guest(scenario) && runs(&scenario.name)).count();
    let toolchain = go::toolchain();
    let judged = cfg!(target_os = "linux") && std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let house = Arc::new(House::new(toolchain.as_deref().unwrap_or_default(), guests));
    let trial = |name: &str, plays: Plays| {
        let (house, toolchain) = (Arc::clone(&house), toolchain.clone());
        Trial::ignorable_test(name, move || match toolchain {
            // On a machine that judges changes, what was not tried is not known to work.
            Err(reason) if judged => Err(Failed::from(reason)),
            Err(reason) => Ok(Completion::ignored_with(reason)),
            Ok(_) => plays(&house).map(|()| Completion::Completed).map_err(Failed::from),
        })
    };
    trials.push(trial("krew", Box::new(release::play)));
    for (scenario, text) in stories {
        let name = scenario.name.clone();
        let plays = move |house: &House| {
            let played = story::play(house, &scenario.name, &text);
            if scenario.clusters == Clusters::Shared {
                house.leave();
            }
            played
        };
        trials.push(trial(&name, Box::new(plays)));
    }
    #[cfg(unix)]
    trials.push(trial("kubectls-flags", Box::new(flags::play)));
    Ok(trials)
}
