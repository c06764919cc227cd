//! The words of a scenario file. docs/testing.md explains them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use crate::Outcome;

/// Stands for the address of the stand-in for GitHub.
const GITHUB: &str = "${github}";
/// Words that begin like this are planted where secrets are, and must not be seen again.
const CANARY: &str = "canary-";

#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub clusters: Clusters,
    pub neighbour: Option<Neighbour>,
    pub steps: Vec<Step>,
    /// What was planted and may not be in any snapshot or answer.
    pub canaries: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Clusters {
    /// One that several scenarios use at once. The controller runs there.
    Shared,
    /// An empty one of its own.
    Own,
    /// Two empty ones, `first` and `second`, and one GitHub.
    Two,
}

/// A runner set that is none of the trouble's business.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// NAMESPACE/NAME
    pub set: String,
    /// What `why` says about it at every `ask`; `clear` unless the trouble is its trouble, too.
    #[serde(default = "clear")]
    pub verdict: String,
}

fn clear() -> String {
    "clear".to_owned()
}

#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands: `FILE, step 3 (ask)`.
    pub at: String,
    pub second: bool,
    pub verb: Verb,
}

#[derive(Clone, Debug)]
pub enum Verb {
    Install(Install),
    Run(String),
    Github(Github),
    ArgocdSync(Sync),
    ArgocdDelete(String),
    FluxApply(Sync),
    FluxPrune(String),
    Wait(Wait),
    Ask(Box<Ask>),
    CarryOut(CarryOut),
    Unblock(Unblock),
}

const VERBS: &str =
    "install, run, github, argocd-sync, argocd-delete, flux-apply, flux-prune, wait, ask, carry-out, unblock";

/// One of ARC's own charts, installed by Helm.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Install {
    pub chart: Chart,
    pub release: String,
    pub namespace: String,
    /// The version of the chart, and with it of the controller.
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub values: Value,
    /// False: do not wait until it runs.
    #[serde(default = "yes")]
    pub wait: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Chart {
    Controller,
    RunnerSet,
}

/// What happens at GitHub.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Github {
    /// Replaces the rules by which it refuses.
    pub behaviour: Option<Value>,
    /// A job starts on a runner of this runner set, NAMESPACE/NAME.
    pub busy: Option<String>,
    /// The jobs on the runners of this runner set end, and with them the runners.
    pub finished: Option<String>,
    /// Somebody removes the scale set of this name.
    pub forget: Option<String>,
    /// It knows the scale sets of these names with their runners, what the way out that was carried out said would
    /// be left, and nothing else.
    pub holds: Option<Vec<String>>,
}

/// What a delivery tool applies as one application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    pub application: String,
    pub charts: Vec<Install>,
    /// Only objects of these kinds; all if there are none.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The sync waves of some kinds; 0 is the one of all others.
    #[serde(default)]
    pub waves: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wait {
    /// Something is being deleted, and for so many seconds nothing moved.
    pub stuck: Option<u64>,
    /// The runner set NAMESPACE/NAME has its listener and its runners.
    pub running: Option<String>,
    /// These are there: `KIND NAMESPACE/NAME`, `KIND NAME`; `*` at the end stands for anything.
    pub there: Vec<String>,
    pub gone: Vec<String>,
    /// This line of shell prints something.
    pub prints: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The arguments of `kubectl arc why`.
    pub why: String,
    pub verdict: String,
    /// The first root.
    pub root: Option<Root>,
    /// The gentlest way out; `A or B` where it depends on who was faster.
    pub remedy: Option<Remedy>,
    /// The classes of what is ahead of young deletions.
    #[serde(default)]
    pub ahead: Vec<String>,
    /// The classes of the notices.
    #[serde(default)]
    pub notices: Vec<String>,
    /// The cluster's own clock instead of one that is ahead: waits until that is old enough, too.
    #[serde(default)]
    pub patiently: bool,
    /// How many minutes the clock is ahead, where three are too few.
    #[serde(default)]
    pub later: Option<i64>,
    /// So many requests the answer takes.
    #[serde(default)]
    pub requests: Option<usize>,
    /// Something is made and deleted again and again: live and from the snapshot the answer need not be the same in
    /// every byte, but the expected one.
    #[serde(default)]
    pub restless: bool,
    /// Asked by somebody who has the documented role in these namespaces, and no right elsewhere.
    #[serde(default, rename = "may-see")]
    pub may_see: Vec<String>,
    /// `proven` or `likely`: how sure the first root is.
    #[serde(default)]
    pub certainty: Option<String>,
    /// The kinds that the answer says were not seen.
    #[serde(default)]
    pub gaps: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    pub class: String,
    /// `KIND NAMESPACE/NAME`
    pub object: String,
    #[serde(default)]
    pub members: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    pub id: String,
    pub loss: String,
}

