//! YAML and JSON text in, one value per document out, read as kubectl reads it.
//!
//! No serde YAML crate reads all that kubectl writes: a plain `123e4567` (a commit, a hash) is a string to
//! kubectl and an overflowing number to them. So this is a loader of its own over a parser's events.

use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use granit_parser::StrInput;
use granit_parser::Tag;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use std::borrow::Cow;

/// How deep a document may nest. Kubernetes objects stay far below; it bounds what recursion over a value costs.
const MAX_DEPTH: usize = 200;

/// One document of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub value: Value,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// Keys that stand twice in one mapping, with the line of the later one, which wins (as with kubectl).
    pub repeated: Vec<(String, usize)>,
}

/// Where a text stops being YAML or JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

/// The documents of a text, one after the other. After an error there are no more.
pub fn documents(text: &str) -> Documents<'_> {
    if text.trim_start().starts_with(['{', '[']) {
        let mut json = Json { text, at: 0, line: 1 };
        match json.next() {
            // `{a: b}` is YAML and no JSON. If it is neither, the reading that got further tells more.
            Some(Err(error)) => {
                let mut yaml = Documents::yaml(text);
                let first = match yaml.next() {
                    Some(Err(other)) if (other.line, other.column) < (error.line, error.column) => Err(error),
                    Some(other) => other,
                    None => Err(error),
                };
                Documents { first: Some(first), rest: yaml.rest }
            }
            first => Documents { first, rest: Rest::Json(json) },
        }
    } else {
        Documents::yaml(text)
    }
}

/// See [`documents`].
pub struct Documents<'a> {
    first: Option<Result<Document, YamlError>>,
    rest: Rest<'a>,
}

enum Rest<'a> {
    Json(Json<'a>),
    Yaml(Box<Yaml<'a>>),
    Nothing,
}

impl<'a> Documents<'a> {
    fn yaml(text: &'a str) -> Self {
        // An alias is refused whether its anchor is known or not; comments are of no use here.
        let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
        let parser = Parser::new_from_str_with_options(text, options);
        Self { first: None, rest: Rest::Yaml(Box::new(Yaml { text, parser })) }
    }
}

impl Iterator for Documents<'_> {
    type Item = Result<Document, YamlError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.first.take().or_else(|| match &mut self.rest {
            Rest::Json(json) => json.next(),
            Rest::Yaml(yaml) => yaml.document().transpose(),
            Rest::Nothing => None,
        });
        if matches!(next, Some(Err(_)) | None) {
            self.rest = Rest::Nothing;
        }
        next
    }
}

/// JSON values one after the other, with or without `---` between them.
struct Json<'a> {
    text: &'a str,
    at: usize,
    /// The line of `at`.
    line: usize,
}

