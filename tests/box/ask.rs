//! Asking `kubectl arc why` on the live cluster and on its snapshot, and looking at the answers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

use crate::Outcome;
use crate::cluster::Cluster;
use crate::look::Id;
use crate::look::Look;
use crate::people;
use crate::people::Person;
use crate::process;
use crate::process::Done;
use crate::scenario::Ask;
use crate::scenario::Neighbour;
use crate::scenario::exit_code;

const BINARY: &str = env!("CARGO_BIN_EXE_kubectl-arc");
/// So much later than it is the API server's clock is made to say: a deletion is not young then. Not more, because what
/// really goes on does not know: a listener's last line is as old, and would seem to be its last word.
const LATER: SignedDuration = SignedDuration::from_mins(3);
/// What is older than this is not young any more; a little more than two minutes.
const OLD: SignedDuration = SignedDuration::from_secs(125);
/// A cluster that changes while it is asked is asked again.
const TRIES: usize = 20;
/// Where to put the snapshots, and what the reader is told, if they are wanted.
const SAVE: &str = "BOX_SAVE";

pub struct Asker<'a> {
    pub cluster: &'a Cluster,
    pub canaries: &'a [String],
    pub name: &'a str,
}

impl Asker<'_> {
    /// Asks, sees that the snapshot gives the same answer, and that it is the expected one.
    pub fn ask(&self, ask: &Ask) -> Outcome<Value> {
        let ahead = ask.later.map_or(LATER, SignedDuration::from_mins);
        let time = if ask.patiently { now() } else { now() + ahead };
        let time = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let person = if ask.may_see.is_empty() { Person::Admin } else { Person::Guest(self.name) };
        if person != Person::Admin {
            people::invite(self.cluster, person, &ask.may_see)?;
        }
        let (_later, later) = self.cluster.later(&time, person)?;
        let kubeconfig = if ask.patiently { &self.cluster.kubeconfig } else { &later };
        let words: Vec<&str> = ask.why.split_whitespace().collect();
        let (answer, file) = self.answers(kubeconfig, &words, ask)?;
        self.hides_secrets(&answer, &file)?;
        if person == Person::Admin {
            self.save(&file, &words)?;
        }
        let context = |error: String| format!("why {}: {error}\n{}", ask.why, answer.text);
        expect(ask, &answer).map_err(context)?;
        if let Some(expected) = ask.requests {
            takes(kubeconfig, &words, expected)?;
        }
        if person == Person::Admin && !ask.patiently {
            self.reader(&time, kubeconfig, &words, ask.restless)?;
        }
        Ok(answer.json)
    }

    /// The user with the documented role is told the same, and refused nothing.
    fn reader(&self, time: &str, admin: &Path, words: &[&str], restless: bool) -> Outcome<()> {
        let (_later, reader) = self.cluster.later(time, Person::Reader)?;
        for _ in 0..TRIES {
            let answer = Answer::of(admin, words, None)?;
            if people::reads_alike(&reader, words, &answer.json)?.is_some() || restless {
                return self.save_answer(&reader, words);
            }
        }
        let (admin, reader) = (Answer::of(admin, words, None)?, Answer::of(&reader, words, None)?);
        Err(format!("the reader is told something else:\n{}\nand the admin:\n{}", reader.text, admin.text))
    }

    /// The live answer, if the snapshot's is the same.
    fn answers(&self, kubeconfig: &Path, words: &[&str], ask: &Ask) -> Outcome<(Answer, PathBuf)> {
        let mut before = self.snapshot(kubeconfig, words, "before")?;
        for _ in 0..TRIES {
            let live = Answer::of(kubeconfig, words, None)?;
            let after = self.snapshot(kubeconfig, words, "after")?;
            let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| error.to_string());
            let filed = Answer::of(kubeconfig, words, Some(&after))?;
            // What changed may bear on nothing: in a shared controller's log are the others' lines, too.
            match live.equals(&filed, ask.patiently) {
                Ok(()) => return Ok((live, after)),
                Err(error) if ask.patiently || read(&before)? == read(&after)? => return Err(error),
                Err(_) => {}
            }
            if ask.restless {
                expect(ask, &filed).map_err(|error| format!("from the snapshot: {error}\n{}", filed.text))?;
                return Ok((live, after));
            }
            before = self.snapshot(kubeconfig, words, "before")?;
        }
        Err("the cluster does not come to rest".to_owned())
    }

    fn snapshot(&self, kubeconfig: &Path, words: &[&str], name: &str) -> Outcome<PathBuf> {
        let path = self.cluster.folder.path().join(format!("{}-{name}.yaml", self.name));
        let file = path.to_string_lossy();
        std::fs::remove_file(&path).ok();
        process::must(arc(kubeconfig).arg("snapshot").args(words).args(["-o", &file]))?;
        Ok(path)
    }

    fn hides_secrets(&self, answer: &Answer, file: &Path) -> Outcome<()> {
        let file = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let places = [("the snapshot", &file), ("the text", &answer.text), ("the JSON", &answer.raw)];
        for (place, text) in places {
            if let Some(canary) = self.canaries.iter().find(|canary| text.contains(canary.as_str())) {
                return Err(format!("{canary} is in {place}"));
            }
        }
        Ok(())
    }

    /// Keeps the snapshot where the tester wants it.
    fn save(&self, file: &Path, words: &[&str]) -> Outcome<()> {
        let Some(copy) = self.saved(words, "yaml")? else { return Ok(()) };
        std::fs::copy(file, &copy).map(|_| ()).map_err(|error| format!("{}: {error}", copy.display()))
    }

    /// The same with what the reader is told.
    fn save_answer(&self, reader: &Path, words: &[&str]) -> Outcome<()> {
        let Some(file) = self.saved(words, "txt")? else { return Ok(()) };
        let text = process::run(arc(reader).arg("why").args(words))?.stdout;
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn saved(&self, words: &[&str], end: &str) -> Outcome<Option<PathBuf>> {
        let Some(folder) = std::env::var_os(SAVE).map(PathBuf::from) else { return Ok(None) };
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let question = words.join("_").replace('/', "-");
        Ok(Some(folder.join(format!("{}_{question}.{end}", self.name))))
    }

    /// A clock that is ahead gives the same answer as waiting did.
    pub fn same_as_shifted(&self, ask: &Ask, waited: &Value) -> Outcome<()> {
        let shifted = self.ask(&Ask { patiently: false, ..ask.clone() })?;
        let timeless = |answer: &Value| {
            let mut answer = answer.clone();
            answer["capturedAt"] = Value::Null;
            answer
        };
        match timeless(&shifted) == timeless(waited) {
            true => Ok(()),
            false => Err(format!("having waited:\n{waited:#}\nby a clock that is ahead:\n{shifted:#}")),
        }
    }

    /// The neighbour is none of it: asked about itself it says so, and no answer names what is its own.
    pub fn neighbour(
        &self,
        neighbour: &Neighbour,
        own: &BTreeMap<Id, String>,
        answer: &Value,
    ) -> Outcome<()> {
        let (namespace, name) = neighbour.set.split_once('/').unwrap_or_default();
        let time = (now() + LATER).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (_later, later) = self.cluster.later(&time, Person::Admin)?;
        let about = Answer::of(&later, &["-n", namespace, name], None)?;
        if about.json["summary"]["verdict"] != neighbour.verdict.as_str() {
            return Err(format!("the neighbour is not {}:\n{}", neighbour.verdict, about.text));
        }
        let blamed = |answer: &Value, fields: &[&str]| -> Option<Id> {
            let objects = answer["roots"].as_array().into_iter().flatten().flat_map(|root| {
                let of = |field: &&str| match &root[*field] {
                    Value::Array(all) => all.clone(),
                    one => vec![one.clone()],
                };
                fields.iter().flat_map(of).collect::<Vec<_>>()
            });
            objects.map(|object| Id::of(&object)).find(|id| own.contains_key(id))
        };
        let found =
            blamed(&about.json, &["object", "members"]).or_else(|| blamed(answer, &["object", "members"]));
        let found = found.or_else(|| {
            let is_clear = neighbour.verdict == "clear";
            is_clear.then(|| blamed(answer, &["blocks"])).flatten()
        });
        found.map_or(Ok(()), |id| Err(format!("{id} is the neighbour's, and was blamed")))
    }
}

