//! Text with labels: what each part is. How a label looks is decided where the terminal is known.

use super::sanitize;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Plain,
    Heading,
    Strong,
    /// The object or word that is the trouble.
    Danger,
    Warn,
    Good,
    /// Lines, marks and asides.
    Dim,
    /// The name of an object.
    Object,
    /// To be copied as it stands.
    Command,
}

/// A labelled piece of one line. There is no way to make one that skips the sanitiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    label: Label,
    text: String,
}

impl Span {
    pub fn new(label: Label, text: &str) -> Self {
        Self { label, text: sanitize::line(text).into_owned() }
    }

    pub fn label(&self) -> Label {
        self.label
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Pieces that follow one another: a phrase, a sentence, a paragraph before it is wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase(Vec<Span>);

impl Phrase {
    pub fn new() -> Self {
        Self::default()
    }

    /// A phrase of one piece.
    pub fn of(label: Label, text: impl AsRef<str>) -> Self {
        Self::new().with(label, text)
    }

    #[must_use]
    pub fn with(mut self, label: Label, text: impl AsRef<str>) -> Self {
        if !text.as_ref().is_empty() {
            self.0.push(Span::new(label, text.as_ref()));
        }
        self
    }

    #[must_use]
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Label::Plain, text)
    }

    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Phrases with a separator between them.
    pub fn joined(phrases: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        phrases.into_iter().enumerate().fold(Self::new(), |all, (i, phrase)| {
            if i == 0 { phrase } else { all.plain(separator).then(phrase) }
        })
    }

    pub fn spans(&self) -> &[Span] {
        &self.0
    }
}

/// Finished lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    lines: Vec<Phrase>,
}

impl Text {
    pub fn new() -> Self {
        Self::default()
    }

    /// The lines, each as its labelled pieces, without line breaks.
    pub fn lines(&self) -> impl Iterator<Item = &[Span]> {
        self.lines.iter().map(Phrase::spans)
    }

    /// Adds a line as it stands, however long: for what is to be copied.
    pub fn line(&mut self, line: Phrase) {
        self.lines.push(line);
    }

    /// Adds an empty line, unless the text is empty or there is one already.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans().is_empty()) {
            self.lines.push(Phrase::new());
        }
    }

    /// Adds the lines of another text.
    pub fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// Takes empty lines off the end.
    pub fn trim(&mut self) {
        while self.lines.last().is_some_and(|line| line.spans().is_empty()) {
            self.lines.pop();
        }
    }
}

/// The text without labels, each line with its line break.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in self.lines() {
            for span in line {
                f.write_str(span.text())?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}
