//! Logs as evidence: the lines that speak of an object, newest first.
//!
//! A controller's line names the object that it is about: `"ephemeralrunner": {"name": …, "namespace": …}`, or
//! `"ephemeralrunner": "namespace/name"` in older versions, after tab-separated words or within a line of JSON.
//! Other lines are taken to speak of an object if they hold its name and its namespace as words.

use super::controllers::Controller;
use super::report::Certainty;
use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases;
use crate::arc::phrases::Means;
use crate::arc::phrases::PhraseRow;
use crate::arc::phrases::Refusal;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::PodLog;
use crate::model::Reading;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// The field of evidence that is a line of a log.
const LOG: &str = "log";
/// How the error begins within a line.
const ERROR: &str = "\"error\":";

/// A log, or how it was not read.
#[derive(Debug)]
pub enum Log<'a> {
    Read(Tail<'a>),
    Unread(Reading),
}

/// The end of a log.
#[derive(Debug)]
pub struct Tail<'a> {
    /// Whose log it is: the controller's Deployment, or a pod.
    of: ObjectId,
    /// Newest first.
    lines: Vec<Line<'a>>,
    /// Which lines hold a word, for all words that could be the name of an object.
    words: BTreeMap<&'a str, Vec<usize>>,
}

/// The log of a controller: of all its pods together, since only the leader among them speaks.
pub fn of_controller<'a>(view: &View<'a>, controller: &Controller) -> Log<'a> {
    of_deployment(view, &controller.id)
}

/// The log of the controller that a Deployment runs.
pub fn of_deployment<'a>(view: &View<'a>, id: &ObjectId) -> Log<'a> {
    let prefix = format!("{}-", id.name);
    let is_its = |log: &&PodLog| {
        log.namespace == id.namespace
            && log.pod.starts_with(&prefix)
            && matches!(log.container.as_str(), "" | marks::MANAGER_CONTAINER)
    };
    let logs: Vec<&PodLog> = view.logs().iter().filter(is_its).collect();
    if !logs.is_empty() {
        return Log::Read(Tail::new(id.clone(), &logs));
    }
    match view.log_reading(&id.namespace, &prefix) {
        // Without its pods nobody knows which logs there are.
        Reading::Unread => Log::Unread(view.list(&arc::POD, Some(&id.namespace)).reading).not_read(),
        reading => Log::Unread(reading).not_read(),
    }
}

/// The log of a container of a pod; `""`: of any that was read.
pub fn of_pod<'a>(view: &View<'a>, pod: &ObjectId, container: &str) -> Log<'a> {
    let is_its = |log: &&PodLog| {
        log.namespace == pod.namespace
            && log.pod == pod.name
            && (container.is_empty() || log.container.is_empty() || log.container == container)
    };
    let logs: Vec<&PodLog> = view.logs().iter().filter(is_its).collect();
    if logs.is_empty() {
        return Log::Unread(view.log_reading(&pod.namespace, &pod.name)).not_read();
    }
    Log::Read(Tail::new(pod.clone(), &logs))
}

/// The labels by which a Deployment finds its pods, as the API takes them.
pub fn selector_of(deployment: &Object) -> Option<String> {
    let labels = deployment.at("/spec/selector/matchLabels")?.as_object()?;
    let pairs: Vec<String> =
        labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// True if a Deployment finds a pod by its labels.
pub fn selects(deployment: &Object, pod: &Object) -> bool {
    let labels = deployment.at("/spec/selector/matchLabels").and_then(Value::as_object);
    labels.is_some_and(|labels| {
        !labels.is_empty() && labels.iter().all(|(key, value)| pod.label(key) == value.as_str())
    })
}

impl Log<'_> {
    /// A log of which nothing is there was not read, however its pods were.
    fn not_read(self) -> Self {
        match self {
            Self::Unread(Reading::Read | Reading::NotServed) => Self::Unread(Reading::Unread),
            other => other,
        }
    }
}

