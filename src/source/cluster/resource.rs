//! Where the objects of a kind are served.

use std::borrow::Cow;

use percent_encoding::AsciiSet;
use percent_encoding::CONTROLS;
use percent_encoding::utf8_percent_encode;

use crate::arc::KindRow;
use crate::model::GroupKind;

/// What may not stand as it is in a segment of a path or in a query.
const RESERVED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A kind as the server serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub kind: GroupKind,
    /// `v1`, `apps/v1`.
    pub api_version: String,
    pub plural: String,
    pub namespaced: bool,
}

impl Resource {
    pub fn of_row(row: &KindRow) -> Self {
        Self {
            kind: row.group_kind(),
            api_version: row.api_version(),
            plural: row.plural.to_owned(),
            namespaced: row.namespaced,
        }
    }

    /// The same resource in another version of its group.
    pub fn in_version(&self, api_version: &str) -> Self {
        Self { api_version: api_version.to_owned(), ..self.clone() }
    }

    /// The path of the collection, or of one object in it.
    pub fn path(&self, namespace: Option<&str>, name: Option<&str>) -> String {
        let mut path = version_path(&self.api_version);
        if let Some(namespace) = namespace.filter(|_| self.namespaced) {
            path.push_str("/namespaces/");
            path.push_str(&encode(namespace));
        }
        path.push('/');
        path.push_str(&encode(&self.plural));
        if let Some(name) = name {
            path.push('/');
            path.push_str(&encode(name));
        }
        path
    }
}

/// `/api/v1` or `/apis/apps/v1`.
pub fn version_path(api_version: &str) -> String {
    match api_version.contains('/') {
        true => format!("/apis/{api_version}"),
        false => format!("/api/{api_version}"),
    }
}

/// Whether the server could hold something of this name. What cannot be a segment of a path is no name, and
/// asking for it would ask for something else: `..` is the collection above.
pub fn is_possible_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '%'])
}

pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arc;

    fn known(kind: &GroupKind) -> Resource {
        Resource::of_row(arc::kind_row(kind).unwrap())
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let pod = known(&arc::POD);
        assert_eq!(pod.path(None, None), "/api/v1/pods");
        assert_eq!(pod.path(Some("ns"), None), "/api/v1/namespaces/ns/pods");
        assert_eq!(pod.path(Some("ns"), Some("p")), "/api/v1/namespaces/ns/pods/p");
        let role = known(&arc::CLUSTER_ROLE);
        assert_eq!(
            role.path(None, Some("system:node")),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node"
        );
        assert_eq!(known(&arc::NAMESPACE).path(Some("x"), Some("x")), "/api/v1/namespaces/x");
    }

    #[test]
    fn a_name_cannot_leave_its_segment() {
        assert_eq!(known(&arc::POD).path(Some("n"), Some("a/b?c")), "/api/v1/namespaces/n/pods/a%2Fb%3Fc");
        for impossible in ["", ".", "..", "a/b", "a%2Fb"] {
            assert!(!is_possible_name(impossible), "{impossible}");
        }
        assert!(is_possible_name("a.b-c:d"));
    }
}
