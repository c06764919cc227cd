//! How the API server words that it does not let a pod be made, and what is behind it.

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

#[cfg(test)]
mod tests {
    use super::*;

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
