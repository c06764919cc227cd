//! What the manual has a page about, and how a page is found by what was typed.

use crate::arc;
use crate::arc::FOREIGN;
use crate::arc::ForeignRow;
use crate::arc::finalizers::FINALIZERS;
use crate::arc::finalizers::FinalizerRow;
use crate::arc::finalizers::KUBERNETES_FINALIZERS;
use crate::arc::finalizers::LEGACY_FINALIZERS;
use crate::arc::marks::MARKS;
use crate::arc::marks::MarkRow;
use crate::diagnose::report::Class;

/// Something that has a page.
#[derive(Clone, Debug)]
pub enum Topic {
    Class(Class),
    Finalizer {
        row: &'static FinalizerRow,
        /// `ARC`, `ARC's legacy mode`, `Kubernetes`.
        whose: &'static str,
    },
    Foreign {
        /// As it was typed, or the pattern.
        name: String,
        row: &'static ForeignRow,
    },
    Mark(&'static MarkRow),
}

/// Why no page was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Several names begin or end like that.
    Ambiguous(Vec<String>),
    /// No name does; the nearest ones, best first.
    Unknown(Vec<String>),
}

impl Topic {
    /// The whole name.
    pub fn name(&self) -> &str {
        match self {
            Self::Class(class) => class.id(),
            Self::Finalizer { row, .. } => row.name,
            Self::Foreign { name, .. } => name,
            Self::Mark(row) => row.key,
        }
    }

    /// Other ways to write the name: without ARC's prefix, and what stands after the last slash.
    fn short_names(&self) -> Vec<&str> {
        let name = self.name();
        let without_group = name.strip_prefix(arc::GROUP).and_then(|rest| rest.strip_prefix('/'));
        let tail = name.rsplit_once('/').map(|(_, tail)| tail).filter(|tail| *tail != "*");
        let mut names: Vec<&str> = without_group.into_iter().chain(tail).collect();
        names.dedup();
        names
    }
}

/// Everything that has a page, in the order of the index.
pub fn topics() -> Vec<Topic> {
    let finalizers =
        |rows: &'static [FinalizerRow], whose| rows.iter().map(move |row| Topic::Finalizer { row, whose });
    let classes = Class::ALL.iter().copied().map(Topic::Class);
    classes
        .chain(finalizers(FINALIZERS, "ARC"))
        .chain(finalizers(LEGACY_FINALIZERS, "ARC's legacy mode"))
        .chain(finalizers(KUBERNETES_FINALIZERS, "Kubernetes itself"))
        .chain(FOREIGN.iter().map(|row| Topic::Foreign { name: row.pattern.to_owned(), row }))
        .chain(MARKS.iter().map(Topic::Mark))
        .collect()
}

/// The topic of a name: the whole name first, then a short way to write it, then its beginning.
///
/// # Errors
/// What was typed fits several names, or none.
pub fn find(typed: &str) -> Result<Topic, Miss> {
    let typed = typed.trim();
    let topics = topics();
    if let Some(topic) = topics.iter().find(|topic| topic.name().eq_ignore_ascii_case(typed)) {
        return Ok(topic.clone());
    }
    if let Some(row) = arc::foreign(typed) {
        return Ok(Topic::Foreign { name: typed.to_owned(), row });
    }
    let wanted = typed.to_ascii_lowercase();
    let short = |topic: &Topic| topic.short_names().iter().any(|name| name.eq_ignore_ascii_case(&wanted));
    let begins = |topic: &Topic| {
        let names = topic.short_names().into_iter().chain([topic.name()]);
        !wanted.is_empty() && names.into_iter().any(|name| name.to_ascii_lowercase().starts_with(&wanted))
    };
    for fits in [&short as &dyn Fn(&Topic) -> bool, &begins] {
        let found: Vec<&Topic> = topics.iter().filter(|topic| fits(topic)).collect();
        match found.as_slice() {
            [] => {}
            [topic] => return Ok((*topic).clone()),
            several => {
                return Err(Miss::Ambiguous(several.iter().map(|topic| topic.name().to_owned()).collect()));
            }
        }
    }
    Err(Miss::Unknown(nearest(&topics, &wanted)))
}

