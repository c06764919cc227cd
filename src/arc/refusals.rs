//! How the API server words that it does not let an object be changed, and what is behind it.

use super::denials;
use super::denials::Denier;

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuser {
    /// The user's own rights.
    Rights,
    /// An admission or conversion webhook.
    Webhook,
    /// A policy, a quota or another admission plugin.
    Policy,
    /// The object would not be valid.
    Schema,
    /// Its namespace takes nothing new.
    Namespace,
    /// Its kind takes nothing new.
    Unserved,
    /// One of its name is in the way.
    Moved,
    /// The server has trouble of its own.
    Server,
}

/// A phrase and what it means.
#[derive(Clone, Copy, Debug)]
pub struct RefusalRow {
    pub fragment: &'static str,
    /// The letter before which the name ends that follows the fragment; None: none follows.
    pub named: Option<char>,
    pub by: Refuser,
    /// In place of `{}` stands the name.
    pub means: &'static str,
    /// As a sentence. In place of `{arc}` stands the program.
    pub todo: &'static str,
}

/// The first that fits counts. Read below `staging/src/k8s.io` of Kubernetes, or where it says so.
pub const REFUSALS: &[RefusalRow] = &[
    // apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
    RefusalRow {
        fragment: "does not support dry run",
        named: None,
        by: Refuser::Webhook,
        means: "a webhook that is asked about it cannot be asked without doing it",
        todo: "Nothing is written that could not be tried out. Its configuration would have to say sideEffects: None.",
    },
    // apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
    RefusalRow {
        fragment: "failed calling webhook \"",
        named: Some('"'),
        by: Refuser::Webhook,
        means: "the admission webhook {} does not answer, and nothing is let through without it",
        todo: "{arc} explain admission-refuses tells how to find out why, and what to do about it.",
    },
    // apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go
    RefusalRow {
        fragment: "conversion webhook for ",
        named: Some(','),
        by: Refuser::Webhook,
        means: "the conversion webhook for {} does not answer, so objects of its kind cannot be read or written",
        todo: "It is named in spec.conversion of the CustomResourceDefinition: bring its Service back.",
    },
    // apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
    RefusalRow {
        fragment: "admission webhook \"",
        named: Some('"'),
        by: Refuser::Webhook,
        means: "the admission webhook {} says no",
        todo: "Whoever runs it can say what it wants, or make an exception.",
    },
    // apiserver/pkg/admission/plugin/policy/validating/dispatcher.go
    RefusalRow {
        fragment: "ValidatingAdmissionPolicy '",
        named: Some('\''),
        by: Refuser::Policy,
        means: "the ValidatingAdmissionPolicy {} says no",
        todo: "Whoever made it can say what it wants, or make an exception.",
    },
    // pkg/registry/rbac/validation/rule.go of Kubernetes
    RefusalRow {
        fragment: "is attempting to grant RBAC permissions not currently held",
        named: None,
        by: Refuser::Rights,
        means: "nobody may give rights that they do not have themselves",
        todo: "Let somebody do it who has them, or the verbs escalate and bind: a cluster-admin, as a rule.",
    },
    // plugin/pkg/admission/gc/gc_admission.go of Kubernetes
    RefusalRow {
        fragment: "cannot set blockOwnerDeletion",
        named: None,
        by: Refuser::Rights,
        means: "who makes an owner wait for a dependent needs the right to change the owner's finalizers",
        todo: "Let somebody do it who may update the finalizers subresource of the owner.",
    },
    // apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go
    RefusalRow {
        fragment: "because it is being terminated",
        named: None,
        by: Refuser::Namespace,
        means: "its namespace is being deleted, and takes nothing new",
        todo: "What is there has to go without it: run {arc} unblock again for the ways that are left.",
    },
    // apiextensions-apiserver/pkg/apiserver/customresource_handler.go
    RefusalRow {
        fragment: "not allowed while custom resource definition is terminating",
        named: None,
        by: Refuser::Unserved,
        means: "its CustomResourceDefinition is being deleted, and takes no new objects",
        todo: "What holds the CustomResourceDefinition has to go first.",
    },
    // apimachinery/pkg/api/validation/objectmeta.go
    RefusalRow {
        fragment: "no new finalizers can be added if the object is being deleted",
        named: None,
        by: Refuser::Schema,
        means: "an object that is being deleted takes no new finalizer",
        todo: "A finalizer that was taken off such an object cannot be put back.",
    },
    // apiserver/pkg/registry/generic/registry/store.go
    RefusalRow {
        fragment: "object is being deleted: ",
        named: None,
        by: Refuser::Moved,
        means: "one of its name is still there, and is being deleted",
        todo: "Run {arc} unblock again when it is gone.",
    },
    // pkg/registry/rbac/validation/rule.go of Kubernetes
    RefusalRow {
        fragment: "RBAC: role.rbac.authorization.k8s.io \"",
        named: Some('"'),
        by: Refuser::Rights,
        means: "you may not do this: a RoleBinding gives you the Role {}, and there is none",
        todo: "Make the Role again, or let somebody else do it.",
    },
    // apiserver/pkg/endpoints/handlers/responsewriters/errors.go
    RefusalRow {
        fragment: "is forbidden: User \"",
        named: Some('"'),
        by: Refuser::Rights,
        means: "{} may not do this",
        todo: "kubectl auth can-i --list shows what you may do; --context or --as chooses another identity.",
    },
    // api/v3rpc/rpctypes/error.go of etcd
    RefusalRow {
        fragment: "database space exceeded",
        named: None,
        by: Refuser::Server,
        means: "the server's store is full, and takes no change at all",
        todo: "Whoever runs the control plane has to compact and defragment etcd.",
    },
];