/// What `why` said.
struct Answer {
    json: Value,
    raw: String,
    text: String,
    code: Option<i32>,
}

impl Answer {
    fn of(kubeconfig: &Path, words: &[&str], file: Option<&Path>) -> Outcome<Self> {
        let ask = |output: &str| -> Outcome<Done> {
            let mut command = arc(kubeconfig);
            command.arg("why").args(words).args(["-o", output]);
            if output == "text" {
                command.arg("-v");
            }
            if let Some(file) = file {
                command.arg("-f").arg(file);
            }
            process::run(&mut command)
        };
        let (raw, text) = (ask("json")?, ask("text")?);
        let json = serde_json::from_str(&raw.stdout)
            .map_err(|error| format!("why {words:?}: {error}\n{}{}", raw.stdout, raw.stderr))?;
        if raw.code != text.code {
            return Err(format!("why {words:?}: {:?} as JSON, {:?} as text", raw.code, text.code));
        }
        Ok(Self { json, raw: raw.stdout, text: text.stdout, code: raw.code })
    }

    /// The same but for the words that say where it was read; and if time went on meanwhile, but for that.
    fn equals(&self, filed: &Self, ticking: bool) -> Outcome<()> {
        let both = |live: &str, filed: &str| Err(format!("live:\n{live}\nfrom the snapshot:\n{filed}"));
        if self.code != filed.code {
            return both(&format!("exit code {:?}", self.code), &format!("exit code {:?}", filed.code));
        }
        let without = |answer: &Self, field: &str| {
            let mut json = answer.json.clone();
            json[field] = Value::Null;
            json
        };
        if ticking {
            let timeless = |answer: &Self| {
                let mut json = without(answer, "source");
                json["capturedAt"] = Value::Null;
                json
            };
            return match timeless(self) == timeless(filed) {
                true => Ok(()),
                false => both(&self.raw, &filed.raw),
            };
        }
        // Byte for byte: the text that the source stands in is replaced by the other's.
        let source = |answer: &Self| {
            let start = answer.raw.find("\"source\"").unwrap_or_default();
            let end = answer.raw[start..].find('}').map_or(start, |end| start + end);
            (answer.raw[..start].to_owned(), answer.raw[end..].to_owned())
        };
        if source(self) != source(filed) {
            return both(&self.raw, &filed.raw);
        }
        match self.text.replace("UTC (cluster,", "UTC (file,") == filed.text {
            true => Ok(()),
            false => both(&self.text, &filed.text),
        }
    }
}

