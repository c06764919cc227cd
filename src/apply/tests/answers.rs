//! What the server says no with, and what becomes of it.

use super::*;

/// A no to the trial.
async fn refused(answer: fn() -> Answer) -> (Refusal, usize) {
    let mut stage = Stage::new(move |asked| if asked.is_write() { answer() } else { good(asked) });
    let refusal = stage.refusal(&drop_first()).await;
    (refusal, stage.writes().len())
}

type Row = (fn() -> Answer, RefusalKind, &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        || {
            forbidden(
                "ephemeralrunners.actions.github.com \"r\" is forbidden: User \"jane\" cannot patch resource \
                 \"ephemeralrunners\" in API group \"actions.github.com\" in the namespace \"n\"",
            )
        },
        RefusalKind::Forbidden,
        "cannot change EphemeralRunner n/r: jane may not do this (the server says: ephemeralrunners",
        "kubectl auth can-i --list",
    ),
    (
        || status(401, "Unauthorized", "Unauthorized", Value::Null),
        RefusalKind::Forbidden,
        "the server does not accept your credentials",
        "Log in",
    ),
    (
        || {
            let message = "Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: \
                Post \"https://w.ns.svc:443/x\": no endpoints available for service \"w\"";
            status(500, "InternalError", message, json!({"causes": [{"message": "x"}]}))
        },
        RefusalKind::Webhook,
        "the admission webhook w.example.com does not answer",
        "admission-refuses",
    ),
    (
        || forbidden("admission webhook \"w.example.com\" denied the request: not on a Friday"),
        RefusalKind::Webhook,
        "the admission webhook w.example.com says no (the server says: admission webhook \"w.example.com\" denied the \
         request: not on a Friday)",
        "make an exception",
    ),
    (
        || {
            status(
                400,
                "BadRequest",
                "admission webhook \"w.example.com\" does not support dry run",
                json!({}),
            )
        },
        RefusalKind::Webhook,
        "cannot be asked without doing it",
        "sideEffects: None",
    ),
    (
        || {
            let message = "ephemeralrunners \"r\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied \
                request: failed expression: false";
            status(422, "Invalid", message, json!({"causes": [{"message": "no"}]}))
        },
        RefusalKind::Policy,
        "the ValidatingAdmissionPolicy p says no",
        "make an exception",
    ),
    (
        || forbidden("pods \"r\" is forbidden: exceeded quota: q, requested: pods=1"),
        RefusalKind::Policy,
        "the ResourceQuota q is used up",
        "make an exception",
    ),
    (
        || {
            let details = json!({"name": "r", "causes": [
                {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.patchID"}]});
            let message =
                "EphemeralRunnerSet.actions.github.com \"r\" is invalid: spec.patchID: Required value";
            status(422, "Invalid", message, details)
        },
        RefusalKind::Schema,
        "it would not be valid: spec.patchID: Required value",
        "asks for spec.patchID, which it was made without: the same patch has to add it.",
    ),
    (
        || {
            let what = "Forbidden: no new finalizers can be added if the object is being deleted, found new \
                finalizers []string{\"a/b\"}";
            let details = json!({"name": "r", "causes": [
                {"reason": "FieldValueForbidden", "message": what, "field": "metadata.finalizers"}]});
            let message = format!("EphemeralRunner \"r\" is invalid: metadata.finalizers: {what}");
            status(422, "Invalid", &message, details)
        },
        RefusalKind::Schema,
        "it would not be valid: metadata.finalizers: Forbidden: no new finalizers",
        "cannot be put back",
    ),
    (
        || {
            status(
                500,
                "InternalError",
                "conversion webhook for x.example.com/v1, Kind=X failed: refused",
                json!({}),
            )
        },
        RefusalKind::Webhook,
        "the conversion webhook for x.example.com/v1 does not answer",
        "spec.conversion",
    ),
    (
        || status(500, "InternalError", "etcdserver: mvcc: database space exceeded", json!({})),
        RefusalKind::Unreachable,
        "the server's store is full",
        "etcd",
    ),
    (
        || Answer::Text(404, "404 page not found\n"),
        RefusalKind::NotServed,
        "the server does not serve its kind",
        "There is no EphemeralRunner in actions.github.com/v1alpha1",
    ),
    (
        || {
            let details = json!({"name": "n", "kind": "namespaces"});
            status(404, "NotFound", "namespaces \"n\" not found", details)
        },
        RefusalKind::NamespaceGone,
        "its namespace n is gone",
        "namespace",
    ),
    (
        || status(413, "RequestEntityTooLarge", "too large", json!({})),
        RefusalKind::Refused,
        "cannot change EphemeralRunner n/r: too large (413)",
        "",
    ),
    (
        || status(503, "ServiceUnavailable", "down", json!({})),
        RefusalKind::Unreachable,
        "cannot change EphemeralRunner n/r: down",
        "readyz",
    ),
    (
        || Answer::Text(502, "<html>nginx</html>"),
        RefusalKind::Unreachable,
        "the answer was 502, and not from an API server",
        "readyz",
    ),
    (
        || Answer::Text(200, "<html>Log in</html>"),
        RefusalKind::Unreachable,
        "the answer was 200, and not from an API server",
        "",
    ),
    (
        || Answer::Text(403, "<html>Blocked</html>"),
        RefusalKind::Unreachable,
        "the answer was 403, and not from an API server",
        "readyz",
    ),
];

#[tokio::test]
async fn a_no_is_explained_and_nothing_is_sent_for_good() {
    for (answer, kind, said, hint) in ROWS {
        let (refusal, writes) = refused(*answer).await;
        assert_eq!((refusal.kind, writes), (*kind, 0), "{said}: {}", refusal.message);
        assert!(refusal.message.contains(said), "{said}: {}", refusal.message);
        assert!(refusal.hint.unwrap_or_default().contains(hint), "{said}: {hint}");
    }
}

#[tokio::test]
async fn a_no_after_the_trial_was_good_is_explained_as_well() {
    for (answer, kind, said, _) in ROWS.iter().filter(|row| row.1 != RefusalKind::Unreachable) {
        let mut stage = Stage::new(move |asked| if asked.is_for_good() { answer() } else { good(asked) });
        let refusal = stage.refusal(&drop_first()).await;
        assert_eq!((refusal.kind, stage.writes().len()), (*kind, 1), "{said}");
    }
}

#[tokio::test]
async fn what_the_server_says_is_short_and_without_secrets() {
    let token = format!("ghp_{}", "a1".repeat(18));
    let long = format!("admission webhook \"w\" denied the request: {token} {}", "x".repeat(2000));
    let mut stage = Stage::new(move |asked| if asked.is_write() { forbidden(&long) } else { good(asked) });
    let refusal = stage.refusal(&drop_first()).await;
    assert!(refusal.message.len() < 600 && !refusal.message.contains("ghp_"), "{}", refusal.message);
}

#[tokio::test]
async fn who_may_not_read_it_does_not_write_to_it() {
    let mut stage = Stage::new(|_| forbidden("x is forbidden: User \"jane\" cannot get resource \"x\""));
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!(refusal.kind, RefusalKind::Forbidden);
    assert!(refusal.message.starts_with("cannot read EphemeralRunner n/r: jane may not do this"));
    assert_eq!(stage.asked().len(), 1);
}

/// A change between the trial and the write: the server says only that something did not fit.
#[tokio::test]
async fn what_moved_is_found_out() {
    let mut other = runner();
    other["metadata"]["finalizers"] = json!(["a/zero", "a/one"]);
    let mut namesake = runner();
    namesake["metadata"]["uid"] = "u-2".into();
    let cases: [(Value, Result<&str, &str>); 3] = [
        (other, Err("metadata.finalizers[0] is \"a/zero\" now, and not \"a/one\"")),
        (namesake, Err("its uid is u-2, and not u-1")),
        (freed(), Ok("EphemeralRunner n/r is as it was to be already")),
    ];
    for (now, said) in cases {
        let mut stage = Stage::new(move |asked| match asked.method.as_str() {
            "GET" if asked.before > 0 => Answer::Is(200, now.clone()),
            "PATCH" if asked.is_for_good() => test_failed(),
            _ => good(asked),
        });
        match (stage.carry_out(&drop_first()).await, said) {
            (Ok(Done::Already(why)), Ok(said)) => assert_eq!(why, said),
            (Err(refusal), Err(said)) => {
                assert_eq!(refusal.kind, RefusalKind::Moved);
                assert!(refusal.message.contains(said), "{}", refusal.message);
            }
            (other, said) => panic!("{said:?}: {other:?}"),
        }
        assert_eq!(stage.writes().len(), 1);
    }
}

#[tokio::test]
async fn what_went_away_meanwhile_needs_nothing() {
    let mut stage = Stage::new(|asked| match asked.method.as_str() {
        "GET" if asked.before > 0 => not_found(),
        "PATCH" if asked.is_for_good() => not_found(),
        _ => good(asked),
    });
    let done = stage.carry_out(&drop_first()).await;
    assert_eq!(done, Ok(Done::Already("EphemeralRunner n/r is gone".to_owned())));
}

#[tokio::test]
async fn a_conflict_over_something_else_is_tried_once_more() {
    let conflict = || status(409, "Conflict", "the object has been modified", json!({"name": "r"}));
    let mut stage = Stage::new(move |asked| match (asked.is_for_good(), asked.before) {
        (true, 1) => conflict(),
        _ => good(asked),
    });
    assert!(matches!(stage.carry_out(&drop_first()).await, Ok(Done::Changed(_))));
    assert_eq!(stage.writes().len(), 2);
    let mut stage = Stage::new(move |asked| if asked.is_for_good() { conflict() } else { good(asked) });
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!((refusal.kind, stage.writes().len()), (RefusalKind::Moved, 2));
    assert!(refusal.message.contains("it changes faster than it can be written to"));
}

#[tokio::test]
async fn a_busy_server_is_asked_again_but_not_for_ever() {
    let mut stage = Stage::new(|asked| match (asked.is_write(), asked.before) {
        (true, 0 | 2 | 3) => Answer::Later(429, 1),
        _ => good(asked),
    });
    assert!(matches!(stage.carry_out(&drop_first()).await, Ok(Done::Changed(_))));
    let mut stage =
        Stage::new(|asked| if asked.is_for_good() { Answer::Later(429, 3600) } else { good(asked) });
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!((refusal.kind, stage.writes().len()), (RefusalKind::Unreachable, 4));
    assert_eq!(refusal.message, "cannot change EphemeralRunner n/r: the server is too busy");
}

fn webhooks() -> Answer {
    let hook = |name: &str, resources: &str| json!({"name": name, "rules": [{"apiGroups": ["*"], "resources": [resources], "operations": ["UPDATE"]}]});
    Answer::Is(
        200,
        json!({"kind": "MutatingWebhookConfigurationList", "apiVersion": "admissionregistration.k8s.io/v1",
            "metadata": {}, "items": [{"metadata": {"name": "c"},
                "webhooks": [hook("keeper.example.com", "ephemeralrunners"), hook("other.example.com", "pods")]}]}),
    )
}

#[tokio::test]
async fn a_webhook_that_puts_it_back_is_named() {
    for only_for_good in [false, true] {
        let mut stage = Stage::new(move |asked| match asked.path.as_str() {
            path if path.contains("mutatingwebhookconfigurations") => webhooks(),
            _ if asked.is_write() && (asked.is_for_good() || !only_for_good) => Answer::Is(200, runner()),
            _ => good(asked),
        });
        let refusal = stage.refusal(&drop_first()).await;
        assert_eq!((refusal.kind, stage.writes().len()), (RefusalKind::Undone, usize::from(only_for_good)));
        assert_eq!(
            refusal.message,
            "cannot change EphemeralRunner n/r: the server takes the change, and the object comes back with \
             metadata.finalizers[0] as it was; the mutating webhook keeper.example.com is asked about it"
        );
    }
}
