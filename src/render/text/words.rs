//! How things are called: objects, ages, numbers of things.

use crate::diagnose::Loss;
use crate::diagnose::Reference;
use crate::diagnose::State;
use crate::render::span::Label;
use crate::render::span::Phrase;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

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
