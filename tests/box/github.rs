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

    pub fn busy(&self, runner: &str, busy: bool) -> Outcome<()> {
        self.api.post("/busy", &json!({"runner": runner, "busy": busy}))
    }

    pub fn all_idle(&self) -> Outcome<()> {
        let state = self.state()?;
        let busy = |runner: &&Value| runner["busy"] == true;
        for runner in state["runners"].as_array().into_iter().flatten().filter(busy) {
            self.busy(runner["name"].as_str().unwrap_or_default(), false)?;
        }
        Ok(())
    }

    /// Somebody removes the scale set of this name on GitHub's pages.
    pub fn forget(&self, name: &str) -> Outcome<()> {
        let state = self.state()?;
        let found = state["scaleSets"].as_array().into_iter().flatten().find(|set| set["name"] == name);
        let id = &found.ok_or_else(|| format!("GitHub has no scale set {name}"))?["id"];
        self.api.post("/forget", &json!({"scaleSet": id}))
    }

    /// What it still lists, in the words in which `why` says what stays behind: `runner 7 "ci-x"`.
    pub fn holds(&self) -> Outcome<Vec<String>> {
        let state = self.state()?;
        let of = |field: &str, word: &str| -> Vec<String> {
            let all = state[field].as_array().into_iter().flatten();
            all.map(|entry| format!("{word} {} {}", entry["id"], entry["name"])).collect()
        };
        let mut all = of("scaleSets", "scale set");
        all.extend(of("runners", "runner"));
        Ok(all)
    }
}
