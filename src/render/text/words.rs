//! How things are called: objects, ages, numbers of things.

use crate::diagnose::Loss;
use crate::diagnose::Reference;
use crate::diagnose::State;
use crate::render::span::Label;
use crate::render::span::Phrase;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// How long it has been, as kubectl writes ages.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - since.as_second()).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let pair = |big: i64, unit: &str, small: i64, rest: &str| match small {
        0 => format!("{big}{unit}"),
        small => format!("{big}{unit}{small}{rest}"),
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => pair(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => pair(days, "d", hours % 24, "h"),
        () if days < 730 => format!("{days}d"),
        () if days < 2920 => pair(days / 365, "y", days % 365, "d"),
        () => format!("{}y", days / 365),
    }
}

/// True for an actor that is no object.
pub fn is_actor(reference: &Reference) -> bool {
    reference.id.kind.kind == "Actor"
}

/// A kind as people say it. Only the longest one is shortened, to the word that kubectl takes as well.
pub fn kind(kind: &str) -> &str {
    if kind == "CustomResourceDefinition" { "CRD" } else { kind }
}

/// `arc-runners/gh-app`, or the bare name of what has no namespace.
pub fn name(reference: &Reference) -> String {
    if reference.id.namespace.is_empty() {
        reference.id.name.clone()
    } else {
        format!("{}/{}", reference.id.namespace, reference.id.name)
    }
}

/// `Secret arc-runners/gh-app`.
pub fn object(reference: &Reference) -> Phrase {
    if is_actor(reference) {
        return Phrase::of(Label::Object, &reference.id.name);
    }
    Phrase::new().plain(kind(&reference.id.kind.kind)).plain(" ").with(Label::Object, name(reference))
}

/// What is to be known of an object's state, for brackets: `deleting 3h7m`, `missing`; `""` if nothing is.
pub fn state(reference: &Reference, since: Option<Timestamp>, now: Timestamp) -> String {
    let age = since.map(|since| age(since, now));
    match (reference.state, age) {
        (State::Deleting, Some(age)) => format!("deleting {age}"),
        (State::Deleting, None) => "deleting".to_owned(),
        (State::Present, Some(age)) => format!("waits {age}"),
        (State::Missing, _) => "missing".to_owned(),
        (State::Unseen, _) if !is_actor(reference) => "not read".to_owned(),
        (State::Present | State::Unseen, _) => String::new(),
    }
}

/// `1 Pod`, `3 Pods`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {}", plural(n, noun))
}

/// `Pod`, `Pods`, `NetworkPolicies`, `StorageClasses`.
pub fn plural(n: usize, noun: &str) -> String {
    match noun {
        noun if n == 1 => noun.to_owned(),
        noun if noun.ends_with('y') && !noun.ends_with("ay") => format!("{}ies", &noun[..noun.len() - 1]),
        noun if noun.ends_with("ss") => format!("{noun}es"),
        noun if noun.ends_with('s') => noun.to_owned(),
        noun => format!("{noun}s"),
    }
}

/// `2 Namespaces, 1 Pod`: the kinds in the order in which they come.
pub fn kinds<'a>(references: impl IntoIterator<Item = &'a Reference>) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reference in references {
        let kind = kind(&reference.id.kind.kind);
        if !counts.contains_key(kind) {
            order.push(kind);
        }
        *counts.entry(kind).or_default() += 1;
    }
    let parts: Vec<String> = order.iter().map(|kind| count(counts[kind], kind)).collect();
    list(&parts)
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(parts: &[T]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// How many characters of somebody else's message convince.
const CLIP: usize = 240;
/// To cut less than this is not worth the words.
const SLACK: usize = 120;

/// A message from the cluster, cut where it only repeats itself.
pub fn clipped(message: &str) -> Cow<'_, str> {
    match message.char_indices().nth(CLIP) {
        Some((end, _)) if message.len() > end + SLACK => Cow::Owned(format!(
            "{}... ({} more characters; -v shows them)",
            &message[..end],
            message[end..].chars().count()
        )),
        _ => Cow::Borrowed(message),
    }
}

/// How much of the beginning stays where the middle is cut.
const HEAD: usize = 100;
/// How many characters before the words that tell stay with them.
const BEFORE: usize = 40;

/// The same, and the words that tell stay, wherever they stand.
pub fn clipped_around(message: &str, telling: Option<Range<usize>>) -> Cow<'_, str> {
    let is_beyond = |telling: &Range<usize>| message[..telling.end].chars().count() > CLIP;
    let (Cow::Owned(_), Some(telling)) = (clipped(message), telling.filter(is_beyond)) else {
        return clipped(message);
    };
    let after = |from: usize, count| message[from..].char_indices().nth(count).map(|(at, _)| from + at);
    let head = after(0, HEAD).unwrap_or(message.len());
    let from = message[..telling.start].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at).max(head);
    // Not in the middle of a word.
    let word = message.get(from..telling.start).and_then(|before| before.find(' '));
    let from = word.filter(|_| from > head).map_or(from, |space| from + space + 1);
    let to = after(from, CLIP - HEAD).unwrap_or(message.len()).max(telling.end);
    let (start, middle, end) = (&message[..head], &message[from..to], &message[to..]);
    let cut = message[head..from].chars().count() + end.chars().count();
    let before = if from > head { "... " } else { "" };
    let behind = if end.is_empty() { "" } else { "..." };
    Cow::Owned(format!("{start}{before}{middle}{behind} ({cut} more characters; -v shows them)"))
}

