//! The stand-in for GitHub, and what it still knows at the end.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::api::Api;
use crate::process::Part;

pub struct GitHub {
    _part: Part,
    api: Api,
    pub url: String,
}

impl GitHub {
    pub fn start(bin: &Path) -> Outcome<Self> {
        let part = Part::start(&mut Command::new(bin.join("github")), "")?;
        let url = part.say("url");
        Ok(Self { _part: part, api: Api::at(&url)?, url })
    }

    pub fn state(&self) -> Outcome<Value> {
        Ok(self.api.get("/state")?.unwrap_or_default())
    }

    pub fn behave(&self, rules: &Value) -> Outcome<()> {
        self.api.post("/behaviour", rules)
    }

    /// True if a runner of this name is registered.
    pub fn knows(&self, runner: &str) -> Outcome<bool> {
        let state = self.state()?;
        Ok(state["runners"].as_array().into_iter().flatten().any(|entry| entry["name"] == runner))
    }

    /// A job starts on a runner.
    pub fn busy(&self, runner: &str) -> Outcome<()> {
        self.api.post("/busy", &json!({"runner": runner, "busy": true}))
    }

    /// The job of a runner ends, and with it the runner. False if it has none.
    pub fn finish(&self, runner: &str) -> Outcome<bool> {
        let state = self.state()?;
        let mut runners = state["runners"].as_array().into_iter().flatten();
        if !runners.any(|entry| entry["name"] == runner && entry["busy"] == true) {
            return Ok(false);
        }
        self.api.post("/finish", &json!({"runner": runner})).map(|()| true)
    }

    /// Somebody removes the scale set of this name on GitHub's pages.
    pub fn forget(&self, name: &str) -> Outcome<()> {
        let state = self.state()?;
        let found = state["scaleSets"].as_array().into_iter().flatten().find(|set| set["name"] == name);
        let id = &found.ok_or_else(|| format!("GitHub has no scale set {name}"))?["id"];
        self.api.post("/forget", &json!({"scaleSet": id}))
    }

    /// It lists these scale sets with their runners, what an answer said would be left, and nothing else.
    pub fn holds_only(&self, names: &[String], left: &[Value]) -> Outcome<()> {
        // What is left in the cluster is none of GitHub's.
        let left: Vec<&str> =
            left.iter().filter_map(Value::as_str).filter(|left| left.contains("://")).collect();
        let state = self.state()?;
        let all = |field: &str| state[field].as_array().cloned().unwrap_or_default();
        let is_named = |set: &Value| names.iter().any(|name| set["name"] == name.as_str());
        let (named, others): (Vec<Value>, Vec<Value>) = all("scaleSets").into_iter().partition(is_named);
        if named.len() != names.len() {
            return Err(format!("GitHub does not list {names:?}, but {named:?}"));
        }
        let of_named = |runner: &Value| named.iter().any(|set| set["id"] == runner["runnerScaleSetId"]);
        let mut found: Vec<String> =
            others.iter().map(|set| format!("scale set {} {}", set["id"], set["name"])).collect();
        let strays = all("runners").into_iter().filter(|runner| !of_named(runner));
        found.extend(strays.map(|runner| format!("runner {} {}", runner["id"], runner["name"])));
        let is_told = |entry: &String| left.iter().any(|left| left.contains(entry.as_str()));
        match found.len() == left.len() && found.iter().all(is_told) {
            true => Ok(()),
            false => Err(format!("GitHub still lists {found:?}; the answer said {left:?}")),
        }
    }
}
