//! Playing a scenario, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::Outcome;
use crate::api::Api;
use crate::ask;
use crate::ask::Asker;
use crate::charts;
use crate::cluster::Cluster;
use crate::delivery::argocd;
use crate::delivery::flux;
use crate::github::GitHub;
use crate::house::House;
use crate::house::NEIGHBOUR;
use crate::house::Shared;
use crate::look::Id;
use crate::look::Look;
use crate::look::SET_NAME;
use crate::process;
use crate::scenario;
use crate::scenario::CarryOut;
use crate::scenario::Chart;
use crate::scenario::Clusters;
use crate::scenario::Github;
use crate::scenario::Install;
use crate::scenario::Neighbour;
use crate::scenario::Scenario;
use crate::scenario::Step;
use crate::scenario::Sync;
use crate::scenario::Unblock;
use crate::scenario::Verb;
use crate::scenario::Wait;
use crate::unblock;
use crate::wait;
use crate::wait::Scope;

/// A cluster, whoever it belongs to.
enum Place {
    Shared(Arc<Shared>),
    Own(Box<Cluster>),
}

impl Place {
    fn cluster(&self) -> &Cluster {
        match self {
            Self::Shared(shared) => &shared.cluster,
            Self::Own(cluster) => cluster,
        }
    }
}

struct Story {
    scenario: Scenario,
    places: Vec<(Place, Api)>,
    github: GitHub,
    /// The namespaces of the shared cluster that are this scenario's; None: all are.
    namespaces: Option<Vec<String>>,
    neighbour: Option<Neighbour>,
    /// The neighbour's objects when all was well.
    well: Option<BTreeMap<Id, String>>,
    /// The last answer.
    answer: Value,
    /// What the way out that was carried out leaves.
    left: Vec<Value>,
}

/// Plays the scenario of a file.
pub fn play(house: &House, name: &str, text: &str) -> Outcome<()> {
    let bin = house.bin()?;
    let github = GitHub::start(&bin)?;
    let scenario = scenario::read(name, text, &github.url)?;
    let _entry = house.enter(if scenario.clusters == Clusters::Two { 2 } else { 1 });
    let count = if scenario.clusters == Clusters::Two { 2 } else { 1 };
    let mut places = Vec::new();
    for _ in 0..count {
        let place = match scenario.clusters {
            Clusters::Shared => Place::Shared(house.shared()?),
            Clusters::Own | Clusters::Two => Place::Own(Box::new(Cluster::start(&bin)?)),
        };
        let api = Api::of(&place.cluster().kubeconfig)?;
        places.push((place, api));
    }
    let is_shared = scenario.clusters == Clusters::Shared;
    let shared = Neighbour { set: NEIGHBOUR.to_owned(), verdict: "clear".to_owned() };
    let neighbour = if is_shared { Some(shared) } else { scenario.neighbour.clone() };
    let mut story = Story {
        namespaces: is_shared.then(Vec::new),
        scenario,
        places,
        github,
        neighbour,
        well: None,
        answer: Value::Null,
        left: Vec::new(),
    };
    let steps = story.scenario.steps.clone();
    let mut told = |step: &Step| {
        story.step(step).map_err(|error| format!("{}: {error}\n{}", step.at, story.last_words(step)))
    };
    steps.iter().try_for_each(&mut told)
}

impl Story {
    fn step(&mut self, step: &Step) -> Outcome<()> {
        let number = usize::from(step.second);
        if number >= self.places.len() {
            return Err("there is no second cluster".to_owned());
        }
        self.see_the_neighbour()?;
        match &step.verb {
            Verb::Install(install) => self.install(number, install),
            Verb::Run(line) => process::must(&mut self.places[number].0.cluster().shell(line)).map(|_| ()),
            Verb::Github(github) => self.github(number, github),
            Verb::ArgocdSync(sync) => {
                self.own(sync);
                argocd::sync(self.places[number].0.cluster(), sync)
            }
            Verb::ArgocdDelete(application) => argocd::delete(&self.places[number].1, application),
            Verb::FluxApply(sync) => {
                self.own(sync);
                flux::apply(self.places[number].0.cluster(), sync)
            }
            Verb::FluxPrune(name) => flux::prune(&self.places[number].1, name),
            Verb::Wait(wait) => wait::until(&self.scope(number), wait),
            Verb::Ask(ask) => self.ask(number, ask),
            Verb::CarryOut(way) => self.carry_out(number, way),
            Verb::Unblock(way) => self.unblock(number, way),
        }
    }