/// The commands that the last answer printed are run as they stand: those of a remedy, or of the `gentlest`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryOut {
    pub remedy: String,
    /// What only the user has.
    #[serde(default)]
    pub with: Map<String, Value>,
}

/// `kubectl arc unblock` plans these steps, carries them out, and ends with nothing blocked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unblock {
    /// Its arguments, without flags.
    pub args: String,
    #[serde(default = "nothing")]
    pub accept_loss: String,
    /// The ids of the ways out, in order.
    pub steps: Vec<String>,
    /// False: something stays blocked, and the exit code says so.
    #[serde(default = "yes")]
    pub frees: bool,
    /// Done by a person at a terminal, and not with `--yes`.
    #[serde(default)]
    pub by_keys: bool,
    /// Its film is docs/images/NAME.svg, made anew with `UPDATE_DOCS`.
    pub film: Option<String>,
    /// The server says no, in words with these among them, and nothing is done.
    #[serde(default)]
    pub refused: Option<String>,
}

fn nothing() -> String {
    "none".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code, reason = "for people")]
    story: String,
    cluster: Clusters,
    neighbour: Option<Neighbour>,
    steps: Vec<Map<String, Value>>,
}

/// The files, by name.
pub fn files() -> Outcome<Vec<(String, String)>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/box/scenarios"].iter().collect();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push((name, text));
    }
    found.sort();
    Ok(found)
}

/// Reads a file; `github` is the address of the stand-in.
pub fn read(name: &str, text: &str, github: &str) -> Outcome<Scenario> {
    let text = text.replace(GITHUB, github);
    let file: File = serde_saphyr::from_str(&text).map_err(|error| format!("{name}.yaml: {error}"))?;
    let steps: Outcome<Vec<Step>> =
        file.steps.into_iter().enumerate().map(|(number, step)| read_step(name, number + 1, step)).collect();
    let steps = steps?;
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    let canaries: Vec<String> =
        words.filter_map(|word| word.find(CANARY).map(|at| word[at..].to_owned())).collect();
    if canaries.is_empty() && file.cluster != Clusters::Shared {
        return Err(format!(
            "{name}.yaml: no secret begins with {CANARY}, so that none could be seen to leak"
        ));
    }
    Ok(Scenario { name: name.to_owned(), clusters: file.cluster, neighbour: file.neighbour, steps, canaries })
}