fn expect(ask: &Ask, answer: &Answer) -> Outcome<()> {
    let json = &answer.json;
    same("verdict", &ask.verdict, json["summary"]["verdict"].as_str().unwrap_or_default())?;
    if answer.code != exit_code(&ask.verdict) {
        return Err(format!("exit code {:?}", answer.code));
    }
    let first = &json["roots"][0];
    if let Some(certainty) = &ask.certainty {
        same("certainty", certainty, first["certainty"].as_str().unwrap_or_default())?;
    }
    let unread = |gap: &Value| gap["kind"].as_str().unwrap_or_default().to_owned();
    let gaps: BTreeSet<String> = json["gaps"].as_array().into_iter().flatten().map(unread).collect();
    let expected: BTreeSet<String> = ask.gaps.iter().cloned().collect();
    if !ask.may_see.is_empty() && gaps != expected {
        return Err(format!("the gaps are {gaps:?}, and not {expected:?}"));
    }
    if let Some(root) = &ask.root {
        same("class", &root.class, first["class"].as_str().unwrap_or_default())?;
        let object = Id::of(&first["object"]);
        if !object.is(&root.object) {
            return Err(format!("the root is {object}, and not {}", root.object));
        }
        let members: Vec<Id> = first["members"].as_array().into_iter().flatten().map(Id::of).collect();
        if let Some(lost) = root.members.iter().find(|written| !members.iter().any(|id| id.is(written))) {
            return Err(format!("{lost} is no member"));
        }
    }
    if let Some(remedy) = &ask.remedy {
        let gentlest = &first["remedies"][0];
        let id = gentlest["id"].as_str().unwrap_or_default();
        if !remedy.id.split(" or ").any(|expected| expected == id) {
            return Err(format!("the gentlest way out is {id:?}, and not {:?}", remedy.id));
        }
        same("its loss", &remedy.loss, gentlest["loss"].as_str().unwrap_or_default())?;
    }
    let of_notice = |notice: &Value| notice["class"].as_str().unwrap_or_default().to_owned();
    let notices = json["notices"].as_array().into_iter().flatten().map(of_notice).collect();
    alike("the notices", &ask.notices, notices)?;
    let targets = json["targets"].as_array().into_iter().flatten();
    let ahead = targets.flat_map(|target| target["ahead"].as_array().into_iter().flatten());
    alike("what is ahead", &ask.ahead, ahead.map(of_notice).collect())
}

