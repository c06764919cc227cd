//! Rust source with its comments and tests taken out and its string literals set aside.

use std::ops::Range;

/// A string literal: where it starts and what stands between its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    pub start: usize,
    pub text: String,
}

/// One file. Positions count characters, and are the same as in the file.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code, with blanks in place of comments and literals.
    pub letters: Vec<char>,
    pub literals: Vec<Literal>,
}

impl Code {
    pub fn read(text: &str) -> Self {
        let source: Vec<char> = text.chars().collect();
        let mut code = Self { letters: source.clone(), literals: Vec::new() };
        let mut at = 0;
        while at < source.len() {
            let end = match (source[at], source.get(at + 1)) {
                ('/', Some('/')) => line_end(&source, at),
                ('/', Some('*')) => comment_end(&source, at),
                ('"', _) => code.literal(&source, at, at),
                ('\'', _) => char_end(&source, at),
                (letter, _) if is_word(letter) => {
                    let end = word_end(&source, at);
                    match raw_quote(&source, at, end) {
                        Some(quote) => code.literal(&source, at, quote),
                        None => {
                            at = end;
                            continue;
                        }
                    }
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            code.blank(at..end);
            at = end;
        }
        code
    }

    /// Sets a literal aside that starts at `start` and whose quote is at `quote`; returns its end.
    fn literal(&mut self, source: &[char], start: usize, quote: usize) -> usize {
        let raw = quote > start && source[start..quote].contains(&'r');
        let hashes = source[start..quote].iter().filter(|letter| **letter == '#').count();
        let mut at = quote + 1;
        while at < source.len() {
            if !raw && source[at] == '\\' {
                at += 2;
                continue;
            }
            let closed = source[at] == '"'
                && source[at + 1..].iter().take(hashes).filter(|letter| **letter == '#').count() == hashes;
            if closed {
                break;
            }
            at += 1;
        }
        let text = source[quote + 1..at.min(source.len())].iter().collect();
        self.literals.push(Literal { start, text });
        (at + 1 + hashes).min(source.len())
    }

    /// The same without what `#[cfg(test)]` stands before.
    pub fn without_tests(mut self) -> Self {
        for (range, _) in self.test_items() {
            self.blank(range.clone());
            self.literals.retain(|literal| !range.contains(&literal.start));
        }
        self
    }

    /// What `#[cfg(test)]` stands before, and the head of it: all before the first brace or semicolon.
    pub fn test_items(&self) -> Vec<(Range<usize>, String)> {
        self.find("#[cfg(test)]")
            .into_iter()
            .map(|start| {
                let head = self.head_end(start);
                let end = if self.letters.get(head) == Some(&'{') { self.closing(head) } else { head + 1 };
                (start..end.min(self.letters.len()), self.letters[start..head].iter().collect())
            })
            .collect()
    }

    /// The first brace or semicolon that stands in no brackets.
    fn head_end(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        for (at, letter) in self.letters.iter().enumerate().skip(start) {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                '{' | ';' if depth == 0 => return at,
                _ => {}
            }
        }
        self.letters.len()
    }

    /// The blocks that open with these words: from their first letter to the closing bracket.
    pub fn blocks(&self, opener: &str) -> Vec<Range<usize>> {
        let last = opener.chars().count() - 1;
        self.find(opener).into_iter().map(|start| start..self.closing(start + last)).collect()
    }

    /// The place after the bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, letter) in self.letters.iter().enumerate().skip(open) {
            match letter {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.letters.len()
    }

    /// Where this stands in the code, not within a longer word.
    pub fn find(&self, wanted: &str) -> Vec<usize> {
        let wanted: Vec<char> = wanted.chars().collect();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Vec::new() };
        let grown = |edge: &char, beside: Option<char>| is_word(*edge) && beside.is_some_and(is_word);
        let is_alone = |at: usize| {
            let before = at.checked_sub(1).map(|at| self.letters[at]);
            let after = self.letters.get(at + wanted.len()).copied();
            !grown(first, before) && !grown(last, after)
        };
        self.letters
            .windows(wanted.len())
            .enumerate()
            .filter(|(at, window)| *window == wanted && is_alone(*at))
            .map(|(at, _)| at)
            .collect()
    }

    /// The word that starts here, `""` if none does.
    pub fn word(&self, at: usize) -> String {
        self.letters[at.min(self.letters.len())..].iter().take_while(|letter| is_word(**letter)).collect()
    }

    pub fn line(&self, at: usize) -> usize {
        1 + self.letters[..at].iter().filter(|letter| **letter == '\n').count()
    }

    fn blank(&mut self, range: Range<usize>) {
        for letter in &mut self.letters[range] {
            if *letter != '\n' {
                *letter = ' ';
            }
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn word_end(source: &[char], start: usize) -> usize {
    (start..source.len()).find(|at| !is_word(source[*at])).unwrap_or(source.len())
}

fn line_end(source: &[char], start: usize) -> usize {
    (start..source.len()).find(|at| source[*at] == '\n').unwrap_or(source.len())
}

fn comment_end(source: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < source.len() {
        match (source[at], source.get(at + 1)) {
            ('/', Some('*')) => depth += 1,
            ('*', Some('/')) => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    at.min(source.len())
}

/// The end of a character literal; of a lifetime only its quote.
fn char_end(source: &[char], start: usize) -> usize {
    let closes = |at: usize| source.get(at) == Some(&'\'');
    match source.get(start + 1) {
        Some('\\') => (start + 3..source.len()).find(|at| closes(*at)).map_or(source.len(), |at| at + 1),
        Some(_) if closes(start + 2) => start + 3,
        _ => start + 1,
    }
}

/// The quote of a literal with a prefix such as `r#` or `b`.
fn raw_quote(source: &[char], start: usize, end: usize) -> Option<usize> {
    let prefix: String = source[start..end].iter().collect();
    let is_raw = matches!(prefix.as_str(), "r" | "br" | "cr");
    let quote = (end..source.len()).find(|at| !(is_raw && source[*at] == '#'))?;
    let known = is_raw || matches!(prefix.as_str(), "b" | "c");
    (known && source[quote] == '"').then_some(quote)
}

#[test]
fn comments_and_literals_are_no_code() {
    let code = Code::read(
        r####"
/// "doc"
let a = "one \" // no comment"; // "not me"
/* outer /* "inner" */ still */ let b = r#"two "quoted""#;
let c = b"three"; let d = '"'; let e = '\''; fn f<'a>(x: &'a str) {} let g = "four";
"####,
    );
    let texts: Vec<&str> = code.literals.iter().map(|literal| literal.text.as_str()).collect();
    assert_eq!(texts, [r#"one \" // no comment"#, r#"two "quoted""#, "three", "four"]);
    assert_eq!(code.line(code.find("let b")[0]), 4);
    assert_eq!(code.find("comment"), [] as [usize; 0]);
}

#[test]
fn tests_are_taken_out_and_nothing_else() {
    let code = Code::read(
        "#[cfg(test)] const Z: [u8; 2] = [1, 2];\nfn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { c(\"x\") }\n}\nfn d() {}\n#[cfg(test)]\nmod e;",
    );
    let heads: Vec<String> = code.test_items().into_iter().map(|(_, head)| head).collect();
    assert!(heads[2].ends_with("mod e"), "{heads:?}");
    let left: String = code.without_tests().letters.into_iter().collect();
    assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["fn", "a()", "{}", "fn", "d()", "{}"]);
}