/// How many names are offered for one that is unknown.
const OFFERED: usize = 3;

/// The names that hold what was typed, or differ from it in at most a third of its letters.
fn nearest(topics: &[Topic], wanted: &str) -> Vec<String> {
    let distance = |topic: &Topic| {
        let names = topic.short_names().into_iter().chain([topic.name()]).map(str::to_ascii_lowercase);
        let way = |name: String| {
            let holds = wanted.len() > 2 && name.contains(wanted);
            if holds { 1 } else { strsim::damerau_levenshtein(wanted, &name) }
        };
        names.map(way).min().unwrap_or(usize::MAX)
    };
    let near = topics.iter().map(|topic| (distance(topic), topic.name()));
    let mut near: Vec<(usize, &str)> = near.filter(|(far, _)| *far <= (wanted.len() / 3).max(1)).collect();
    near.sort_by_key(|(far, _)| *far);
    near.into_iter().take(OFFERED).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Result<String, Miss> {
        find(typed).map(|topic| topic.name().to_owned())
    }

    #[test]
    fn every_name_leads_to_its_own_page() {
        for topic in topics() {
            assert_eq!(found(topic.name()).as_deref(), Ok(topic.name()));
        }
    }

    #[test]
    fn every_article_says_something() {
        for topic in topics() {
            let article = topic.article();
            assert!(!article.summary.is_empty() && !article.sections.is_empty(), "{}", article.title);
            assert!(!article.sources.is_empty(), "{}", article.title);
            for section in &article.sections {
                assert!(section.body.ends_with('.') && section.body.len() > 1, "{}", article.title);
            }
        }
    }

    #[test]
    fn short_names_do_when_they_are_clear() {
        let ways = [
            ("Secret-Missing", "secret-missing"),
            ("secret", "secret-missing"),
            ("cleanup-protection", "actions.github.com/cleanup-protection"),
            ("values-hash", "actions.github.com/values-hash"),
            (
                "runner-registration-finalizer",
                "ephemeralrunner.actions.github.com/runner-registration-finalizer",
            ),
            (
                "ephemeralrunner.actions.github.com/run",
                "ephemeralrunner.actions.github.com/runner-registration-finalizer",
            ),
            ("pvc-protection", "kubernetes.io/pvc-protection"),
            ("foregrounddeletion", "foregroundDeletion"),
            ("karpenter.sh/termination", "karpenter.sh/termination"),
            ("runner-scale-set-name", "runner-scale-set-name"),
            ("actions.github.com/runner-scale-set-name", "actions.github.com/runner-scale-set-name"),
        ];
        for (typed, name) in ways {
            assert_eq!(found(typed).as_deref(), Ok(name), "{typed}");
        }
    }

    #[test]
    fn what_fits_several_names_is_refused_with_all_of_them() {
        let Err(Miss::Ambiguous(names)) = found("finalizer") else { panic!("finalizer is clear") };
        assert!(names.iter().any(|name| name.starts_with("autoscalinglistener")), "{names:?}");
        let Err(Miss::Ambiguous(names)) = found("legacy-") else { panic!("legacy- is clear") };
        assert_eq!(names, ["legacy-webhook-dead", "legacy-finalizer"]);
    }

    #[test]
    fn a_slip_leads_to_what_was_meant() {
        assert_eq!(found("secrt-missing"), Err(Miss::Unknown(vec!["secret-missing".to_owned()])));
        let Err(Miss::Unknown(names)) = found("webhook") else { panic!("webhook is a name") };
        assert_eq!(names, ["legacy-webhook-dead"]);
        assert_eq!(found("xyzzy"), Err(Miss::Unknown(Vec::new())));
        assert!(matches!(found(""), Err(Miss::Unknown(_))));
    }
}