impl<'a> Tail<'a> {
    fn new(of: ObjectId, logs: &[&'a PodLog]) -> Self {
        let mut lines: Vec<Line<'a>> =
            logs.iter().flat_map(|log| &log.lines).map(|text| Line::new(text)).collect();
        lines.reverse();
        // Lines of several pods are put in order; lines without a time stay beside their neighbours.
        if logs.len() > 1 && lines.iter().all(|line| line.at.is_some()) {
            lines.sort_by_key(|line| std::cmp::Reverse(line.at));
        }
        let mut words: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            for word in words_of(line.text) {
                let places = words.entry(word).or_default();
                if places.last() != Some(&index) {
                    places.push(index);
                }
            }
        }
        Self { of, lines, words }
    }

    /// All lines, newest first.
    pub fn lines(&self) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter()
    }

    /// The lines that speak of an object, newest first.
    pub fn of(&self, id: &ObjectId) -> impl Iterator<Item = &Line<'a>> {
        let places = self.words.get(id.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.lines.get(*place)).filter(|line| line.speaks_of(id))
    }

    /// The newest line about an object that means something, and what. The controller writes an error where it comes
    /// up, and once more at the end of its pass, with nothing around it: where that leaves it open, the first may not.
    pub fn telling(&self, id: &ObjectId) -> Option<(&Line<'a>, &'static PhraseRow)> {
        let newest = self.of(id).find_map(|line| Some((line, line.phrase()?)))?;
        let error = newest.0.error();
        if !is_unclear(newest.1) || error.is_empty() {
            return Some(newest);
        }
        let same = self.of(id).filter(|line| line.error() == error);
        let clear = same.filter_map(|line| Some((line, line.phrase()?))).find(|(_, row)| !is_unclear(row));
        clear.or(Some(newest))
    }

    /// The newest line that means this, whatever it is about.
    pub fn meaning(&self, means: Means) -> Option<(&Line<'a>, &'static PhraseRow)> {
        self.lines.iter().find_map(|line| Some((line, line.phrase().filter(|row| row.means == means)?)))
    }

    /// When the last line was written, if the lines tell.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.lines.iter().find_map(|line| line.at)
    }

    /// When the first line that is left was written, if the lines tell.
    pub fn first_at(&self) -> Option<Timestamp> {
        self.lines.iter().rev().find_map(|line| line.at)
    }

    /// A line as evidence.
    pub fn evidence(&self, view: &View<'_>, line: &Line<'_>) -> Evidence {
        view.evidence(&self.of, LOG, line.text)
    }
}

/// A line, with what it says taken apart.
#[derive(Debug)]
pub struct Line<'a> {
    pub text: &'a str,
    pub at: Option<Timestamp>,
    fields: Map<String, Value>,
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        let fields = text.find('{').and_then(|start| serde_json::from_str(&text[start..]).ok());
        let fields: Map<String, Value> = fields.unwrap_or_default();
        let at = time_of(text).or_else(|| ["ts", "time"].iter().find_map(|key| time(fields.get(*key)?)));
        Self { text, at, fields }
    }

    /// The error that it tells of, `""` if it names none as such.
    pub fn error(&self) -> &str {
        self.fields.get("error").and_then(Value::as_str).unwrap_or_default()
    }

    /// What it means, if a phrase is known. Where the error alone says no more than that something was refused, the
    /// words around it may say what.
    pub fn phrase(&self) -> Option<&'static PhraseRow> {
        let error = phrases::phrase(self.error());
        error.filter(|row| !is_unclear(row)).or_else(|| phrases::phrase(self.text)).or(error)
    }

    /// How long ago it was written.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.at.map(|at| now.duration_since(at))
    }

    /// How sure it is that what was tried and refused then would be refused now: after this long the controller has
    /// tried again, and would have said so.
    pub fn certainty(&self, now: Timestamp) -> Option<Certainty> {
        match self.age(now) {
            Some(age) if age < limits::LONGEST_RETRY => Some(Certainty::Proven),
            Some(_) => None,
            None => Some(Certainty::Likely),
        }
    }

    /// True if it is about this object.
    pub fn speaks_of(&self, id: &ObjectId) -> bool {
        let mut names_one = false;
        for (key, value) in &self.fields {
            if !arc::KINDS
                .iter()
                .any(|row| row.group.starts_with("actions.") && row.kind.eq_ignore_ascii_case(key))
            {
                continue;
            }
            let Some((namespace, name)) = object_of(value) else { continue };
            names_one = true;
            if id.kind.kind.eq_ignore_ascii_case(key) && namespace == id.namespace && name == id.name {
                return true;
            }
        }
        let holds = |word: &str| words_of(self.text).any(|other| other == word);
        !names_one && holds(&id.name) && (id.namespace.is_empty() || holds(&id.namespace))
    }
}

