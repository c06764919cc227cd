//! The base environments: templates whose lines say for which version or variant they hold.
//!
//! `# only 0.9.0..0.14.2, kube-mode` at the end of a line keeps it, with what is indented below it, for these versions
//! of ARC and for parts that were given `kube-mode: true`; after `---` it speaks of the whole document.

use crate::case;
use crate::case::Case;
use crate::cluster::Cluster;
use crate::names;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;

type Values = Map<String, Value>;

/// What holds for a part unless it is told otherwise.
const DEFAULTS: [(&str, &str); 5] = [
    ("group", "default"),
    ("runner", "2.329.0"),
    ("controller-namespace", "arc-systems"),
    ("controller-release", "arc"),
    ("watches", "arc-runners"),
];

/// What a case may say of a part beside its variants.
const VALUES: [&str; 17] = [
    "controller-namespace",
    "controller-release",
    "each",
    "ers",
    "group",
    "id",
    "listener",
    "name",
    "namespace",
    "org",
    "release",
    "runner",
    "secret",
    "template",
    "url",
    "version",
    "watches",
];

/// The variants that templates know.
const VARIANTS: [&str; 11] = [
    "argocd",
    "eventual",
    "flux",
    "kube-mode",
    "legacy-kind",
    "own-group",
    "own-secret",
    "own-service-account",
    "repo",
    "runners",
    "single-namespace",
];

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Environment {
    parts: BTreeMap<String, Values>,
}

fn template(name: &str) -> Result<String, String> {
    fs::read_to_string(case::folder().join(format!("base/{name}.yaml")))
        .map_err(|_| format!("there is no base/{name}.yaml"))
}

/// The cluster that a case starts from.
pub fn cluster(case: &Case) -> Result<Cluster, String> {
    let text = template(&case.base)?;
    let mut environment: Environment =
        serde_saphyr::from_str(&text).map_err(|error| format!("base/{}.yaml: {error}", case.base))?;
    for (name, differs) in &case.parts {
        let Some(differs) = differs else {
            environment.parts.remove(name).ok_or_else(|| format!("the base has no part {name:?}"))?;
            continue;
        };
        let is_new = differs.contains_key("template");
        let part = match environment.parts.get_mut(name) {
            Some(part) => part,
            None if is_new => environment.parts.entry(name.clone()).or_default(),
            None => return Err(format!("the base has no part {name:?}")),
        };
        for (key, value) in differs {
            if !VARIANTS.contains(&key.as_str()) && !VALUES.contains(&key.as_str()) {
                return Err(format!("part {name:?}: no template knows {key:?}"));
            }
            part.insert(key.clone(), value.clone());
        }
    }
    let mut cluster = Cluster::default();
    for (name, part) in environment.parts {
        expand(&mut cluster, part, &case.arc).map_err(|problem| format!("part {name:?}: {problem}"))?;
    }
    Ok(cluster)
}

fn expand(cluster: &mut Cluster, mut part: Values, version: &str) -> Result<(), String> {
    part.entry("version").or_insert_with(|| version.into());
    for (key, value) in DEFAULTS {
        part.entry(key).or_insert_with(|| value.into());
    }
    names::derive(&mut part)?;
    let name = part.get("template").and_then(Value::as_str).ok_or("it has no template")?.to_owned();
    let text = template(&name)?;
    for values in part.get("each").and_then(Value::as_array).unwrap_or(&vec![Value::Object(Map::new())]) {
        let mut each = part.clone();
        each.extend(values.as_object().cloned().unwrap_or_default());
        add(cluster, &name, &text, &each)?;
    }
    let Ok(text) = template(&format!("{name}-runner")) else { return Ok(()) };
    let default = vec![Value::from("h58bd"), Value::from("x2q9z")];
    let runners = part.get("runners").and_then(Value::as_array).unwrap_or(&default);
    for (number, suffix) in runners.iter().enumerate() {
        let suffix = suffix.as_str().ok_or("runners are told by the end of their names")?;
        let mut each = part.clone();
        let ers = part.get("ers").and_then(Value::as_str).unwrap_or_default();
        let id = part.get("id").and_then(Value::as_u64).unwrap_or_default() * 100 + number as u64;
        let infix = if name == "set" { "-runner" } else { "" };
        each.insert("runner-name".to_owned(), format!("{ers}{infix}-{suffix}").into());
        each.insert("runner-id".to_owned(), id.into());
        add(cluster, &format!("{name}-runner"), &text, &each)?;
    }
    Ok(())
}

