//! What to ask the server: requests in the form of questions, each once and in a fixed order.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::arc::KINDS;
use crate::arc::POD_LOG;
use crate::arc::kind_row;
use crate::model::Depth;
use crate::model::Question;
use crate::model::Request;
use crate::model::What;

use super::resource::Resource;

/// Which objects of a resource are wanted, and how much of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub selector: Option<String>,
    pub depth: Depth,
}

/// One thing to find out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    Known(Resource, Look),
    /// A resource of which only plural and group are known.
    Unknown {
        plural: String,
        group: String,
        look: Look,
    },
    Review(Question),
    /// The logs of a pod.
    Log {
        namespace: String,
        pod: String,
    },
    /// A kind that no reader knows how to ask for.
    Impossible(Request),
}

/// Puts the requests in order and leaves out repetitions: what is wanted in full and in part is read in full.
pub fn tasks(requests: &[Request]) -> Vec<Task> {
    let mut depths = BTreeMap::new();
    let mut reviews = BTreeSet::new();
    for request in requests {
        let request = normal(request);
        if let What::Review(question) = request.what {
            reviews.insert(question);
            continue;
        }
        let wanted = (request.what, request.namespace, request.name, request.selector);
        let depth = depths.entry(wanted).or_insert(request.depth);
        *depth = request.depth.max(*depth);
    }
    let looks = depths.into_iter().map(|((what, namespace, name, selector), depth)| {
        task(Request { what, namespace, name, selector, depth })
    });
    looks.chain(reviews.into_iter().map(Task::Review)).collect()
}

fn task(request: Request) -> Task {
    let look = Look {
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        selector: request.selector.clone(),
        depth: request.depth,
    };
    match &request.what {
        What::Kind(kind) => match kind_row(kind) {
            Some(row) => Task::Known(Resource::of_row(row), look),
            None => match (look.namespace, look.name) {
                (Some(namespace), Some(pod)) if *kind == POD_LOG => Task::Log { namespace, pod },
                _ => Task::Impossible(request),
            },
        },
        What::Resource { plural, group } => {
            Task::Unknown { plural: plural.clone(), group: group.clone(), look }
        }
        What::Review(question) => Task::Review(question.clone()),
    }
}

/// One way to write each request, so that the same look is recognised.
fn normal(request: &Request) -> Request {
    let mut request = request.clone();
    for text in [&mut request.namespace, &mut request.name, &mut request.selector] {
        *text = text.take().filter(|text| !text.is_empty());
    }
    // There is one object of a name; a selector could only hide it.
    if request.name.is_some() {
        request.selector = None;
    }
    let row = match &request.what {
        What::Resource { plural, group } => {
            KINDS.iter().find(|row| row.plural == plural && row.group == group)
        }
        What::Kind(kind) => kind_row(kind),
        What::Review(_) => None,
    };
    if let Some(row) = row {
        request.what = What::Kind(row.group_kind());
        if !row.namespaced {
            request.namespace = None;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arc;

    fn pods(namespace: &str, depth: Depth) -> Request {
        Request {
            what: What::Kind(arc::POD),
            namespace: Some(namespace.to_owned()),
            name: None,
            selector: None,
            depth,
        }
    }

    #[test]
    fn the_same_look_is_taken_once_and_as_deep_as_anybody_wants() {
        let by_plural = Request {
            what: What::Resource { plural: "pods".to_owned(), group: String::new() },
            ..pods("a", Depth::Metadata)
        };
        let all =
            tasks(&[pods("b", Depth::Full), pods("a", Depth::Metadata), pods("a", Depth::Full), by_plural]);
        let looks: Vec<_> = all
            .iter()
            .map(|task| match task {
                Task::Known(_, look) => (look.namespace.as_deref(), look.depth),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(looks, [(Some("a"), Depth::Full), (Some("b"), Depth::Full)]);
    }

    #[test]
    fn what_belongs_to_no_namespace_is_not_asked_for_in_one() {
        let namespace = Request {
            what: What::Kind(arc::NAMESPACE),
            name: Some("a".to_owned()),
            selector: Some("x=y".to_owned()),
            ..pods("a", Depth::Full)
        };
        let [Task::Known(_, look)] = &tasks(&[namespace])[..] else { panic!() };
        assert_eq!((look.namespace.as_deref(), look.selector.as_deref()), (None, None));
    }
}
