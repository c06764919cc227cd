//! YAML and JSON text in, one value per document out, read as kubectl reads it.
//!
//! No serde YAML crate reads all that kubectl writes: a plain `123e4567` (a commit, a hash) is a string to
//! kubectl and an overflowing number to them. So this is a loader of its own over a parser's events.

mod scalar;

use granit_parser::Event;
use granit_parser::Parser;
use granit_parser::StrInput;
use serde_json::Map;
use serde_json::Value;

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
    /// True if more text could have made it right.
    pub is_end: bool,
}

impl YamlError {
    fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

/// The documents of a text, one after the other. After an error there are no more.
pub fn documents(text: &str) -> Documents<'_> {
    if text.trim_start().starts_with(['{', '[']) {
        Documents::Json(Json { text, at: 0, line: 1, begins: true })
    } else {
        Documents::Yaml(Box::new(Yaml::new(text, 0)))
    }
}

/// See [`documents`].
pub enum Documents<'a> {
    Json(Json<'a>),
    Yaml(Box<Yaml<'a>>),
    Ended,
}

impl Iterator for Documents<'_> {
    type Item = Result<Document, YamlError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self {
            Self::Ended => None,
            Self::Yaml(yaml) => yaml.document().transpose(),
            Self::Json(json) => match json.document().transpose() {
                // `{a: b}` is YAML and no JSON, and block YAML may follow `---`. If it is neither, the
                // reading that got further tells more.
                Some(Err(error)) if json.begins && !error.is_end => {
                    let mut yaml = Yaml::new(json.rest(), json.line - 1);
                    match yaml.document() {
                        Err(other) if other.place() < error.place() => Some(Err(error)),
                        document => {
                            *self = Self::Yaml(Box::new(yaml));
                            document.transpose()
                        }
                    }
                }
                document => document,
            },
        };
        if matches!(next, Some(Err(_)) | None) {
            *self = Self::Ended;
        }
        next
    }
}

/// JSON values one after the other, with or without `---` between them.
pub struct Json<'a> {
    text: &'a str,
    at: usize,
    /// The line of `at`.
    line: usize,
    /// True at the beginning of the text and after `---`: there, something else than JSON may stand.
    begins: bool,
}

impl<'a> Json<'a> {
    fn document(&mut self) -> Result<Option<Document>, YamlError> {
        let rest = self.rest();
        let mut start = rest.trim_start();
        while let Some(after) = start.strip_prefix("---") {
            self.begins = true;
            start = after.trim_start();
        }
        self.advance(rest.len() - start.len());
        let mut values = serde_json::Deserializer::from_str(start).into_iter::<Value>();
        let Some(value) = values.next() else { return Ok(None) };
        let value = value.map_err(|error| self.error(&error))?;
        let line = self.line;
        self.advance(values.byte_offset());
        self.begins = false;
        Ok(Some(Document { value, line, repeated: Vec::new() }))
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
        let is_end = error.is_eof();
        let message = if is_end { format!("the text ends too early ({message})") } else { message };
        YamlError { line: self.line + error.line() - 1, column: error.column() + indent, message, is_end }
    }
}

pub struct Yaml<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// Lines before the text.
    before: usize,
}

/// A collection that is being filled.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

impl<'a> Yaml<'a> {
    fn new(text: &'a str, before: usize) -> Self {
        // An alias is refused whether its anchor is known or not; comments are of no use here.
        let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
        Self { text, parser: Parser::new_from_str_with_options(text, options), before }
    }

    /// The next document, None at the end of the text.
    fn document(&mut self) -> Result<Option<Document>, YamlError> {
        let mut open: Vec<Open> = Vec::new();
        let mut document = Document { value: Value::Null, line: 1, repeated: Vec::new() };
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let (line, column) = (self.before + error.marker().line(), error.marker().col() + 1);
                YamlError { line, column, message: error.info(), is_end: false }
            })?;
            let (line, column) = (self.before + span.start.line(), span.start.col() + 1);
            let refuse = |message: String| Err(YamlError { line, column, message, is_end: false });
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
                    let key = scalar::key(text, style, tag.as_deref());
                    if let Some(Open::Map(map, slot)) = open.last_mut() {
                        if map.contains_key(&key) {
                            document.repeated.push((key.clone(), line));
                        }
                        *slot = Some(key);
                    }
                    continue;
                }
                Event::Scalar(text, style, _, tag) => scalar::value(text, style, tag.as_deref()),
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

#[cfg(test)]
mod tests;