/// True if the words say that something was refused, and not why.
fn is_unclear(row: &PhraseRow) -> bool {
    row.means == Means::Refuses(Refusal::Unclear)
}

impl Evidence {
    /// Where a line of a log has the last of the words that it was recognised by.
    pub fn recognised(&self) -> Option<Range<usize>> {
        let line = Line::new(&self.says);
        let row = line.phrase().filter(|_| self.field == LOG)?;
        let error = self.says.find(ERROR).unwrap_or_default();
        let place = |part: &&str| {
            let start =
                self.says[error..].find(part).map(|at| error + at).or_else(|| self.says.find(part))?;
            Some(start..start + part.len())
        };
        row.parts.iter().filter_map(place).max_by_key(|place| place.end)
    }
}

/// `{"name": …, "namespace": …}` or `namespace/name`.
fn object_of(value: &Value) -> Option<(&str, &str)> {
    match value {
        Value::Object(map) => Some((map.get("namespace")?.as_str()?, map.get("name")?.as_str()?)),
        Value::String(text) => text.split_once('/'),
        _ => None,
    }
}

/// What could be names of objects in a text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.is_empty())
}

/// The time at the beginning of a line: `2026-11-21T05:00:00Z`, `2026-11-21 05:00:00Z: …`, `[RUNNER 2026-11-21
/// 05:00:00Z INFO …]`.
fn time_of(text: &str) -> Option<Timestamp> {
    let mut words = text.split([' ', '\t']).map(|word| word.trim_matches(['[', ']', ':'])).take(4).peekable();
    while let Some(word) = words.next() {
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        if let Ok(time) = word.parse() {
            return Some(time);
        }
        if let Some(time) = words.peek().and_then(|next| format!("{word}T{next}").parse().ok()) {
            return Some(time);
        }
    }
    None
}