/// Who says no by these words, what that means and what to do; None: nobody that is known here.
pub fn refusal(words: &str) -> Option<(Refuser, String, &'static str)> {
    // A message inside another one has its quotes escaped.
    let words = words.replace("\\\"", "\"");
    if let Some(row) = REFUSALS.iter().find(|row| words.contains(row.fragment)) {
        let rest = words.split_once(row.fragment).map_or("", |(_, rest)| rest);
        let name = row.named.and_then(|end| rest.split(end).next()).unwrap_or_default();
        return Some((row.by, row.means.replace("{}", name), row.todo));
    }
    let (denier, name) = denials::denial(&words)?;
    let named = |what: &str| match name {
        "" => what.to_owned(),
        name => format!("{what} {name}"),
    };
    const ASK: &str = "Whoever made it can say what it wants, or make an exception.";
    Some(match denier {
        Denier::Quota => (Refuser::Policy, format!("{} is used up", named("the ResourceQuota")), ASK),
        Denier::LimitRange => (Refuser::Policy, "a LimitRange of its namespace says no".to_owned(), ASK),
        Denier::PodSecurity => (Refuser::Policy, "the pod security of its namespace says no".to_owned(), ASK),
        Denier::SecurityContext => {
            (Refuser::Policy, "OpenShift's security context constraints say no".to_owned(), ASK)
        }
        Denier::Missing => (
            Refuser::Policy,
            "it names something that is not there".to_owned(),
            "What is missing stands in the server's words: make it first.",
        ),
        Denier::Spec => (
            Refuser::Schema,
            "it would not be valid".to_owned(),
            "What is wrong stands in the server's words.",
        ),
        Denier::Webhook => (Refuser::Webhook, named("the webhook"), ASK),
        Denier::Policy => (Refuser::Policy, named("the policy"), ASK),
        Denier::Elsewhere => (Refuser::Rights, "you may not do this".to_owned(), "Let somebody else do it."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> (Refuser, String) {
        let (by, means, _) = refusal(words).unwrap();
        (by, means)
    }

    #[test]
    fn who_says_no_is_told_by_its_words() {
        let cases = [
            (
                "Internal error occurred: failed calling webhook \"a.example.com\": no endpoints available",
                Refuser::Webhook,
                "the admission webhook a.example.com does not answer, and nothing is let through without it",
            ),
            (
                "admission webhook \"b.example.com\" denied the request: no",
                Refuser::Webhook,
                "the admission webhook b.example.com says no",
            ),
            (
                "admission webhook \"b.example.com\" does not support dry run",
                Refuser::Webhook,
                "a webhook that is asked about it cannot be asked without doing it",
            ),
            (
                "conversion webhook for a.example.com/v1, Kind=A failed: no",
                Refuser::Webhook,
                "the conversion webhook for a.example.com/v1 does not answer, so objects of its kind cannot be read \
                 or written",
            ),
            (
                "x is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                Refuser::Policy,
                "the ValidatingAdmissionPolicy p says no",
            ),
            (
                "roles is forbidden: user \"u\" (groups=[\"g\"]) is attempting to grant RBAC permissions not currently \
                 held:\n{APIGroups:[\"\"]}",
                Refuser::Rights,
                "nobody may give rights that they do not have themselves",
            ),
            (
                "pods \"a\" is forbidden: User \"jane\" cannot patch resource \"pods\" in API group \"\"",
                Refuser::Rights,
                "jane may not do this",
            ),
            (
                "x is forbidden: User \"jane\" cannot patch resource \"x\": RBAC: role.rbac.authorization.k8s.io \"r\" \
                 not found",
                Refuser::Rights,
                "you may not do this: a RoleBinding gives you the Role r, and there is none",
            ),
            (
                "roles \"a\" is forbidden: unable to create new content in namespace n because it is being terminated",
                Refuser::Namespace,
                "its namespace is being deleted, and takes nothing new",
            ),
            (
                "object is being deleted: roles \"a\" already exists",
                Refuser::Moved,
                "one of its name is still there, and is being deleted",
            ),
            (
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found \
                 new finalizers []string{\"a/b\"}",
                Refuser::Schema,
                "an object that is being deleted takes no new finalizer",
            ),
            (
                "create not allowed while custom resource definition is terminating",
                Refuser::Unserved,
                "its CustomResourceDefinition is being deleted, and takes no new objects",
            ),
            (
                "etcdserver: mvcc: database space exceeded",
                Refuser::Server,
                "the server's store is full, and takes no change at all",
            ),
            (
                "pods \"a\" is forbidden: exceeded quota: compute, requested: pods=1",
                Refuser::Policy,
                "the ResourceQuota compute is used up",
            ),
            (
                "pods \"a\" is forbidden: violates PodSecurity \"baseline:latest\": host",
                Refuser::Policy,
                "the pod security of its namespace says no",
            ),
            ("Role \"a\" is invalid: rules: Required value", Refuser::Schema, "it would not be valid"),
        ];
        for (words, by, means) in cases {
            assert_eq!(said(words), (by, means.to_owned()), "{words}");
        }
        assert!(refusal("something else").is_none());
    }

    #[test]
    fn every_row_says_what_to_do() {
        for row in REFUSALS {
            assert!(row.todo.ends_with('.'), "{}", row.fragment);
            assert_eq!(row.means.contains("{}"), row.named.is_some(), "{}", row.fragment);
        }
    }
}
