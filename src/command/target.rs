//! What a TARGET on the command line means: kubectl's grammar, read against the kinds that are known.

use crate::arc;
use crate::arc::KindRow;
use crate::error::Error;
use crate::model::GroupKind;

/// One TARGET as it was typed, with its kind found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A NAME alone: a runner set.
    Set(String),
    /// A TYPE and a NAME.
    Named { kind: KindWord, name: String },
    /// A TYPE alone: all of that kind.
    All(KindWord),
}

/// A TYPE as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KindWord {
    Known(&'static KindRow),
    /// No kind that ARC's graph knows: the snapshot or the cluster may know it.
    Unknown(String),
}

/// Reads the TARGETs: `TYPE NAME…`, `TYPE/NAME…`, `TYPE,TYPE`, `NAME…`.
///
/// # Errors
/// Usage, if a word is empty or a TYPE/NAME is mixed with words that are no TYPE/NAME.
pub fn parse(words: &[String]) -> Result<Vec<Wanted>, Error> {
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if let Some(empty) =
        words.iter().find(|word| word.trim().is_empty() || word.starts_with('/') || word.ends_with('/'))
    {
        return Err(Error::usage(format!("\"{empty}\" names no object")).hint(GRAMMAR));
    }
    if words.iter().any(|word| word.contains('/')) {
        return words.iter().map(|word| slashed(word)).collect();
    }
    let types: Vec<KindWord> = first.split(',').map(kind_word).collect();
    let known = types.iter().all(|word| matches!(word, KindWord::Known(_)));
    let names = words.get(1..).unwrap_or_default();
    if !known && names.is_empty() && !first.contains(',') {
        return Ok(vec![Wanted::Set(first.clone())]);
    }
    if !known && !first.contains(['.', ',']) {
        // Two words, the first no kind that is known: it may still be a kind of this cluster.
        if let [name] = names {
            return Ok(vec![Wanted::Named { kind: KindWord::Unknown(first.clone()), name: name.clone() }]);
        }
        return Ok(words.iter().map(|word| Wanted::Set(word.clone())).collect());
    }
    if names.is_empty() {
        return Ok(types.into_iter().map(Wanted::All).collect());
    }
    let pairs = types
        .iter()
        .flat_map(|kind| names.iter().map(|name| Wanted::Named { kind: kind.clone(), name: name.clone() }));
    Ok(pairs.collect())
}

const GRAMMAR: &str = "name a target as TYPE NAME, TYPE/NAME, or the NAME of a runner set";

fn slashed(word: &str) -> Result<Wanted, Error> {
    match word.split_once('/') {
        Some((kind, name)) if !name.contains('/') => {
            Ok(Wanted::Named { kind: kind_word(kind), name: name.to_owned() })
        }
        Some(_) => Err(Error::usage(format!("\"{word}\" has more than one slash")).hint(GRAMMAR)),
        None => {
            Err(Error::usage(format!("\"{word}\" stands beside TYPE/NAME targets, but is none"))
                .hint(GRAMMAR))
        }
    }
}

/// `TYPE`, `TYPE.GROUP` or `TYPE.VERSION.GROUP`; plural, singular or short, in any case.
pub fn kind_word(word: &str) -> KindWord {
    let lower = word.to_lowercase();
    let (name, group) =
        lower.split_once('.').map_or((lower.as_str(), None), |(name, group)| (name, Some(group)));
    let named =
        |row: &&KindRow| row.plural == name || row.kind.to_lowercase() == name || row.short.contains(&name);
    let grouped = |row: &&KindRow| {
        group.is_none_or(|group| {
            group == row.group
                || group.strip_prefix(row.version).and_then(|rest| rest.strip_prefix('.')) == Some(row.group)
                || (row.group.is_empty() && group == row.version)
        })
    };
    match arc::KINDS.iter().filter(named).find(grouped) {
        Some(row) => KindWord::Known(row),
        None => KindWord::Unknown(word.to_owned()),
    }
}

