//! What was looked at. Absent is not unread (invariant 2).

use super::GroupKind;

/// How looking at a kind ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Nobody looked. The zero value, so that forgetting means "don't know".
    #[default]
    Unread,
    Read,
    /// The API server refused; its words, or `""`.
    Forbidden(String),
    /// The server does not serve this kind: there can be no such object within reach.
    NotServed,
    /// Something else went wrong; what.
    Failed(String),
}

impl Reading {
    /// True if what was not seen is not there.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Read | Self::NotServed)
    }

    /// Which of two looks at the same thing tells more: a success wins, then a refusal.
    pub fn weight(&self) -> u8 {
        match self {
            Self::Unread => 0,
            Self::Failed(_) => 1,
            Self::Forbidden(_) => 2,
            Self::NotServed => 3,
            Self::Read => 4,
        }
    }

    /// One word for a person and for `gaps[].reason`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Forbidden(_) => "forbidden",
            Self::NotServed => "not-served",
            Self::Failed(_) => "failed",
        }
    }
}

/// One look at one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    pub kind: GroupKind,
    /// The API version asked for, for writing the coverage down again.
    pub api_version: String,
    /// None: the whole cluster.
    pub namespace: Option<String>,
    /// Some: only the object of this name was asked for.
    pub name: Option<String>,
    /// Some: only objects with these labels were asked for (`key=value` or `key in (a,b)`); of Events, which have
    /// no labels, those with these fields.
    pub selector: Option<String>,
    pub reading: Reading,
}

/// Every look that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub entries: Vec<Covered>,
    /// The user said that the file holds all there was (`--complete`).
    pub complete: bool,
}

impl Coverage {
    /// How the kind was read in a namespace (`None`: in the whole cluster).
    ///
    /// A look that was narrowed to a name or a selector does not count: it cannot prove absence.
    pub fn of(&self, kind: &GroupKind, namespace: Option<&str>) -> Reading {
        self.best(kind, namespace, |entry| entry.name.is_none() && entry.selector.is_none())
    }

    /// How the object of this name was read: by a list, or by asking for it alone.
    pub fn of_name(&self, kind: &GroupKind, namespace: &str, name: &str) -> Reading {
        let namespace = (!namespace.is_empty()).then_some(namespace);
        self.best(kind, namespace, |entry| {
            entry.selector.is_none() && entry.name.as_deref().is_none_or(|asked| asked == name)
        })
    }

    /// How objects of this kind with this selector were read: by such a list, or by a wider one.
    pub fn of_selector(&self, kind: &GroupKind, namespace: Option<&str>, selector: &str) -> Reading {
        self.best(kind, namespace, |entry| {
            entry.name.is_none() && entry.selector.as_deref().is_none_or(|asked| asked == selector)
        })
    }

    /// The most telling reading among the looks that cover the namespace: a success wins, then a refusal.
    fn best(&self, kind: &GroupKind, namespace: Option<&str>, counts: impl Fn(&Covered) -> bool) -> Reading {
        if self.complete {
            return Reading::Read;
        }
        self.entries
            .iter()
            .filter(|entry| entry.kind == *kind && counts(entry))
            .filter(|entry| entry.namespace.is_none() || entry.namespace.as_deref() == namespace)
            .map(|entry| &entry.reading)
            .max_by_key(|reading| reading.weight())
            .cloned()
            .unwrap_or_default()
    }
}
