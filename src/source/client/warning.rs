//! The API server's warnings: kept for whoever owns the terminal, printed by nobody here.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::HeaderMap;
use http::HeaderValue;

/// A server that invents a new warning for each answer must not fill the memory.
const MOST_WARNINGS: usize = 100;
const LONGEST_WARNING: usize = 1000;

/// Warnings seen so far, each text once, in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    texts: Vec<String>,
    /// How many of the texts were handed out already.
    taken: usize,
}

impl Warnings {
    /// What was not handed out yet. A warning that comes again is not handed out again.
    pub fn take(&self) -> Vec<String> {
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = store.texts.iter().skip(store.taken).cloned().collect();
        store.taken = store.texts.len();
        fresh
    }

    /// Notes a warning of our own about the connection.
    pub fn add(&self, text: &str) {
        let text: String = text.chars().take(LONGEST_WARNING).collect();
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if store.texts.len() < MOST_WARNINGS && !store.texts.contains(&text) {
            store.texts.push(text);
        }
    }

    /// Takes the warnings out of an answer's headers.
    pub fn collect(&self, headers: &HeaderMap) {
        for value in headers.get_all(http::header::WARNING) {
            for text in warnings(value) {
                self.add(&text);
            }
        }
    }
}

/// The texts of one header. Kubernetes only speaks code 299 (persistent, miscellaneous).
fn warnings(value: &HeaderValue) -> Vec<String> {
    let value = String::from_utf8_lossy(value.as_bytes());
    let mut rest = value.as_ref();
    let mut texts = Vec::new();
    while let Some((text, is_299, after)) = next_warning(rest) {
        if is_299 && !text.is_empty() {
            texts.push(text);
        }
        rest = after;
    }
    texts
}

/// One `CODE AGENT "TEXT" ["DATE"]` of a comma separated list, and what follows it.
fn next_warning(list: &str) -> Option<(String, bool, &str)> {
    let (head, quoted) = list.split_once('"')?;
    let is_299 = head.trim_start_matches([' ', ',']).starts_with("299 ");
    let (text, rest) = unquote(quoted)?;
    let rest = match rest.trim_start().strip_prefix('"') {
        Some(date) => unquote(date)?.1,
        None => rest,
    };
    Some((text, is_299, rest))
}

/// The text up to the closing quotation mark, its backslashes undone, and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut plain = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return text.get(at + 1..).map(|rest| (plain, rest)),
            '\\' => plain.push(chars.next()?.1),
            _ => plain.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Vec<String> {
        warnings(&HeaderValue::from_str(value).unwrap())
    }

    #[test]
    fn reads_kubernetes_warnings() {
        assert_eq!(
            of(r#"299 - "v1 Endpoints is deprecated in v1.33+""#),
            ["v1 Endpoints is deprecated in v1.33+"]
        );
        assert_eq!(
            of(r#"299 - "say \"no\", twice", 299 kube "b" "Sat, 01 Jan 2026""#),
            ["say \"no\", twice", "b"]
        );
        assert_eq!(of(r#"199 - "stale", 299 - "kept""#), ["kept"]);
    }

    #[test]
    fn broken_warnings_are_left_out() {
        for value in ["", "299", r#"299 - "open"#, r#"299 - "slash\"#, "299 - \"a\" \"", "\"\"\"\""] {
            assert_eq!(of(value), Vec::<String>::new(), "{value}");
        }
    }

    #[test]
    fn each_warning_is_handed_out_once() {
        let warnings = Warnings::default();
        warnings.add("a");
        warnings.add("a");
        warnings.add("b");
        assert_eq!(warnings.take(), ["a", "b"]);
        warnings.add("a");
        assert!(warnings.take().is_empty());
    }

    #[test]
    fn a_chatty_server_does_not_fill_the_memory() {
        let warnings = Warnings::default();
        (0..1000).for_each(|n| warnings.add(&format!("{n}{}", "x".repeat(5000))));
        let taken = warnings.take();
        assert_eq!(taken.len(), MOST_WARNINGS);
        assert!(taken.iter().all(|text| text.len() == LONGEST_WARNING));
    }
}