/// The kind of an unknown word among kinds that are there: `externalsecret`, `externalsecrets.external-secrets.io`.
pub fn among<'a>(word: &str, kinds: impl Iterator<Item = &'a GroupKind>) -> Option<GroupKind> {
    let lower = word.to_lowercase();
    let (name, group) =
        lower.split_once('.').map_or((lower.as_str(), None), |(name, group)| (name, Some(group)));
    kinds
        .filter(|kind| {
            group.is_none_or(|group| group == kind.group || group.ends_with(&format!(".{}", kind.group)))
        })
        .find(|kind| {
            let singular = kind.kind.to_lowercase();
            name == singular
                || name == format!("{singular}s")
                || name == format!("{singular}es")
                || singular.strip_suffix('y').is_some_and(|stem| name == format!("{stem}ies"))
        })
        .cloned()
}

/// A TYPE that nobody knows.
pub fn unknown_type(word: &str, place: &str) -> Error {
    Error::usage(format!("{place} has no resource type \"{word}\"")).hint(GRAMMAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Vec<Wanted>, String> {
        let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        parse(&words).map_err(|error| error.message)
    }

    fn named(kind: &str, name: &str) -> Wanted {
        Wanted::Named { kind: kind_word(kind), name: name.to_owned() }
    }

    #[test]
    fn every_way_kubectl_takes_is_taken() {
        let ways =
            ["ns arc", "ns/arc", "namespace/arc", "namespaces arc", "Namespace/arc", "namespaces.v1/arc"];
        for way in ways {
            assert_eq!(read(way), Ok(vec![named("ns", "arc")]), "{way}");
        }
        let ways = [
            "autoscalingrunnerset x",
            "autoscalingrunnersets/x",
            "autoscalingrunnersets.actions.github.com/x",
            "autoscalingrunnersets.v1alpha1.actions.github.com x",
        ];
        for way in ways {
            assert_eq!(read(way), Ok(vec![named("autoscalingrunnersets", "x")]), "{way}");
        }
        assert_eq!(read("crd/a.b"), Ok(vec![named("crd", "a.b")]));
        assert_eq!(read("secret a b"), Ok(vec![named("secret", "a"), named("secret", "b")]));
        assert_eq!(read("role,rolebinding a"), Ok(vec![named("role", "a"), named("rolebinding", "a")]));
        assert_eq!(read("po/a sa/b"), Ok(vec![named("po", "a"), named("sa", "b")]));
        assert_eq!(read("secrets"), Ok(vec![Wanted::All(kind_word("secret"))]));
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn a_name_alone_is_a_runner_set() {
        assert_eq!(read("my-set"), Ok(vec![Wanted::Set("my-set".to_owned())]));
        assert_eq!(
            read("a b c"),
            Ok(vec![Wanted::Set("a".to_owned()), Wanted::Set("b".to_owned()), Wanted::Set("c".to_owned())])
        );
    }

    #[test]
    fn a_kind_of_somebody_else_is_kept_for_the_cluster_to_know() {
        assert_eq!(read("externalsecret/x"), Ok(vec![named("externalsecret", "x")]));
        let kinds = [GroupKind::new("external-secrets.io", "ExternalSecret")];
        assert_eq!(among("externalsecrets", kinds.iter()), Some(kinds[0].clone()));
        assert_eq!(among("externalsecrets.external-secrets.io", kinds.iter()), Some(kinds[0].clone()));
        assert_eq!(among("widgets", kinds.iter()), None);
    }

    #[test]
    fn what_names_nothing_is_refused() {
        assert_eq!(read("ns/a/b"), Err("\"ns/a/b\" has more than one slash".to_owned()));
        assert_eq!(
            read("ns/a other"),
            Err("\"other\" stands beside TYPE/NAME targets, but is none".to_owned())
        );
        assert_eq!(read("ns/"), Err("\"ns/\" names no object".to_owned()));
        assert_eq!(read("/x"), Err("\"/x\" names no object".to_owned()));
    }
}