    /// The end of ARC's logs, for whoever has to find out what went wrong.
    fn last_words(&self, step: &Step) -> String {
        let line = "for what in part-of=gha-rs-controller component=runner-scale-set-listener; do
            kubectl get pods -A -l app.kubernetes.io/$what --no-headers | while read -r namespace pod _; do
              echo $pod; kubectl logs -n $namespace $pod --tail=15
            done
          done";
        let Some((place, _)) = self.places.get(usize::from(step.second)) else { return String::new() };
        let logs = process::run(&mut place.cluster().shell(line)).map(|done| done.stdout);
        format!("the end of ARC's logs:\n{}", logs.unwrap_or_default())
    }

    fn scope(&self, number: usize) -> Scope<'_> {
        let (place, api) = &self.places[number];
        Scope { cluster: place.cluster(), api, namespaces: self.namespaces.as_deref() }
    }

    fn own(&mut self, sync: &Sync) {
        for chart in &sync.charts {
            self.own_namespace(&chart.namespace);
        }
    }

    fn own_namespace(&mut self, namespace: &str) {
        if let Some(namespaces) = &mut self.namespaces {
            namespaces.push(namespace.to_owned());
        }
    }

    fn install(&mut self, number: usize, install: &Install) -> Outcome<()> {
        self.own_namespace(&install.namespace);
        charts::install(self.places[number].0.cluster(), install)?;
        if install.chart == Chart::RunnerSet && install.wait {
            let set = format!("{}/{}", install.namespace, install.release);
            wait::until(&self.scope(number), &Wait { running: Some(set.clone()), ..Wait::default() })?;
            self.registered(number, &set)?;
        }
        Ok(())
    }

    /// Waits until GitHub knows every runner of a set that runs. ARC removes one that is too many there first, and it
    /// runs on for a moment. And on a busy machine it may not see yet that it has registered a runner: then it takes its
    /// own entry for somebody else's, removes it, and starts the runner with what it had before (0.6.1,
    /// `ephemeralrunner_controller.go`). A real runner ends at once; ours is made anew.
    fn registered(&self, number: usize, set: &str) -> Outcome<()> {
        let begun = Instant::now();
        let mut removed: Vec<String> = Vec::new();
        loop {
            let look = Look::at(&self.places[number].1)?;
            let mut strays = Vec::new();
            for runner in runners(&look, set) {
                if !self.github.knows(&runner.name)? {
                    strays.push(runner.name.clone());
                }
            }
            let missing = wait::not_running(&look, set);
            if strays.is_empty() && missing.is_none() {
                return Ok(());
            }
            if missing.is_none() && begun.elapsed() > Duration::from_secs(20) {
                let namespace = set.split('/').next().unwrap_or_default();
                for stray in strays.iter().filter(|stray| !removed.contains(stray)) {
                    let line = format!(
                        "kubectl delete ephemeralrunner {stray} -n {namespace} --wait=false --ignore-not-found"
                    );
                    process::must(&mut self.places[number].0.cluster().shell(&line))?;
                }
                removed.extend(strays.iter().cloned());
            }
            if begun.elapsed() > Duration::from_secs(600) {
                return Err(format!("GitHub does not know {strays:?} of {set}; {missing:?}"));
            }
            thread::sleep(Duration::from_millis(400));
        }
    }

    /// Notes how the neighbour is when it runs for the first time.
    fn see_the_neighbour(&mut self) -> Outcome<()> {
        let Some(neighbour) = &self.neighbour else { return Ok(()) };
        if self.well.is_none() {
            let look = Look::at(&self.places[0].1)?;
            if wait::not_running(&look, &neighbour.set).is_none() {
                self.well = Some(look.of_set(&neighbour.set));
            }
        }
        Ok(())
    }

    fn github(&self, number: usize, github: &Github) -> Outcome<()> {
        if let Some(rules) = &github.behaviour {
            self.github.behave(rules)?;
        }
        if let Some(set) = &github.busy {
            let runners = runners(&Look::at(&self.places[number].1)?, set);
            let runner = runners.first().ok_or_else(|| format!("{set} has no runner"))?;
            self.github.busy(&runner.name)?;
        }
        if let Some(set) = &github.finished {
            for runner in runners(&Look::at(&self.places[number].1)?, set) {
                if self.github.finish(&runner.name)? {
                    let line = format!(
                        "kubectl annotate pod {} -n {} box/pod=succeed",
                        runner.name, runner.namespace
                    );
                    process::must(&mut self.places[number].0.cluster().shell(&line))?;
                }
            }
        }
        if let Some(name) = &github.forget {
            self.github.forget(name)?;
        }
        if let Some(names) = &github.holds {
            self.github.holds_only(names, &self.left)?;
        }
        Ok(())
    }

    fn ask(&mut self, number: usize, ask: &scenario::Ask) -> Outcome<()> {
        let scope = self.scope(number);
        if ask.patiently {
            ask::grow_old(&scope.own(Look::at(scope.api)?))?;
        }
        let asker =
            Asker { cluster: scope.cluster, canaries: &self.scenario.canaries, name: &self.scenario.name };
        let answer = asker.ask(ask)?;
        if ask.patiently {
            asker.same_as_shifted(ask, &answer)?;
        }
        if let Some(neighbour) = self.neighbour.as_ref().filter(|_| number == 0) {
            let well = self.well.as_ref().ok_or("the neighbour never ran")?;
            if neighbour.verdict == "clear" {
                let now = Look::at(&self.places[0].1)?.of_set(&neighbour.set);
                ask::unchanged(well, &now)?;
            }
            asker.neighbour(neighbour, well, &answer)?;
        }
        self.answer = answer;
        Ok(())
    }

    /// The neighbour is as it was afterwards, object by object.
    fn unblock(&mut self, number: usize, way: &Unblock) -> Outcome<()> {
        let cluster = self.places[number].0.cluster();
        self.left = unblock::unblock(cluster, &self.scenario.canaries, &self.scenario.name, way)?;
        if let (Some(neighbour), Some(well)) = (&self.neighbour, &self.well) {
            ask::unchanged(well, &Look::at(&self.places[0].1)?.of_set(&neighbour.set))?;
        }
        Ok(())
    }

    fn carry_out(&mut self, number: usize, way: &CarryOut) -> Outcome<()> {
        let remedies = self.answer["roots"][0]["remedies"].as_array();
        let is_it = |remedy: &&Value| way.remedy == "gentlest" || remedy["id"] == way.remedy.as_str();
        let found = remedies.into_iter().flatten().find(is_it);
        let remedy = found.ok_or_else(|| format!("the last answer offers no {}", way.remedy))?;
        let commands: Vec<&str> =
            remedy["commands"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if commands.is_empty() {
            return Err(format!("{} prints no commands", way.remedy));
        }
        let mut shell = self.places[number].0.cluster().shell(&commands.join("\n"));
        for (name, value) in &way.with {
            shell.env(name, value.as_str().unwrap_or_default());
        }
        self.left = remedy["leaves"].as_array().cloned().unwrap_or_default();
        process::must(&mut shell).map(|_| ())
    }
}

/// The runners of a runner set, NAMESPACE/NAME. Their pods and their entries at GitHub have the same name.
fn runners(look: &Look, set: &str) -> Vec<Id> {
    let (namespace, name) = set.split_once('/').unwrap_or(("", set));
    let is_of_set = |runner: &&Value| {
        runner["metadata"]["namespace"] == namespace && runner["metadata"]["labels"][SET_NAME] == name
    };
    look.of_kind("EphemeralRunner").filter(is_of_set).map(Id::of).collect()
}
