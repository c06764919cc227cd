//! The manual: a page for every class, every finalizer and every mark of ARC. Data alone; how it looks is not
//! decided here.
//!
//! The page of a class stands with its rule.

mod article;
mod index;
mod topic;

pub use article::Article;
pub use index::{Entry, Part, index};
pub use topic::{Miss, find};

#[cfg(test)]
pub use article::found_on;
#[cfg(test)]
pub use topic::Topic;
pub use topic::topics;

use super::report::Class;
use super::rule::Page;
use super::rules::RULES;

/// Every page with its class.
fn pages() -> impl Iterator<Item = (Class, &'static Page)> {
    RULES.iter().map(|rule| (rule.class, &rule.page))
}

/// Stands in for a page that nobody has written; a test sees to it that there is none.
const UNWRITTEN: Page = Page {
    summary: "not described",
    finds: "",
    why_it_blocks: "",
    neighbours: "",
    what_to_do: "",
    cost: "",
    sources: &[],
};

/// The page of a class.
pub fn page(class: Class) -> &'static Page {
    pages().find(|page| page.0 == class).map_or(&UNWRITTEN, |(_, page)| page)
}

/// The class of an id, `secret-missing`.
pub fn class(id: &str) -> Option<Class> {
    Class::ALL.iter().copied().find(|class| class.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_exactly_one_page() {
        for class in Class::ALL {
            let pages = pages().filter(|page| page.0 == *class).count();
            assert_eq!(pages, 1, "{}: the page stands with its rule", class.id());
        }
    }

    #[test]
    fn every_page_is_complete() {
        for (class, page) in pages() {
            let fields = [page.finds, page.why_it_blocks, page.neighbours, page.what_to_do, page.cost];
            for field in fields {
                assert!(field.ends_with('.'), "{}: \"{field}\" is no sentence", class.id());
                assert!(!field.contains("  "), "{}: \"{field}\" has two blanks", class.id());
            }
            assert!(!page.sources.is_empty(), "{} has no source", class.id());
        }
    }

    #[test]
    fn a_summary_is_a_clause() {
        for (class, page) in pages() {
            let mut letters = page.summary.chars();
            let (first, second) = (letters.next().unwrap(), letters.next().unwrap());
            // A name such as GitHub or CRD keeps its capital.
            let name = ["GitHub", "Failed", "CRD"].iter().any(|name| page.summary.starts_with(name));
            assert!(name || !first.is_uppercase() || second.is_uppercase(), "{}", class.id());
            assert!(!page.summary.ends_with('.'), "{}", class.id());
        }
    }

    #[test]
    fn neighbours_are_classes() {
        for (class, page) in pages() {
            let words = page.neighbours.split([' ', ',', ':', ';', '.', '(', ')']);
            let ids = words.filter(|word| looks_like_an_id(word));
            let ids: Vec<&str> = ids.collect();
            assert!(!ids.is_empty(), "{} names no neighbour", class.id());
            for id in ids {
                assert!(super::class(id).is_some(), "{} names {id}, which is no class", class.id());
                assert_ne!(id, class.id(), "{} names itself", class.id());
            }
        }
    }

    /// `secret-missing`, but not a word of the language such as `after-effect`.
    fn looks_like_an_id(word: &str) -> bool {
        let language = ["after-effect", "re-apply"];
        word.contains('-')
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && !language.contains(&word)
    }
}