fn alike(what: &str, expected: &[String], got: BTreeSet<String>) -> Outcome<()> {
    let expected: BTreeSet<String> = expected.iter().cloned().collect();
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}: {got:?}, and not {expected:?}")),
    }
}

/// The lines of `-v=6` about requests.
pub fn requests(told: &str) -> Vec<&str> {
    told.lines().filter(|line| line.contains(" url=\"http")).collect()
}

/// The answer takes so many requests, every page of a list counted.
fn takes(kubeconfig: &Path, words: &[&str], expected: usize) -> Outcome<()> {
    let told = process::run(arc(kubeconfig).arg("why").args(words).arg("-v=6"))?.stderr;
    let found = requests(&told).len();
    match found == expected {
        true => Ok(()),
        false => Err(format!("why {words:?} takes {found} requests, and not {expected}:\n{told}")),
    }
}

fn same(what: &str, expected: &str, found: &str) -> Outcome<()> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("{what} is {found:?}, and not {expected:?}")),
    }
}

/// The neighbour's objects live on as they were.
pub fn unchanged(before: &BTreeMap<Id, String>, now: &BTreeMap<Id, String>) -> Outcome<()> {
    for (id, life) in before {
        match now.get(id) {
            Some(other) if other == life => {}
            Some(other) => return Err(format!("the neighbour's {id} was {life} and is {other}")),
            None => return Err(format!("the neighbour's {id} is gone")),
        }
    }
    Ok(())
}

/// Waits until every deletion is too old to be called young.
pub fn grow_old(look: &Look) -> Outcome<()> {
    let times = look.0.values().filter_map(|object| object["metadata"]["deletionTimestamp"].as_str());
    let newest = times.filter_map(|time| time.parse::<Timestamp>().ok()).max();
    let newest = newest.ok_or("nothing is being deleted")?;
    let left = OLD - now().duration_since(newest);
    thread::sleep(Duration::try_from(left).unwrap_or_default());
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "the clock of the machine is the cluster's")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The binary, with this cluster and nothing else of the tester's.
pub fn arc(kubeconfig: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", "/nonexistent").env("KUBECONFIG", kubeconfig);
    command
}
