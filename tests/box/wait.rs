//! Waiting until something is so.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use crate::Outcome;
use crate::api::Api;
use crate::ask;
use crate::cluster::Cluster;
use crate::look::Id;
use crate::look::Look;
use crate::look::SET_NAME;
use crate::process;
use crate::scenario::Wait;

/// Longer than anything takes that is not stuck. The slowest is ARC's controller, whose pauses between two attempts grow with
/// the time that it has been failing: what held it up for five minutes on a busy machine may take it five more to notice.
const WITHIN: Duration = Duration::from_secs(600);
const TICK: Duration = Duration::from_millis(400);

/// Where a scenario looks.
pub struct Scope<'a> {
    pub cluster: &'a Cluster,
    pub api: &'a Api,
    /// None: everywhere.
    pub namespaces: Option<&'a [String]>,
}

impl Scope<'_> {
    /// What of this is the scenario's.
    pub fn own(&self, look: Look) -> Look {
        match self.namespaces {
            Some(namespaces) => look.within(namespaces),
            None => look,
        }
    }
}

pub fn until(scope: &Scope<'_>, wait: &Wait) -> Outcome<()> {
    let begun = Instant::now();
    let mut quiet = Quiet { since: Instant::now(), print: None };
    loop {
        let look = Look::at(scope.api)?;
        let mut missing = not_yet(&look, wait);
        let look = scope.own(look);
        if let Some(seconds) = wait.stuck {
            missing.extend(quiet.missing(&look, Duration::from_secs(seconds)));
        }
        if let Some(line) = &wait.prints {
            let done = process::run(&mut scope.cluster.shell(line))?;
            if done.stdout.trim().is_empty() {
                missing.push(format!("`{line}` prints something; {}", done.stderr.trim()));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        if begun.elapsed() > WITHIN {
            let deleting = look.deleting().join("\n  ");
            return Err(format!(
                "waited {} s in vain until {}\nbeing deleted:\n  {deleting}",
                WITHIN.as_secs(),
                missing.join(", and ")
            ));
        }
        thread::sleep(TICK);
    }
}

/// What is not so yet.
fn not_yet(look: &Look, wait: &Wait) -> Vec<String> {
    let mut missing = Vec::new();
    missing.extend(wait.running.iter().flat_map(|set| not_running(look, set)));
    missing.extend(wait.there.iter().filter(|id| look.find(id).is_none()).map(|id| format!("{id} is there")));
    missing.extend(wait.gone.iter().filter(|id| look.find(id).is_some()).map(|id| format!("{id} is gone")));
    missing
}

/// Nothing changed since.
struct Quiet {
    since: Instant,
    print: Option<std::collections::BTreeMap<String, String>>,
}

impl Quiet {
    fn missing(&mut self, look: &Look, time: Duration) -> Option<String> {
        let print = Some(look.fingerprint());
        if self.print != print {
            *self = Self { since: Instant::now(), print };
        }
        if look.deleting().is_empty() {
            return Some("something is being deleted".to_owned());
        }
        // A pod may take its time to end.
        let now = ask::now();
        let has_grace = |pod: &&Value| {
            let until =
                pod["metadata"]["deletionTimestamp"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
            until.is_some_and(|until| until > now)
        };
        if let Some(pod) = look.of_kind("Pod").find(has_grace) {
            return Some(format!("{} has ended", Id::of(pod)));
        }
        (self.since.elapsed() < time).then(|| format!("nothing moved for {} s", time.as_secs()))
    }
}

/// What a runner set, NAMESPACE/NAME, does not have yet.
pub fn not_running(look: &Look, set: &str) -> Option<String> {
    let (namespace, name) = set.split_once('/').unwrap_or(("", set));
    let Some(found) = look.get("AutoscalingRunnerSet", namespace, name) else {
        return Some(format!("runner set {set} is there"));
    };
    let of_set = |object: &&Value| {
        object["spec"]["autoscalingRunnerSetName"] == name
            && object["spec"]["autoscalingRunnerSetNamespace"] == namespace
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listens = look.of_kind("AutoscalingListener").filter(of_set).any(|listener| {
        let meta = &listener["metadata"];
        let pod = look.get("Pod", &text(&meta["namespace"]), &text(&meta["name"]));
        pod.is_some_and(|pod| pod["status"]["phase"] == "Running")
    });
    if !listens {
        return Some(format!("the listener of runner set {set} runs"));
    }
    let least = found["spec"]["minRunners"].as_u64().unwrap_or_default();
    let is_of_set = |runner: &&Value| {
        runner["metadata"]["namespace"] == namespace && runner["metadata"]["labels"][SET_NAME] == name
    };
    let is_running = |runner: &&Value| {
        runner["status"]["phase"] == "Running" && runner["metadata"]["deletionTimestamp"].is_null()
    };
    // ARC sometimes makes one too many, and may then remove the older one at GitHub before the younger one runs: as
    // long as there is another, the one that runs need not be the one that stays.
    let runners: Vec<&Value> = look.of_kind("EphemeralRunner").filter(is_of_set).collect();
    let (running, all) = (runners.iter().copied().filter(is_running).count(), runners.len());
    (running as u64 != least || all != running)
        .then(|| format!("{least} runners of {set} run, and not {running} of {all}"))
}
