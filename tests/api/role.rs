//! A user who has these roles and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use super::Asked;
use super::kinds::Kind;
use super::status;
use super::status::Reply;
use super::yaml;

/// API group, resource with its subresource, and verb, as a Role names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    pub group: String,
    pub resource: String,
    pub verb: String,
}

/// What the files of docs/rbac allow, all together.
#[derive(Clone, Debug, Default)]
pub struct Role(pub BTreeSet<Right>);

impl Role {
    /// The roles in these files of docs/rbac.
    pub fn documented(files: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rbac");
        let read = |file: &&str| std::fs::read_to_string(folder.join(file)).expect("a documented role");
        let documents: Vec<serde_json::Value> =
            files.iter().flat_map(|file| yaml::documents(&read(file))).collect();
        let texts = |value: &serde_json::Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items.map(|item| item.as_str().expect("a word").to_owned()).collect()
        };
        let mut rights = BTreeSet::new();
        for rule in documents.iter().flat_map(|document| document["rules"].as_array().into_iter().flatten()) {
            for group in texts(&rule["apiGroups"]) {
                for resource in texts(&rule["resources"]) {
                    for verb in texts(&rule["verbs"]) {
                        rights.insert(Right { group: group.clone(), resource: resource.clone(), verb });
                    }
                }
            }
        }
        Self(rights)
    }

    /// The refusal of what it does not allow.
    pub fn refusal(&self, asked: &Asked) -> Option<Reply> {
        let right = Right::taken(asked).filter(|right| !self.0.contains(right))?;
        let mut kind = Kind::guess(&format!("{}/v1", right.group), "", true);
        kind.plural.clone_from(&right.resource);
        Some(status::forbidden(&kind, "reader", &right.verb, None, ""))
    }
}

impl Right {
    /// What a request takes. None: everybody may ask that.
    pub fn taken(asked: &Asked) -> Option<Self> {
        let segments: Vec<&str> = asked.path.split('/').skip(1).collect();
        let (group, rest) = match &segments[..] {
            ["api", _, rest @ ..] => ("", rest),
            ["apis", group, _, rest @ ..] => (*group, rest),
            _ => return None,
        };
        let rest = match rest {
            ["namespaces", _, plural, rest @ ..] if !matches!(*plural, "status" | "finalize") => {
                [&[*plural], rest].concat()
            }
            rest => rest.to_vec(),
        };
        let resource = match rest[..] {
            [plural] | [plural, _] => plural.to_owned(),
            [plural, _, part] => format!("{plural}/{part}"),
            _ => return None,
        };
        let verb = match asked.method.as_str() {
            "GET" if rest.len() == 1 => "list",
            "GET" => "get",
            "POST" => "create",
            "PATCH" => "patch",
            "DELETE" => "delete",
            other => other,
        };
        Some(Self { group: group.to_owned(), resource, verb: verb.to_owned() })
    }
}