fn read_step(name: &str, number: usize, mut step: Map<String, Value>) -> Outcome<Step> {
    let on = step.remove("on");
    let at = format!("{name}.yaml, step {number}");
    let second = match on.as_ref().map(|on| on.as_str()) {
        None | Some(Some("first")) => false,
        Some(Some("second")) => true,
        Some(_) => return Err(format!("{at}: on: first or second")),
    };
    let mut words = step.into_iter();
    let (Some((verb, value)), None) = (words.next(), words.next()) else {
        return Err(format!("{at}: a step is one verb: {VERBS}"));
    };
    let at = format!("{at} ({verb})");
    let verb = match verb.as_str() {
        "install" => Verb::Install(of(&at, value)?),
        "run" => Verb::Run(of(&at, value)?),
        "github" => Verb::Github(of(&at, value)?),
        "argocd-sync" => Verb::ArgocdSync(of(&at, value)?),
        "argocd-delete" => Verb::ArgocdDelete(of(&at, value)?),
        "flux-apply" => Verb::FluxApply(of(&at, value)?),
        "flux-prune" => Verb::FluxPrune(of(&at, value)?),
        "wait" => Verb::Wait(of(&at, value)?),
        "ask" => Verb::Ask(Box::new(asked(&at, of(&at, value)?)?)),
        "carry-out" => Verb::CarryOut(of(&at, value)?),
        "unblock" => Verb::Unblock(of(&at, value)?),
        _ => return Err(format!("{at}: no such verb; there are {VERBS}")),
    };
    Ok(Step { at, second, verb })
}

fn of<T: DeserializeOwned>(at: &str, value: Value) -> Outcome<T> {
    serde_json::from_value(value).map_err(|error| format!("{at}: {error}"))
}

/// An `ask` that could not fail is none.
fn asked(at: &str, ask: Ask) -> Outcome<Ask> {
    if exit_code(&ask.verdict).is_none() {
        return Err(format!("{at}: no such verdict as {}", ask.verdict));
    }
    match (ask.verdict == "blocked", ask.root.is_some() && ask.remedy.is_some()) {
        (true, false) => Err(format!("{at}: what is blocked has a root and a remedy")),
        (false, _) if ask.root.is_some() || ask.remedy.is_some() => {
            Err(format!("{at}: only what is blocked has a root and a remedy"))
        }
        _ => Ok(ask),
    }
}

/// Scenarios that share a cluster have namespaces of their own there: no two of them install into one.
pub fn keeps_to_itself() -> Outcome<()> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in files()? {
        let scenario = read(&name, &text, "http://github.invalid")?;
        let installs = scenario.steps.iter().flat_map(|step| match &step.verb {
            Verb::Install(install) => std::slice::from_ref(install),
            Verb::ArgocdSync(sync) | Verb::FluxApply(sync) => sync.charts.as_slice(),
            _ => &[],
        });
        for install in installs.filter(|_| scenario.clusters == Clusters::Shared) {
            let other = taken.entry(install.namespace.clone()).or_insert_with(|| name.clone());
            if *other != name {
                return Err(format!("{name}.yaml and {other}.yaml both install into {}", install.namespace));
            }
        }
    }
    Ok(())
}

/// The exit code that goes with a verdict.
pub fn exit_code(verdict: &str) -> Option<i32> {
    match verdict {
        "clear" | "waiting" => Some(0),
        "blocked" => Some(1),
        "unknown" => Some(3),
        _ => None,
    }
}

/// What is wrong in a file is said with its place.
pub fn says_where_it_is_wrong() -> Outcome<()> {
    let head = "story: x\ncluster: own\nneighbour: null\nsteps:\n- run: echo canary-1\n";
    let cases = [
        ("- jump: high", "x.yaml, step 2 (jump): no such verb; there are install,"),
        ("- run: a\n  ask: b", "x.yaml, step 2: a step is one verb"),
        ("- wait: {stack: 5}", "x.yaml, step 2 (wait): unknown field `stack`"),
        ("- ask: {why: '-A', verdict: good}", "x.yaml, step 2 (ask): no such verdict as good"),
        ("- ask: {why: '-A', verdict: blocked}", "x.yaml, step 2 (ask): what is blocked has a root"),
        ("- run: a\n  on: third", "x.yaml, step 2: on: first or second"),
        ("moral: y", "x.yaml: "),
    ];
    for (step, expected) in cases {
        match read("x", &format!("{head}{step}\n"), "") {
            Err(error) if error.starts_with(expected) => {}
            other => return Err(format!("{step}: {other:?}")),
        }
    }
    match read("x", head, "") {
        Ok(scenario) if scenario.canaries == ["canary-1"] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