fn add(cluster: &mut Cluster, name: &str, text: &str, values: &Values) -> Result<(), String> {
    for object in objects(name, text, values).map_err(|problem| format!("base/{name}.yaml: {problem}"))? {
        // A namespace is told by every part that lies in it.
        cluster.add_once(object);
    }
    Ok(())
}

/// The objects of a template. The same come in case after case, and are read once.
fn objects(name: &str, text: &str, values: &Values) -> Result<Vec<Value>, String> {
    static KNOWN: Mutex<BTreeMap<(String, String), Vec<Value>>> = Mutex::new(BTreeMap::new());
    let key = (name.to_owned(), Value::Object(values.clone()).to_string());
    if let Some(known) = KNOWN.lock().expect("nobody panicked").get(&key) {
        return Ok(known.clone());
    }
    let read =
        |document: &String| serde_saphyr::from_str(document).map_err(|error| format!("{error}\n{document}"));
    let objects: Vec<Value> = documents(text, values)?.iter().map(read).collect::<Result<_, _>>()?;
    KNOWN.lock().expect("nobody panicked").insert(key, objects.clone());
    Ok(objects)
}

/// What of a template is left out at the moment.
enum Skip {
    No,
    Document,
    /// The block under a line of this indentation; a list may lie below its key without any more.
    Block {
        indent: usize,
        is_key: bool,
    },
}

/// The documents of a template that hold for these values, filled in.
fn documents(text: &str, values: &Values) -> Result<Vec<String>, String> {
    let mut documents = vec![String::new()];
    let mut skip = Skip::No;
    for line in text.lines() {
        let (content, condition) = line.split_once(" # only ").unwrap_or((line, ""));
        let trimmed = content.trim_start();
        let is_item = trimmed.starts_with("- ");
        let depth = content.len() - trimmed.len();
        let holds = condition.is_empty() || holds(condition, values)?;
        if content == "---" {
            documents.push(String::new());
            skip = if holds { Skip::No } else { Skip::Document };
            continue;
        }
        let is_skipped = match skip {
            Skip::No => false,
            Skip::Document => true,
            Skip::Block { indent, is_key } => depth > indent || (is_key && is_item && depth == indent),
        };
        if is_skipped {
            continue;
        }
        skip = if holds { Skip::No } else { Skip::Block { indent: depth, is_key: !is_item } };
        if holds {
            let document = documents.last_mut().expect("there is one");
            document.push_str(&filled(content, values)?);
            document.push('\n');
        }
    }
    documents.retain(|document| document.lines().any(|line| !line.starts_with('#')));
    Ok(documents)
}

/// `0.9.0..`, `..0.8.3`, `0.9.0..0.14.2`, `kube-mode`, `not kube-mode`; all of them, between commas.
fn holds(condition: &str, values: &Values) -> Result<bool, String> {
    for part in condition.split(", ") {
        let holds = if let Some((since, until)) = part.split_once("..") {
            let told = values.get("version").and_then(Value::as_str).unwrap_or_default();
            let number = |text: &str| names::version(text).ok_or_else(|| format!("{text:?} is no version"));
            let version = number(told)?;
            (since.is_empty() || version >= number(since)?) && (until.is_empty() || version <= number(until)?)
        } else {
            let (name, wanted) = part.strip_prefix("not ").map_or((part, true), |name| (name, false));
            if !VARIANTS.contains(&name) {
                return Err(format!("there is no variant {name:?}"));
            }
            let has = values.get(name).is_some_and(|value| *value != Value::Bool(false));
            has == wanted
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn filled(line: &str, values: &Values) -> Result<String, String> {
    let mut done = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let (key, after) = after.split_once("}}").ok_or_else(|| format!("no end of {{{{ in {line:?}"))?;
        done.push_str(before);
        match values.get(key) {
            Some(Value::String(text)) => done.push_str(text),
            Some(value @ Value::Number(_)) => done.push_str(&value.to_string()),
            _ => return Err(format!("nothing tells {key:?}")),
        }
        rest = after;
    }
    Ok(done + rest)
}

/// The head of the file.
pub fn snapshot() -> Result<Value, String> {
    serde_saphyr::from_str(&template("snapshot")?).map_err(|error| format!("base/snapshot.yaml: {error}"))
}
