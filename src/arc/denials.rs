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

/// A phrase and what it means.
#[derive(Clone, Copy, Debug)]
pub struct DenialRow {
    pub part: &'static str,
    pub denier: Denier,
    /// Where it was read in Kubernetes, or in OpenShift.
    pub source: &'static str,
}

const fn row(part: &'static str, denier: Denier, source: &'static str) -> DenialRow {
    DenialRow { part, denier, source }
}

const QUOTA: &str = "staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go";
const LIMITS: &str = "plugin/pkg/admission/limitranger/admission.go";

/// The first that fits counts.
pub const DENIALS: &[DenialRow] = &[
    row("because it is being terminated", Denier::Elsewhere, "pkg/admission/plugin/namespace/lifecycle"),
    row("cannot create resource", Denier::Elsewhere, "pkg/endpoints/handlers/responsewriters/errors.go"),
    row("exceeded quota: ", Denier::Quota, QUOTA),
    row("failed quota: ", Denier::Quota, QUOTA),
    row(" usage per Container is ", Denier::LimitRange, LIMITS),
    row(" usage per Pod is ", Denier::LimitRange, LIMITS),
    row(" max limit to request ratio per ", Denier::LimitRange, LIMITS),
    row("admission webhook \"", Denier::Webhook, "pkg/admission/plugin/webhook/errors/statuserror.go"),
    row("failed calling webhook \"", Denier::Webhook, "pkg/admission/plugin/webhook/errors/statuserror.go"),
    row(
        "ValidatingAdmissionPolicy '",
        Denier::Policy,
        "pkg/admission/plugin/policy/validating/dispatcher.go",
    ),
    row("violates PodSecurity ", Denier::PodSecurity, "k8s.io/pod-security-admission/admission"),
    row(
        "unable to validate against any security context constraint",
        Denier::SecurityContext,
        "openshift/apiserver-library-go pkg/securitycontextconstraints",
    ),
    row(
        "error looking up service account",
        Denier::Missing,
        "plugin/pkg/admission/serviceaccount/admission.go",
    ),
    row("no PriorityClass with name", Denier::Missing, "plugin/pkg/admission/priority/admission.go"),
    row("RuntimeClass \"", Denier::Missing, "plugin/pkg/admission/runtimeclass/admission.go"),
    row(" is invalid: ", Denier::Spec, "apimachinery/pkg/api/errors/errors.go"),
];

/// Who says no by these words, and the name that they give, `""` if none. None: nobody that is known here.
pub fn denial(words: &str) -> Option<(Denier, &str)> {
    let row = DENIALS.iter().find(|row| words.contains(row.part))?;
    let rest = words.split_once(row.part).map_or("", |(_, rest)| rest);
    let end = match row.denier {
        Denier::Quota => rest.find([',', ':', ' ']),
        Denier::Webhook => rest.find('"'),
        Denier::Policy => rest.find('\''),
        _ => Some(0),
    };
    Some((row.denier, &rest[..end.unwrap_or(rest.len())]))
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

    #[test]
    fn every_denial_says_where_it_was_read() {
        assert!(DENIALS.iter().all(|row| row.part.len() > 5 && !row.source.is_empty()));
    }
}
