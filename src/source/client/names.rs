//! What the kubeconfig names, for whoever chooses among it.

use crate::error::Error;

use super::environment::Environment;
use super::kubeconfig;
use super::options::ConnectOptions;

/// The names in all of the user's kubeconfig files, each in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub contexts: Vec<Context>,
    pub clusters: Vec<String>,
    pub users: Vec<String>,
}

/// A context, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub name: String,
    pub cluster: String,
    /// Empty where it names none.
    pub namespace: String,
    pub is_current: bool,
}

/// Reads the files that the options and the environment mean. Nothing is connected to.
///
/// # Errors
/// A file cannot be used.
pub fn names(options: &ConnectOptions) -> Result<Names, Error> {
    names_in(options, &Environment::real())
}

fn names_in(options: &ConnectOptions, environment: &Environment) -> Result<Names, Error> {
    let config = kubeconfig::load(options, environment)?.config;
    let current = config.current_context;
    let contexts = config.contexts.into_iter().map(|named| {
        let context = named.context.unwrap_or_default();
        Context {
            is_current: current.as_ref() == Some(&named.name),
            name: named.name,
            cluster: context.cluster,
            namespace: context.namespace.unwrap_or_default(),
        }
    });
    Ok(Names {
        contexts: contexts.collect(),
        clusters: config.clusters.into_iter().map(|named| named.name).collect(),
        users: config.auth_infos.into_iter().map(|named| named.name).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_are_read_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(
            &a,
            "current-context: east\ncontexts: [{name: east, context: {cluster: e, user: me, namespace: ci}}]\n\
             clusters: [{name: e, cluster: {server: https://e.example}}]",
        )
        .unwrap();
        std::fs::write(
            &b,
            "current-context: west\ncontexts: [{name: west, context: {cluster: w, user: me}}]\n\
             users: [{name: me, user: {token: t}}]",
        )
        .unwrap();
        let list = std::env::join_paths([&a, &b]).unwrap();
        let environment = Environment::of(&[("KUBECONFIG", list.to_str().unwrap())]);
        let context = |name: &str, cluster: &str, namespace: &str, is_current| Context {
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
            is_current,
        };
        let expected = Names {
            contexts: vec![context("east", "e", "ci", true), context("west", "w", "", false)],
            clusters: vec!["e".to_owned()],
            users: vec!["me".to_owned()],
        };
        assert_eq!(names_in(&ConnectOptions::default(), &environment), Ok(expected));
    }
}