/// A time as a field: RFC 3339, or seconds as a number.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(seconds) => {
            let milliseconds = seconds.as_f64()? * 1000.0;
            Timestamp::from_millisecond(milliseconds as i64).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 7] = [
        "2026-11-21T06:00:00Z\tERROR\tEphemeralRunner\tFailed\t{\"ephemeralrunner\": {\"name\":\"web\",\"namespace\":\"arc-web\"}, \"error\": \"Bad credentials\"}",
        "2026-11-21T06:00:01Z\tINFO\tEphemeralRunner\tx\t{\"ephemeralrunner\": \"arc-web/web\"}",
        "{\"severity\":\"error\",\"ts\":\"2026-11-21T06:00:02Z\",\"message\":\"x\",\"EphemeralRunner\":{\"name\":\"web\",\"namespace\":\"arc-web\"}}",
        "2026-11-21T06:00:03Z INFO EphemeralRunner arc-web/web: Runner is not finished yet, retrying in 30s",
        "2026-11-21T06:00:04Z\tINFO\tAutoscalingRunnerSet\tx\t{\"autoscalingrunnerset\": {\"name\":\"web\",\"namespace\":\"arc-web\"}}",
        "2026-11-21T06:00:05Z\tINFO\tEphemeralRunner\tx\t{\"ephemeralrunner\": {\"name\":\"web-2\",\"namespace\":\"arc-web\"}}",
        "\t/workspace/controllers/x.go:12",
    ];

    fn tail(log: &PodLog) -> Tail<'_> {
        Tail::new(ObjectId::new(&arc::POD, "arc-systems", "arc"), &[log])
    }

    fn log(lines: &[&str]) -> PodLog {
        PodLog {
            namespace: "arc-systems".to_owned(),
            pod: "arc".to_owned(),
            container: String::new(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    #[test]
    fn the_lines_about_an_object_are_found_in_every_format_newest_first() {
        let log = log(&LINES);
        let tail = tail(&log);
        let runner = ObjectId::new(&arc::EPHEMERAL_RUNNER, "arc-web", "web");
        let found: Vec<&str> = tail.of(&runner).map(|line| line.text).collect();
        assert_eq!(found, [LINES[3], LINES[2], LINES[1], LINES[0]]);
        let (newest, phrase) = tail.telling(&runner).expect("a phrase");
        assert_eq!((newest.text, phrase.means), (LINES[3], Means::Busy));
        let elsewhere = ObjectId::new(&arc::EPHEMERAL_RUNNER, "arc-docs", "web");
        assert_eq!(tail.of(&elsewhere).count(), 0);
    }

    /// As the listener of 0.6.1 writes it on and on.
    #[test]
    fn what_an_error_leaves_open_the_words_around_it_may_say() {
        let line = "2026-11-21T05:00:00Z\tINFO\tauto_scaler\tunable to create message session. Will try again in 30 \
                    seconds\t{\"error\": \"404 - had issue communicating with Actions backend: unknown\"}";
        assert_eq!(Line::new(line).phrase().map(|row| row.means), Some(Means::ScaleSetUnknown));
        let open = line.replace("404", "418");
        assert_eq!(Line::new(&open).phrase().map(|row| row.means), Some(Means::Refuses(Refusal::Unclear)));
    }

    /// An answer without a body: the controller of 0.6.1 writes it where it deletes, and at the end of its pass.
    #[test]
    fn what_the_end_of_a_pass_leaves_open_the_first_line_may_say() {
        let error =
            "404 - had issue communicating with Actions backend: Request returned status: 404 Not Found";
        let line = |words: &str, error: &str| {
            let set = "{\"name\":\"web\",\"namespace\":\"arc-web\"}";
            format!("ERROR\t{words}\t{{\"autoscalingrunnerset\": {set}, \"error\": \"{error}\"}}")
        };
        let means = |last: &str| {
            let log =
                log(&[&line("Failed to delete runner scale set", error), &line("Reconciler error", last)]);
            let set = ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, "arc-web", "web");
            tail(&log).telling(&set).map(|(_, row)| row.means)
        };
        assert_eq!(means(error), Some(Means::ScaleSetUnknown));
        let another = error.replace("404", "418");
        assert_eq!(means(&another), Some(Means::Refuses(Refusal::Unclear)));
    }

    #[test]
    fn every_way_to_write_the_time_is_read() {
        for line in [
            "2026-11-21T05:00:00Z\tINFO\tx",
            "2026-11-21T05:00:00.000000000Z any text",
            "2026-11-21 05:00:00Z: Listening for Jobs",
            "[RUNNER 2026-11-21 05:00:00Z INFO Listener] x",
            "{\"ts\":\"2026-11-21T05:00:00Z\"}",
            "{\"ts\":1795237200.0}",
        ] {
            let at = Line::new(line).at.map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some("2026-11-21T05:00:00Z"), "{line}");
        }
        assert_eq!(Line::new("no time at all").at, None);
        assert_eq!(Line::new("4 runners").at, None);
    }
}
