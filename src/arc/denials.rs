//! How the API server words that it does not let a pod be made, and what is behind it.

use crate::model::Question;

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denier {
    /// A ResourceQuota, whose name follows.
    Quota,
    /// A LimitRange, which is not named.
    LimitRange,
    /// An admission webhook, whose name follows.
    Webhook,
    /// A ValidatingAdmissionPolicy, whose name follows.
    Policy,
    /// The pod security level of the namespace.
    PodSecurity,
    /// OpenShift's security context constraints.
    SecurityContext,
    /// Something that the pod names and that is not there: a ServiceAccount, a class.
    Missing,
    /// The pod's own spec is not valid.
    Spec,
    /// The authorizer, or a namespace that is being deleted: other classes.
    Elsewhere,
}

/// A phrase and what it means; the first that fits counts. Read in Kubernetes, below `staging/src/k8s.io/apiserver`
/// and `plugin/pkg/admission`, and in OpenShift's `apiserver-library-go`.
const DENIALS: &[(&str, Denier)] = &[
    // pkg/admission/plugin/namespace/lifecycle, pkg/endpoints/handlers/responsewriters/errors.go
    ("because it is being terminated", Denier::Elsewhere),
    ("cannot create resource", Denier::Elsewhere),
    // pkg/admission/plugin/resourcequota/controller.go
    ("exceeded quota: ", Denier::Quota),
    ("failed quota: ", Denier::Quota),
    // plugin/pkg/admission/limitranger/admission.go
    (" usage per Container is ", Denier::LimitRange),
    (" usage per Pod is ", Denier::LimitRange),
    (" max limit to request ratio per ", Denier::LimitRange),
    // pkg/admission/plugin/webhook/errors/statuserror.go
    ("admission webhook \"", Denier::Webhook),
    ("failed calling webhook \"", Denier::Webhook),
    // pkg/admission/plugin/policy/validating/dispatcher.go
    ("ValidatingAdmissionPolicy '", Denier::Policy),
    // k8s.io/pod-security-admission/admission
    ("violates PodSecurity ", Denier::PodSecurity),
    // pkg/securitycontextconstraints
    ("unable to validate against any security context constraint", Denier::SecurityContext),
    // plugin/pkg/admission/serviceaccount, priority, runtimeclass
    ("error looking up service account", Denier::Missing),
    ("no PriorityClass with name", Denier::Missing),
    ("RuntimeClass \"", Denier::Missing),
    // k8s.io/apimachinery/pkg/api/errors/errors.go
    (" is invalid: ", Denier::Spec),
];

/// Who says no by these words, and the name that they give, `""` if none. None: nobody that is known here.
pub fn denial(words: &str) -> Option<(Denier, &str)> {
    let (part, denier) = DENIALS.iter().find(|(part, _)| words.contains(part))?;
    let rest = words.split_once(part).map_or("", |(_, rest)| rest);
    let end = match denier {
        Denier::Quota => rest.find([',', ':', ' ']),
        Denier::Webhook => rest.find('"'),
        Denier::Policy => rest.find('\''),
        _ => Some(0),
    };
    Some((*denier, &rest[..end.unwrap_or(rest.len())]))
}

/// The question that the authorizer answered with no, by its words
/// (`pkg/endpoints/handlers/responsewriters/errors.go`): `secrets "x" is forbidden: User "u" cannot get resource
/// "secrets" in API group "" in the namespace "n"`, or `… at the cluster scope`.
pub fn forbidden(words: &str) -> Option<Question> {
    let (before, rest) = words.split_once(" is forbidden: User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, rest) = rest.split_once("\" in API group \"")?;
    let (group, rest) = rest.split_once('"')?;
    let namespace = match rest.strip_prefix(" in the namespace \"") {
        Some(rest) => rest.split_once('"')?.0,
        None => rest.starts_with(" at the cluster scope").then_some("")?,
    };
    let name = before.strip_suffix('"').and_then(|before| Some(before.rsplit_once('"')?.1));
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    Some(Question {
        user: user.to_owned(),
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_question_that_it_answers() {
        let user = "User \"system:serviceaccount:a:b\"";
        let wide = format!(
            "failed to list *v1alpha1.EphemeralRunner: ephemeralrunners.actions.github.com is forbidden: {user} cannot \
             list resource \"ephemeralrunners\" in API group \"actions.github.com\" at the cluster scope"
        );
        let wide = forbidden(&wide).unwrap();
        assert_eq!((wide.user.as_str(), wide.verb.as_str()), ("system:serviceaccount:a:b", "list"));
        assert_eq!((wide.group.as_str(), wide.resource.as_str()), ("actions.github.com", "ephemeralrunners"));
        assert_eq!((wide.namespace.as_str(), wide.name.as_str()), ("", ""));
        let narrow = format!(
            "pods \"p\" is forbidden: {user} cannot get resource \"pods/log\" in API group \"\" in the namespace \"n\""
        );
        let narrow = forbidden(&narrow).unwrap();
        assert_eq!((narrow.resource.as_str(), narrow.subresource.as_str()), ("pods", "log"));
        assert_eq!((narrow.group.as_str(), narrow.namespace.as_str(), narrow.name.as_str()), ("", "n", "p"));
        for words in [
            "pods \"a\" is forbidden: exceeded quota: compute",
            "pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" in the",
            "",
        ] {
            assert_eq!(forbidden(words), None, "{words}");
        }
    }

    #[test]
    fn who_says_no_is_told_by_its_words() {
        let cases = [
            (
                "Failed to create the pod: pods \"a\" is forbidden: exceeded quota: compute, requested: pods=1, used: \
                 pods=4, limited: pods=4",
                Some((Denier::Quota, "compute")),
            ),
            (
                "pods \"a\" is forbidden: failed quota: compute: must specify limits.cpu",
                Some((Denier::Quota, "compute")),
            ),
            (
                "pods \"a\" is forbidden: maximum cpu usage per Container is 2, but limit is 4",
                Some((Denier::LimitRange, "")),
            ),
            (
                "admission webhook \"v.example.com\" denied the request: no",
                Some((Denier::Webhook, "v.example.com")),
            ),
            (
                "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                Some((Denier::Policy, "p")),
            ),
            (
                "Pod \"a\" is invalid: spec.containers[0].volumeMounts[0].name: Not found: \"work\"",
                Some((Denier::Spec, "")),
            ),
            (
                "pods is forbidden: User \"system:serviceaccount:a:b\" cannot create resource \"pods\"",
                Some((Denier::Elsewhere, "")),
            ),
            ("something else", None),
        ];
        for (words, expected) in cases {
            assert_eq!(denial(words), expected, "{words}");
        }
    }
}
