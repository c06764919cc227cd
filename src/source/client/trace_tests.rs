use super::*;
use serde_json::json;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[test]
fn what_lets_somebody_in_is_masked_and_the_rest_is_shown() {
    let shown = shown(&headers(&[
        ("user-agent", "kubectl-arc/1"),
        ("authorization", "Bearer canary-1"),
        ("proxy-authorization", "canary-2 canary-3"),
        ("set-cookie", "session=canary-4"),
        ("impersonate-extra-scopes", "canary-5"),
        ("impersonate-user", "jane"),
        ("x-auth-token", "canary-6"),
    ]));
    assert_eq!(
        shown,
        "Authorization: Bearer <masked>\nImpersonate-Extra-Scopes: <masked>\nImpersonate-User: jane\n\
         Proxy-Authorization: <masked>\nSet-Cookie: <masked>\nUser-Agent: kubectl-arc/1\nX-Auth-Token: <masked>\n"
    );
    let repeated =
        curl(&Method::GET, &"https://a/b".parse().unwrap(), &headers(&[("authorization", "Basic x")]));
    assert_eq!(repeated, "curl -v -XGET  -H \"Authorization: Basic <masked>\" 'https://a/b'\n");
}

#[test]
fn no_body_shows_what_a_secret_holds() {
    let secret = json!({"metadata": {"name": "gh", "annotations": {
        "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"a\":\"canary\"}}"}},
        "data": {"a": "canary"}, "stringData": {"b": "canary"}, "other": "canary"});
    let mut whole = secret.clone();
    whole["kind"] = json!("Secret");
    let list = json!({"kind": "SecretList", "metadata": {}, "items": [secret]});
    for (path, body) in [
        ("/api/v1/namespaces/a/secrets", &list),
        ("/api/v1/namespaces/a/secrets/gh", &secret),
        ("/api/v1/namespaces/a/anything", &whole),
        ("/api/v1/namespaces/a/serviceaccounts/b/token", &json!({"status": {"anything": "canary"}})),
        ("/apis/authentication.k8s.io/v1/tokenreviews", &json!({"spec": {"anything": "canary"}})),
    ] {
        let shown = without_secrets(path, body.to_string().as_bytes());
        assert!(!shown.contains("canary"), "{path}: {shown}");
    }
    let log = without_secrets("/api/v1/namespaces/a/pods/b/log", b"GET https://me:canary@ghes/ failed");
    assert!(log.contains("ghes") && !log.contains("canary"), "{log}");
    let refused = json!({"kind": "Status", "message": "no", "code": 403});
    let refused = without_secrets("/api/v1/secrets", refused.to_string().as_bytes());
    assert!(refused.contains("\"message\":\"no\""), "{refused}");
}

#[test]
fn values_are_written_as_klog_writes_them() {
    assert_eq!(value("a \"b\""), r#""a \"b\"""#);
    assert_eq!(value("a\nb\n"), "<\n\ta\n\tb\n >");
}
