//! A case as it stands in its file.

use crate::base;
use crate::change::Change;
use crate::finish;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Where it stands, for messages: `secret-missing/C004`. The folder is the class it was reported under.
    #[serde(skip)]
    pub name: String,
    /// The reported cases it tells; none for a cluster that nobody had to report.
    #[serde(default, deserialize_with = "one_or_many")]
    pub case: Vec<String>,
    /// Where it was reported.
    pub source: Option<String>,
    pub story: String,
    /// The version of ARC that runs.
    pub arc: String,
    pub base: String,
    /// Values of the base's parts that differ; null leaves a part out.
    #[serde(default)]
    pub parts: BTreeMap<String, Option<Map<String, Value>>>,
    #[serde(default)]
    pub change: Vec<Change>,
    /// What was not read.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// The TARGET and flags of `why`; without any, the whole cluster.
    #[serde(default)]
    pub ask: Vec<String>,
    pub expect: Expect,
    /// Other looks that do not apply.
    #[serde(default, deserialize_with = "one_or_many")]
    pub except: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    pub kind: String,
    /// Without any, everywhere.
    #[serde(default)]
    pub namespaces: Vec<String>,
    pub error: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    #[serde(default, deserialize_with = "one_or_many")]
    pub exit: Vec<i32>,
    pub verdict: Option<String>,
    /// The class of the first root; several if the report leaves it open between them.
    #[serde(default, deserialize_with = "one_or_many")]
    pub class: Vec<String>,
    /// `Kind namespace/name`, `*` for any part of a name; several if each is right.
    #[serde(default, deserialize_with = "one_or_many")]
    pub object: Vec<String>,
    /// The loss of the gentlest remedy.
    #[serde(default, deserialize_with = "one_or_many")]
    pub loss: Vec<String>,
    /// `likely`: it must not be called proven.
    pub certainty: Option<String>,
    /// A notice that must be there.
    pub notice: Option<String>,
    /// The API cannot tell: a root of these classes may be named as likely, or none with exit 3.
    #[serde(default, deserialize_with = "one_or_many")]
    pub undecidable: Vec<String>,
    /// Words of which at least one stands in an undecidable case's answer: where to look.
    #[serde(default, deserialize_with = "one_or_many")]
    pub points_to: Vec<String>,
}

impl Case {
    /// The reported id, or the name of the file.
    pub fn id(&self) -> &str {
        self.name.rsplit_once('/').map_or(self.name.as_str(), |(_, name)| name)
    }

    pub fn folder(&self) -> &str {
        self.name.split_once('/').map_or("", |(folder, _)| folder)
    }

    /// The cluster of the case as the file that `why -f` reads.
    pub fn snapshot(&self) -> Result<String, String> {
        let at = |problem: String| format!("{}.yaml: {problem}", self.name);
        let mut cluster = base::cluster(self).map_err(at)?;
        for (number, change) in self.change.iter().enumerate() {
            change.apply(&mut cluster).map_err(|problem| at(format!("change {}: {problem}", number + 1)))?;
        }
        finish::file(cluster, &self.coverage).map_err(at)
    }
}

pub fn read(path: &str, text: &str) -> Result<Case, String> {
    let mut case: Case = serde_saphyr::from_str(text).map_err(|error| format!("{path}: {error}"))?;
    path.trim_end_matches(".yaml").clone_into(&mut case.name);
    Ok(case)
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Every case, in order of their paths.
pub fn all() -> Vec<Case> {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for class in names(&folder()) {
        let path = folder().join(&class);
        if !path.is_dir() || class == "base" {
            continue;
        }
        for file in names(&path).into_iter().filter(|file| file.ends_with(".yaml")) {
            let text = fs::read_to_string(path.join(&file)).expect("the case can be read");
            match read(&format!("{class}/{file}"), &text) {
                Ok(case) => cases.push(case),
                Err(problem) => problems.push(problem),
            }
        }
    }
    assert!(problems.is_empty(), "cases that cannot be read:\n{}", problems.join("\n"));
    cases
}

/// The reported cases that no cluster can show, with the reason.
pub fn left_out() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("left-out.yaml")).expect("left-out.yaml");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("left-out.yaml: {error}"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read").flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

pub fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