impl<'a> Json<'a> {
    fn next(&mut self) -> Option<Result<Document, YamlError>> {
        let rest = self.rest();
        let mut start = rest.trim_start();
        while let Some(after) = start.strip_prefix("---") {
            start = after.trim_start();
        }
        self.advance(rest.len() - start.len());
        if start.is_empty() {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(start).into_iter::<Value>();
        match values.next()? {
            Ok(value) => {
                let line = self.line;
                let used = values.byte_offset();
                self.advance(used);
                Some(Ok(Document { value, line, repeated: Vec::new() }))
            }
            Err(error) => Some(Err(self.error(&error))),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        let passed = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.line += passed.bytes().filter(|b| *b == b'\n').count();
        self.at += bytes;
    }

    fn error(&self, error: &serde_json::Error) -> YamlError {
        // serde_json counts from where it began and repeats the place in its words.
        let words = error.to_string();
        let message = words.split(" at line ").next().unwrap_or_default().to_owned();
        let line_start = self.text.get(..self.at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        let indent = if error.line() == 1 { self.at - line_start } else { 0 };
        let message = if error.is_eof() { format!("the text ends too early ({message})") } else { message };
        YamlError { line: self.line + error.line() - 1, column: error.column() + indent, message }
    }
}

struct Yaml<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
}

/// A collection that is being filled.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

impl Yaml<'_> {
    /// The next document, None at the end of the text.
    fn document(&mut self) -> Result<Option<Document>, YamlError> {
        let mut open: Vec<Open> = Vec::new();
        let mut document = Document { value: Value::Null, line: 1, repeated: Vec::new() };
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let message = error.info();
                YamlError { line: error.marker().line(), column: error.marker().col() + 1, message }
            })?;
            let (line, column) = (span.start.line(), span.start.col() + 1);
            let refuse = |message: String| Err(YamlError { line, column, message });
            let is_key = matches!(open.last(), Some(Open::Map(_, None)));
            let value = match event {
                Event::DocumentStart(..) => {
                    document.line = line;
                    continue;
                }
                Event::DocumentEnd => return Ok(Some(document)),
                Event::SequenceStart(..) | Event::MappingStart(..) if is_key => {
                    return refuse("a key must be a single word or number".to_owned());
                }
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= MAX_DEPTH => {
                    return refuse(format!("nested deeper than {MAX_DEPTH} levels"));
                }
                Event::SequenceStart(..) => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Open::Map(Map::new(), None));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(Open::List(items)) => Value::Array(items),
                    Some(Open::Map(map, _)) => Value::Object(map),
                    None => continue,
                },
                Event::Scalar(text, style, _, tag) if is_key => {
                    let key = key(text, style, tag.as_deref());
                    if let Some(Open::Map(map, slot)) = open.last_mut() {
                        if map.contains_key(&key) {
                            document.repeated.push((key.clone(), line));
                        }
                        *slot = Some(key);
                    }
                    continue;
                }
                Event::Scalar(text, style, _, tag) => scalar(text, style, tag.as_deref()),
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    let name = span.slice(self.text).unwrap_or("*");
                    return refuse(format!("the alias {name} is not supported, write the value out"));
                }
                _ => continue,
            };
            match open.last_mut() {
                Some(Open::List(items)) => items.push(value),
                Some(Open::Map(map, key)) => {
                    map.insert(key.take().unwrap_or_default(), value);
                }
                None => document.value = value,
            }
        }
        Ok(None)
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    // `!!int 5` asks for what a plain 5 is anyway; any other tag asks for the text.
    let is_typed =
        tag.is_some_and(|tag| !matches!(tag.core_suffix(), Some("int" | "float" | "bool" | "null")));
    if style != ScalarStyle::Plain || is_typed {
        return Value::String(text.into_owned());
    }
    plain(&text).unwrap_or_else(|| Value::String(text.into_owned()))
}

/// JSON has only strings as keys; kubectl writes what the word means (`on: 1` is `"true": 1`).
fn key(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> String {
    if style == ScalarStyle::Plain && tag.is_none() {
        match plain(&text) {
            Some(Value::Bool(word)) => return word.to_string(),
            Some(Value::Number(number)) => return number.to_string(),
            _ => {}
        }
    }
    text.into_owned()
}

/// What a plain scalar means to kubectl (sigs.k8s.io/yaml), None if it is just its text.
fn plain(text: &str) -> Option<Value> {
    match text.as_bytes().first() {
        None => Some(Value::Null),
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let digits =
                if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
            integer(&digits).or_else(|| float(&digits)).map(Value::Number)
        }
        Some(b'.') => float(text).map(Value::Number),
        Some(_) => None,
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Some(Value::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Some(Value::Bool(false))
        }
        _ => None,
    }
}

/// Go's `strconv.ParseInt(text, 0, 64)`: a sign, then `0x`, `0o`, `0b` or a bare `0` choose the base.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..)?),
        Some(b'+') => (false, text.get(1..)?),
        _ => (false, text),
    };
    let prefix = digits.get(..2).unwrap_or_default();
    let (base, digits) = match prefix {
        "0x" | "0X" => (16, digits.get(2..)?),
        "0o" | "0O" => (8, digits.get(2..)?),
        "0b" | "0B" => (2, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // from_str_radix takes a sign of its own; the text has had it.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    if negative { 0_i64.checked_sub_unsigned(size).map(Number::from) } else { Some(Number::from(size)) }
}

/// A finite decimal number. One that overflows is no number to kubectl either, but text.
fn float(text: &str) -> Option<Number> {
    let is_decimal = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let number = text.parse::<f64>().ok().filter(|number| is_decimal && number.is_finite())?;
    // 1e3 and 1.0 are whole numbers once kubectl has turned them into JSON; beyond 2^53 they no longer are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}
