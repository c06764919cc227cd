//! What is to be drawn, in words already.

use crate::render::span::Phrase;

/// One object of the tree, or a line that stands for several.
#[derive(Clone, Debug, Default)]
pub struct Item {
    pub title: Phrase,
    pub notes: Vec<Phrase>,
    pub below: Vec<Item>,
    /// For a deadlock: who waits for whom, the last one for the first again. The item itself says nothing then.
    pub cycle: Vec<Item>,
    /// Of the last one in a cycle: what marks the whole.
    pub mark: Option<Phrase>,
}

impl Item {
    pub fn line(title: Phrase) -> Self {
        Self { title, ..Self::default() }
    }
}
