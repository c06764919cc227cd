//! Text from the cluster is hostile (invariant 9): what a terminal would obey or hide becomes visible.

use std::borrow::Cow;
use std::fmt::Write;

/// The text as one line a person can trust: tabs become a space; line breaks, control characters, escape
/// sequences, bidi controls and characters that show nothing become escapes like `\n` and `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if is_hostile(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Written JSON with every hostile character as `\uXXXX`, which reads back as the same text. The writer leaves
/// the line breaks between tokens alone and has escaped those in strings.
pub fn json(text: &str) -> String {
    let mut units = [0; 2];
    document(text, |out, c| {
        for unit in c.encode_utf16(&mut units) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// The same for JSON that is to be read as YAML, which knows no pairs of surrogates.
pub fn yaml(text: &str) -> String {
    document(text, |out, c| {
        let _ = write!(out, "\\U{:08x}", u32::from(c));
    })
}

fn document(text: &str, mut escape: impl FnMut(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            c if is_hostile(c) => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// True for what moves the cursor, turns the writing direction, or takes no room and so hides in a name.
/// Combining marks stay: languages are written with them.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'                        // soft hyphen
            | '\u{34f}'                     // grapheme joiner
            | '\u{61c}'                     // Arabic letter mark
            | '\u{115f}' | '\u{1160}'       // Hangul fillers
            | '\u{17b4}' | '\u{17b5}'       // invisible Khmer vowels
            | '\u{180b}'..='\u{180f}'       // Mongolian selectors and separator
            | '\u{200b}'..='\u{200f}'       // zero width, marks of direction
            | '\u{2028}'..='\u{202e}'       // line and paragraph separators, bidi embeddings
            | '\u{2060}'..='\u{206f}'       // word joiner, bidi isolates, invisible operators
            | '\u{3164}' | '\u{ffa0}'       // Hangul fillers again
            | '\u{fe00}'..='\u{fe0f}'       // variation selectors
            | '\u{feff}'                    // byte order mark
            | '\u{fff0}'..='\u{fffb}'       // interlinear notes and unassigned neighbours
            | '\u{1bca0}'..='\u{1bca3}'     // shorthand controls
            | '\u{1d173}'..='\u{1d17a}'     // musical controls
            | '\u{e0000}'..='\u{e0fff}'     // tags and more variation selectors
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_escape_sequence_and_a_line_break_are_seen_and_not_obeyed() {
        assert_eq!(line("a\x1b[2Jb\nc\td\u{202e}e\u{9b}"), "a\\u{1b}[2Jb\\nc d\\u{202e}e\\u{9b}");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "Größe: 12 µm — 日本語, e\u{301}, C:\\dir ├─ └─";
        assert!(matches!(line(text), Cow::Borrowed(t) if t == text));
    }

    proptest! {
        #[test]
        fn nothing_hostile_passes(text in any::<String>()) {
            let shown = line(&text);
            prop_assert!(!shown.chars().any(is_hostile));
            prop_assert!(shown.bytes().all(|b| b >= 0x20 && b != 0x7f));
            prop_assert_eq!(line(&shown), shown.clone());
        }

        #[test]
        fn hostile_characters_between_others_do_not_pass(
            text in "[a-z \u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}\u{2060}-\u{206f}\u{e0001}\u{feff}]{0,40}",
        ) {
            prop_assert!(!line(&text).chars().any(is_hostile));
        }

        #[test]
        fn escaped_json_reads_back_as_the_same_text(text in any::<String>()) {
            let written = json(&serde_json::to_string(&text).unwrap());
            prop_assert!(!written.chars().any(is_hostile));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
