//! What is offered to somebody who is typing.

use crate::render::is_hostile;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub says: String,
}

impl Value {
    pub fn new(text: impl Into<String>, says: impl Into<String>) -> Self {
        Self { text: text.into(), says: says.into() }
    }
}

/// Ways to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub values: Vec<Value>,
    /// What matters stands first, so they are not to be sorted.
    pub in_order: bool,
    /// They are beginnings: more of the same word is to come.
    pub goes_on: bool,
    /// A file will do as well.
    pub or_file: bool,
}

/// How much of a description is shown.
const LONGEST: usize = 80;

/// True if a shell takes the word as it is. Others are left out: they come from a cluster or a kubeconfig, and what one
/// shell has to quote is an order to another.
pub fn is_plain(text: &str) -> bool {
    let begins = |letter: char| letter.is_alphanumeric() || "_./:".contains(letter);
    let is_plain = |letter: char| begins(letter) || "-@+=,%".contains(letter);
    text.starts_with(begins) && text.chars().all(is_plain)
}

/// A description on one line, and nothing that a terminal obeys.
pub fn one_line(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    let mut letters = text.chars().filter(|letter| !is_hostile(*letter));
    let mut shown: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_obey_is_not_offered() {
        for plain in ["my-set", "arn:aws:eks:eu-1:1:cluster/a", "me@east", "system:node", "käfer", "a.b/c_d"]
        {
            assert!(is_plain(plain), "{plain}");
        }
        let hostile = [
            "",
            "-rf",
            "a b",
            "a\tb",
            "a\nb",
            "$(a)",
            "`a`",
            "a;b",
            "a'b",
            "a\"b",
            "a\\b",
            "a\u{1b}[2J",
            "~a",
            "a\u{202e}b",
            "a|b",
            "a>b",
            "a*",
            "#a",
            "!a",
            "a\u{0}",
            "=ls",
            "@a",
        ];
        for hostile in hostile {
            assert!(!is_plain(hostile), "{hostile:?}");
        }
    }

    #[test]
    fn a_description_is_one_short_line() {
        assert_eq!(one_line("a\u{1b}[2J\tb\u{202e}\nc"), "a[2Jb");
        assert_eq!(one_line(&"x".repeat(81)).chars().count(), 80);
        assert_eq!(one_line(&"x".repeat(80)), "x".repeat(80));
    }
}