/// What a remedy costs, as a sentence.
pub fn cost(loss: Loss) -> &'static str {
    match loss {
        Loss::None => "It costs nothing and leaves nothing behind.",
        Loss::Reversible => "Re-applying undoes it.",
        Loss::Registration => "It leaves an entry at GitHub that you remove there.",
        Loss::Job => "A running job may die.",
        Loss::Data => "Something may be lost for good.",
    }
}

/// The same in a few words.
pub fn cost_in_short(loss: Loss) -> &'static str {
    match loss {
        Loss::None => "costs nothing",
        Loss::Reversible => "re-applying undoes it",
        Loss::Registration => "leaves an entry at GitHub",
        Loss::Job => "a running job may die",
        Loss::Data => "something may be lost for good",
    }
}

/// A sentence from a message that may or may not begin with a capital and have its final stop. A first word
/// that may be a name stays as it is.
pub fn sentence(message: &str) -> String {
    let message = message.trim();
    let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    let word = message.split(' ').next().unwrap_or_default();
    let is_word = word != message && word.chars().all(|c| c.is_ascii_lowercase());
    let (first, rest) = message.split_at(usize::from(is_word && !word.is_empty()));
    format!("{}{rest}{stop}", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_those_of_kubectl() {
        let at = |seconds: i64| {
            let start = Timestamp::UNIX_EPOCH;
            age(start, Timestamp::from_second(seconds).unwrap())
        };
        let cases: [(i64, &str); 14] = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (312, "5m12s"),
            (600, "10m"),
            (8_040, "134m"),
            (11_220, "3h7m"),
            (14_400, "4h"),
            (40_000, "11h"),
            (187_200, "2d4h"),
            (172_800, "2d"),
            (864_000, "10d"),
            (86_400 * 800, "2y70d"),
            (86_400 * 3_000, "8y"),
        ];
        for (seconds, text) in cases {
            assert_eq!(at(seconds), text);
        }
        assert_eq!(age(Timestamp::from_second(60).unwrap(), Timestamp::UNIX_EPOCH), "0s");
    }

    /// As the controller of 0.6.1 writes it: what GitHub said stands at the end.
    #[test]
    fn what_tells_stays_however_long_the_line_is() {
        let line = "2026-11-26T13:05:07Z\tERROR\tReconciler error\t{\"controller\": \"autoscalingrunnerset\", \
                    \"controllerGroup\": \"actions.github.com\", \"controllerKind\": \"AutoscalingRunnerSet\", \
                    \"AutoscalingRunnerSet\": {\"name\":\"tools\",\"namespace\":\"arc-tools\"}, \"namespace\": \
                    \"arc-tools\", \"name\": \"tools\", \"reconcileID\": \"0a2c7f0e-52a2-4bd1-9ac1-1f9f35b6a7c2\", \
                    \"error\": \"404 - had issue communicating with Actions backend: No runner scale set found with \
                    identifier 17.\"}";
        let words = "No runner scale set found";
        let start = line.find(words).expect("the words");
        let shown = clipped_around(line, Some(start..start + words.len()));
        assert!(shown.starts_with("2026-11-26T13:05:07Z\tERROR\tReconciler error"), "{shown}");
        assert!(shown.contains(words) && shown.ends_with("more characters; -v shows them)"), "{shown}");
        assert!(shown.contains("... communicating with Actions backend: "), "{shown}");
        let hidden = line.chars().count() + "... ".len()
            - shown.split(" (").next().unwrap_or_default().chars().count();
        assert!(shown.contains(&format!("({hidden} more characters")), "{hidden} {shown}");
        // In JSON the stack follows, and what is not known is cut as ever.
        let stack = format!("{line}{}", "\\n\\tsigs.k8s.io/controller-runtime".repeat(20));
        let shown = clipped_around(&stack, Some(start..start + words.len()));
        assert!(shown.contains(words) && shown.contains("... ("), "{shown}");
        assert!(!clipped_around(line, None).contains(words));
        let early = clipped_around(line, Some(21..26));
        assert_eq!(early, clipped(line), "it is there anyway");
        let short = &line[..300];
        assert_eq!(clipped_around(short, Some(290..295)), short);
        for start in (0..line.len()).step_by(7) {
            let odd = "ä".repeat(start) + line + &"日".repeat(200);
            assert!(clipped_around(&odd, Some(2 * start..2 * start + 4)).contains("2026"));
        }
    }

    /// What this program can put back of its own is in its journal, and is not all that re-applying brings back.
    #[test]
    fn what_is_reversible_is_undone_by_re_applying() {
        for words in [cost(Loss::Reversible), cost_in_short(Loss::Reversible)] {
            assert_eq!(words.trim_end_matches('.').to_lowercase(), "re-applying undoes it");
        }
    }

    #[test]
    fn plurals_follow_the_kinds_there_are() {
        assert_eq!(count(1, "Pod"), "1 Pod");
        assert_eq!(count(2, "NetworkPolicy"), "2 NetworkPolicies");
        assert_eq!(count(2, "StorageClass"), "2 StorageClasses");
        assert_eq!(count(2, "Endpoints"), "2 Endpoints");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_sentence_begins_and_ends_as_one_and_names_are_left_alone() {
        assert_eq!(sentence("whether it exists"), "Whether it exists.");
        assert_eq!(sentence("gh-app is gone."), "gh-app is gone.");
        assert_eq!(sentence("Is it?"), "Is it?");
        assert_eq!(sentence(""), ".");
    }
}
