//! What may be asked for at all: the rights that reading takes. docs/rbac/why.yaml and the table in README.md are made from
//! it, and a test of every case sees that the requests take these rights and no others.

use crate::arc;
use crate::model::Depth;
use crate::model::GroupKind;

/// Kinds of one API group that are read alike.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    pub kinds: &'static [GroupKind],
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for people and for tests"))]
    pub verbs: &'static [&'static str],
    pub depth: Depth,
    /// When it is asked for; `""`: for every question. Without such a right most questions are answered.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for people and for tests"))]
    pub only: &'static str,
    /// What is seen in it.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for people and for tests"))]
    pub shows: &'static str,
}

const GET: &[&str] = &["get"];
/// Who may list may get: it shows no more, and a TARGET of the kind is asked for by its name.
const BOTH: &[&str] = &["get", "list"];

pub const RIGHTS: &[Right] = &[
    Right {
        kinds: &arc::SCALE_SET_KINDS,
        verbs: BOTH,
        depth: Depth::Full,
        only: "",
        shows: "runner sets, listeners and runners: which are to come or to go, and how far they are",
    },
    Right {
        kinds: &[arc::NAMESPACE],
        verbs: BOTH,
        depth: Depth::Full,
        only: "",
        shows: "whether a namespace is being deleted, and what is left in it",
    },
    Right {
        kinds: &[arc::POD],
        verbs: BOTH,
        depth: Depth::Full,
        only: "",
        shows: "whether controllers, listeners and runners run",
    },
    Right {
        kinds: &[arc::DEPLOYMENT],
        verbs: BOTH,
        depth: Depth::Full,
        only: "",
        shows: "which controllers there are, of which version, for which namespaces",
    },
    Right {
        kinds: &[arc::SECRET],
        verbs: BOTH,
        depth: Depth::Metadata,
        only: "",
        shows: "whether the credentials for GitHub are there, what protects them, and the state of Helm releases",
    },
    Right {
        kinds: &[arc::SERVICE_ACCOUNT],
        verbs: BOTH,
        depth: Depth::Metadata,
        only: "",
        shows: "whether what the chart made is there, and what protects it",
    },
    Right {
        kinds: &[arc::ROLE, arc::ROLE_BINDING],
        verbs: BOTH,
        depth: Depth::Full,
        only: "",
        shows: "what the controller may do, and what protects it",
    },
    Right {
        kinds: &[arc::CRD],
        verbs: GET,
        depth: Depth::Metadata,
        only: "",
        shows: "whether ARC's kinds are there, and whether they are being deleted",
    },
    Right {
        kinds: &[arc::ACCESS_REVIEW],
        verbs: &["create"],
        depth: Depth::Full,
        only: "where something waits for the controller",
        shows: "whether the controller may do its next step; the question is stored nowhere",
    },
    Right {
        kinds: &[arc::CLUSTER_ROLE, arc::CLUSTER_ROLE_BINDING],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where the controller lacks a right, or nobody may ask whether it does",
        shows: "which of them should give the controller its rights",
    },
    Right {
        kinds: &[arc::POD_LOG],
        verbs: GET,
        depth: Depth::Full,
        only: "where a line would decide or prove",
        shows: "what controllers, listeners and runners say of GitHub and of refusals",
    },
    Right {
        kinds: &[arc::CONFIG_MAP],
        verbs: GET,
        depth: Depth::Metadata,
        only: "where a runner set has githubServerTLS",
        shows: "whether the certificate that a runner set names is there",
    },
    Right {
        kinds: &[arc::EVENT],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where a pod does not start",
        shows: "warnings that say why a pod does not start",
    },
    Right {
        kinds: &[arc::RESOURCE_QUOTA, arc::LIMIT_RANGE],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where a pod is refused",
        shows: "which of them refuses a pod",
    },
    Right {
        kinds: &[arc::NODE],
        verbs: GET,
        depth: Depth::Full,
        only: "where a pod cannot go",
        shows: "whether the node of a pod is there and ready",
    },
    Right {
        kinds: &[arc::MUTATING_WEBHOOKS, arc::VALIDATING_WEBHOOKS],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where a webhook may refuse",
        shows: "which webhooks are asked about an object, and what is to answer",
    },
    Right {
        kinds: &[arc::SERVICE],
        verbs: GET,
        depth: Depth::Full,
        only: "where a webhook may refuse",
        shows: "whether the Service behind a webhook is there",
    },
    Right {
        kinds: &[arc::ENDPOINT_SLICE],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where a webhook may refuse",
        shows: "whether anything answers behind that Service",
    },
    Right {
        kinds: &[arc::API_SERVICE],
        verbs: BOTH,
        depth: Depth::Full,
        only: "where a namespace says that not all of the API answers",
        shows: "which aggregated API is down",
    },
    Right {
        kinds: &[arc::APPLICATION],
        verbs: BOTH,
        depth: Depth::Full,
        only: "with -A, where Argo CD is installed",
        shows: "whether what delivers ARC is stuck itself",
    },
    Right {
        kinds: &arc::LEGACY_KINDS,
        verbs: BOTH,
        depth: Depth::Full,
        only: "where legacy mode is installed",
        shows: "the runners of legacy mode, and what they wait for",
    },
];

/// How much of a kind is needed. Of kinds that no rule knows, metadata tells all that is looked at.
pub fn depth(kind: &GroupKind) -> Depth {
    let known = RIGHTS.iter().find(|right| right.kinds.contains(kind));
    known.map_or(Depth::Metadata, |right| right.depth)
}
