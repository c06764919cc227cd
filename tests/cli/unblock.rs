//! What the tests of `unblock` share: a cluster, calls, and what has to be true afterwards.

use crate::api::Api;
use crate::api::World;
use crate::api::Written;
use crate::run::BINARY;
use crate::run::Done;
use crate::run::done;
use crate::run::example;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

pub const PROTECTION: &str = "actions.github.com/cleanup-protection";

/// What the example `cleanup-protection-orphan` holds in the namespace `arc-ml`, in the order of the plan: each goes by
/// one patch that costs nothing, and no controller has to help.
pub const ORPHANS: [(&str, &str); 6] = [
    ("Secret", "ml-gha-rs-github-secret"),
    ("ServiceAccount", "ml-gha-rs-kube-mode"),
    ("Role", "ml-gha-rs-kube-mode"),
    ("Role", "ml-gha-rs-manager"),
    ("RoleBinding", "ml-gha-rs-kube-mode"),
    ("RoleBinding", "ml-gha-rs-manager"),
];

/// The example with these of the orphans alone.
pub fn world_of(orphans: std::ops::Range<usize>) -> World {
    let mut world = World::of_file(example("cleanup-protection-orphan"));
    for (number, (kind, name)) in ORPHANS.iter().enumerate() {
        if !orphans.contains(&number) {
            world.remove(kind, "arc-ml", name);
        }
    }
    world
}

/// A cluster, as it was and as it is, and the journal of the calls.
pub struct Scene {
    pub api: Api,
    pub before: World,
    pub folder: tempfile::TempDir,
}

impl Scene {
    pub fn of(name: &str) -> Self {
        Self::new(World::of_file(example(name)))
    }

    /// Whoever calls has the documented roles, and nothing else.
    pub fn new(world: World) -> Self {
        let world = world.with_roles(&["why.yaml", "unblock.yaml"]);
        let before = world.clone();
        Self { api: Api::of(world), before, folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `kubectl arc unblock` with a journal of the scene, which does not watch what comes of it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.arg("--journal").arg(self.path("journal"));
        command
    }

    /// The same without a word about the journal.
    pub fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = self.api.command(BINARY);
        command.arg("unblock").args(arguments);
        if !arguments.contains(&"--timeout") && !arguments.contains(&"--undo") {
            command.args(["--timeout", "0"]);
        }
        command
    }

    pub fn call(&self, arguments: &[&str]) -> Done {
        done(&mut self.command(arguments), "")
    }

    /// The lines of the journal that are of a kind, oldest first.
    pub fn journal(&self, kind: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("journal")).unwrap_or_default();
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["kind"] == *kind).collect()
    }

    /// `Kind namespace/name` of what is gone, and of what is there and not byte for byte as it was; sorted. Nothing was
    /// made.
    #[track_caller]
    pub fn differences(&self) -> (Vec<String>, Vec<String>) {
        let now = self.api.world().objects;
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        for object in &self.before.objects {
            match now.iter().find(|other| same(other, object)) {
                Some(other) if other == object => {}
                Some(_) => changed.push(name(object)),
                None => gone.push(name(object)),
            }
        }
        assert_eq!(now.len() + gone.len(), self.before.objects.len(), "nothing was made");
        gone.sort();
        changed.sort();
        (gone, changed)
    }

    /// What is gone, where nothing else may have changed.
    #[track_caller]
    pub fn gone(&self) -> Vec<String> {
        let (gone, changed) = self.differences();
        assert_eq!(changed, [""; 0]);
        gone
    }

    /// The pods whose deletion was asked for end, as on a node that works.
    pub fn end_pods(&self) {
        let ends =
            |object: &Value| object["kind"] == "Pod" && object["metadata"]["deletionTimestamp"].is_string();
        self.api.change(|world| world.objects.retain(|object| !ends(object)));
    }

    #[track_caller]
    pub fn assert_untouched(&self) {
        assert_eq!(self.api.written(), []);
        assert_eq!(self.gone(), [""; 0]);
    }

    /// Every request that was sent for good was tried out right before, to the letter.
    #[track_caller]
    pub fn assert_tried_first(&self) {
        let writes: Vec<_> = self.api.asked().into_iter().filter(crate::api::Asked::is_write).collect();
        for pair in writes.chunks(2) {
            let [trial, write] = pair else {
                panic!("a write without a trial, or the other way round: {pair:?}")
            };
            assert!(trial.is_dry() && !write.is_dry(), "{pair:?}");
            assert_eq!((&trial.method, &trial.path), (&write.method, &write.path));
            let body = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            let (mut tried, sent) = (body(&trial.body), body(&write.body));
            if let Some(options) = tried.as_object_mut() {
                options.remove("dryRun");
            }
            assert_eq!(tried, sent);
        }
    }

    /// The journal tells of every write that happened, in order, what was sent and that it was answered.
    #[track_caller]
    pub fn assert_journalled(&self) {
        let (intents, answers) = (self.journal("Intent"), self.journal("Answer"));
        let written = self.api.written();
        assert_eq!((intents.len(), answers.len()), (written.len(), written.len()));
        for ((intent, answer), written) in intents.iter().zip(&answers).zip(&written) {
            assert_eq!(intent["write"], answer["write"]);
            assert_eq!(intent["request"]["body"], written.body);
            assert_eq!(called(written), name_of(&intent["object"]));
            assert!(["changed", "gone", "made"].contains(&answer["outcome"].as_str().unwrap()), "{answer}");
        }
    }
}

fn same(one: &Value, other: &Value) -> bool {
    let of = |object: &Value, key: &str| object["metadata"][key].clone();
    name(one) == name(other) && of(one, "uid") == of(other, "uid")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `Kind namespace/name`.
pub fn name(object: &Value) -> String {
    let metadata = &object["metadata"];
    format!("{} {}/{}", text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

/// The same of an object that a plan or a journal names.
pub fn name_of(named: &Value) -> String {
    format!("{} {}/{}", text(&named["kind"]), text(&named["namespace"]), text(&named["name"]))
}

/// The same of an object that was written to.
pub fn called(written: &Written) -> String {
    format!("{} {}/{}", written.kind, written.namespace, written.name)
}
