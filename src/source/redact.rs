//! Takes out what must not leave the cluster: Secret values and the places where people and tools repeat them.

use serde_json::Map;
use serde_json::Value;

/// Annotations in which a tool keeps the whole object as it was applied, Secret values and env included.
const WHOLE_OBJECT_ANNOTATIONS: [&str; 3] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kapp.k14s.io/original",
    "objectset.rio.cattle.io/applied",
];

/// What stands in for a credential inside a longer text.
const LEFT_OUT: &str = "[left out]";

/// Takes the secrets out of one object, or of anything that holds objects. Names and keys stay.
pub fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => redact_map(map),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::String(string) => redact_string(string),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes passwords in URLs and GitHub tokens out of a text, such as a line of a log.
pub fn text(line: &mut String) {
    redact_string(line);
}

/// What a server said, without its secrets and the blanks around it.
pub fn words(said: &str) -> String {
    let mut said = said.trim().to_owned();
    redact_string(&mut said);
    said
}

fn redact_map(map: &mut Map<String, Value>) {
    match map.get("kind").and_then(Value::as_str) {
        // A reference to a Secret has a kind, too, but a name of its own instead of these.
        Some("Secret") if ["metadata", "data", "stringData"].iter().any(|part| map.contains_key(*part)) => {
            redact_secret(map);
        }
        Some("HelmRelease") => drop_at(map, "spec", "values"),
        _ => {}
    }
    map.retain(|key, value| !is_dropped(key, value));
    for (key, value) in map.iter_mut() {
        match value {
            Value::Array(items) if key == "env" || key.ends_with("Env") => {
                items.iter_mut().for_each(blank_value);
            }
            Value::Object(helm) if key == "helm" => redact_helm(helm),
            Value::String(string) if is_credential(key) => string.clear(),
            _ => {}
        }
        redact(value);
    }
}

/// A Secret keeps its metadata, its type and the names of its keys; nothing else, known or unknown.
fn redact_secret(secret: &mut Map<String, Value>) {
    secret.retain(|key, _| {
        matches!(
            key.as_str(),
            "apiVersion" | "kind" | "metadata" | "type" | "immutable" | "data" | "stringData"
        )
    });
    for part in ["data", "stringData"] {
        match secret.get_mut(part) {
            Some(Value::Object(values)) => values.values_mut().for_each(|value| *value = Value::from("")),
            Some(other) => *other = Value::Null,
            None => {}
        }
    }
}

fn is_dropped(key: &str, value: &Value) -> bool {
    // A CRD's schema has properties of these names, too; they are mappings.
    let Value::String(string) = value else { return false };
    key == "runnerJITConfig" || WHOLE_OBJECT_ANNOTATIONS.contains(&key) || is_manifest(string)
}

/// True for JSON text that carries a whole object, whatever the annotation is called.
fn is_manifest(string: &str) -> bool {
    string.starts_with('{') && string.contains("\"apiVersion\"") && string.contains("\"kind\"")
}

/// Chart values and statuses repeat credentials under these names: `github_token`, `githubAppPrivateKey`,
/// `status.registration.token` of a legacy Runner.
fn is_credential(key: &str) -> bool {
    // Every key of every object comes by here, so look at the last letter before writing the key anew.
    if !key.ends_with(['n', 'N', 'd', 'D', 'y', 'Y', 't', 'T']) {
        return false;
    }
    let key: String = key.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    ["token", "password", "passwd", "privatekey", "clientsecret"].iter().any(|end| key.ends_with(end))
}

/// The literal of an environment variable goes, its name stays.
fn blank_value(entry: &mut Value) {
    if let Some(literal) = entry.get_mut("value") {
        *literal = Value::from("");
    }
}

/// Argo CD repeats a chart's values in its Application, free text among them.
fn redact_helm(helm: &mut Map<String, Value>) {
    for part in ["values", "valuesObject"] {
        helm.remove(part);
    }
    if let Some(Value::Array(parameters)) = helm.get_mut("parameters") {
        parameters.iter_mut().for_each(blank_value);
    }
}

fn drop_at(map: &mut Map<String, Value>, outer: &str, inner: &str) {
    if let Some(Value::Object(part)) = map.get_mut(outer) {
        part.remove(inner);
    }
}

fn redact_string(string: &mut String) {
    if string.contains("://") && string.contains('@') {
        *string = without_userinfo(string);
    }
    if string.contains("-----BEGIN ") && string.contains("PRIVATE KEY") {
        *string = LEFT_OUT.to_owned();
    }
    if string.contains("gh") || string.contains("_pat_") {
        *string = without_tokens(std::mem::take(string));
    }
}

/// Drops `user:password@` from every URL in the text.
fn without_userinfo(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        kept.push_str(before);
        kept.push_str("://");
        rest = after.get(userinfo(after)..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// How many bytes of `user:password@` the part after `://` begins with.
fn userinfo(after: &str) -> usize {
    // The next URL, in the same word (`http://a,http://b@c`) or not, is its own matter.
    let word = after.split("://").next().unwrap_or_default();
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`');
    let word = word.split(is_end).next().unwrap_or_default();
    let authority = word.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return at + 1;
    }
    // A password with a raw `/`, `?` or `#` in it ends the authority early: `u:p/w@host`. A port is digits.
    let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((_, port)) if !is_port(port) && !authority.starts_with('[') => {
            word.rfind('@').map_or(0, |at| at + 1)
        }
        _ => 0,
    }
}

/// Replaces what has the shape of a GitHub token (`ghp_…`, `ghs_…`, `github_pat_…`).
fn without_tokens(text: String) -> String {
    const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
    /// Shorter words are names of things (`ghs_scope`).
    const SHORTEST: usize = 20;
    let mut kept = String::new();
    let mut done = 0;
    for (start, _) in text.match_indices('g') {
        let token = text.get(start..).unwrap_or_default();
        if start < done || !PREFIXES.iter().any(|prefix| token.starts_with(prefix)) {
            continue;
        }
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let length = token.bytes().take_while(is_part).count();
        kept.push_str(text.get(done..start).unwrap_or_default());
        kept.push_str(if length < SHORTEST { token.get(..length).unwrap_or_default() } else { LEFT_OUT });
        done = start + length;
    }
    if done == 0 {
        return text;
    }
    kept.push_str(text.get(done..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(mut value: Value) -> Value {
        redact(&mut value);
        value
    }

    #[test]
    fn a_secret_keeps_the_names_of_its_keys_and_nothing_unknown() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "s", "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"k\":\"canary\"}}",
                "example.com/backup": "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"canary\"}}",
                "example.com/note": "stays"}},
            "data": {"github_token": "canary", "odd": {"deep": "canary"}},
            "stringData": "canary",
            "surprise": "canary",
        });
        assert_eq!(
            redacted(secret),
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": "s", "annotations": {"example.com/note": "stays"}},
                "data": {"github_token": "", "odd": ""},
                "stringData": null,
            })
        );
    }

    #[test]
    fn env_keeps_names_and_references() {
        let runner = json!({"spec": {"dockerEnv": [{"name": "A", "value": "canary"}], "template": {"spec": {
            "initContainers": [{"env": [{"name": "B", "value": "canary"}]}],
            "containers": [{"env": [
                {"name": "C", "value": "canary"},
                {"name": "D", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}}});
        assert_eq!(
            redacted(runner),
            json!({"spec": {"dockerEnv": [{"name": "A", "value": ""}], "template": {"spec": {
                "initContainers": [{"env": [{"name": "B", "value": ""}]}],
                "containers": [{"env": [
                    {"name": "C", "value": ""},
                    {"name": "D", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}}})
        );
    }

    #[test]
    fn the_schema_of_a_crd_is_left_alone() {
        let schema = json!({"properties": {
            "env": {"type": "array"}, "runnerJITConfig": {"type": "string"}, "token": {"type": "string"}}});
        assert_eq!(redacted(schema.clone()), schema);
    }

    #[test]
    fn chart_values_and_credentials_by_name_go() {
        let value = json!({
            "runner": {"status": {"runnerJITConfig": "canary", "runnerId": 7, "registration": {"token": "canary"}}},
            "app": {"kind": "Application", "spec": {"source": {"chart": "c", "helm": {
                "releaseName": "r", "values": "canary", "valuesObject": {"a": "canary"},
                "parameters": [{"name": "githubConfigSecret.github_token", "value": "canary"}]}}}},
            "release": {"kind": "HelmRelease", "spec": {"interval": "1m", "values": {"a": "canary"}}},
        });
        assert_eq!(
            redacted(value),
            json!({
                "runner": {"status": {"runnerId": 7, "registration": {"token": ""}}},
                "app": {"kind": "Application", "spec": {"source": {"chart": "c", "helm": {
                    "releaseName": "r",
                    "parameters": [{"name": "githubConfigSecret.github_token", "value": ""}]}}}},
                "release": {"kind": "HelmRelease", "spec": {"interval": "1m"}},
            })
        );
    }

    #[test]
    fn credentials_inside_texts_go() {
        let token = format!("ghp_{}", "a1".repeat(18));
        let table = [
            ("https://github.com/acme", "https://github.com/acme"),
            ("https://user:canary@github.com/acme", "https://github.com/acme"),
            ("http://canary@proxy:3128", "http://proxy:3128"),
            ("http://u:can@ary@proxy:3128/x", "http://proxy:3128/x"),
            ("http://u:can/ary@proxy:3128", "http://proxy:3128"),
            ("a http://u:canary@p, https://v:canary@q b", "a http://p, https://q b"),
            ("http://a:1,http://u:canary@b", "http://a:1,http://b"),
            ("docker://ghcr.io/acme/runner@sha256:abc", "docker://ghcr.io/acme/runner@sha256:abc"),
            ("docker://localhost:5000/runner@sha256:abc", "docker://localhost:5000/runner@sha256:abc"),
            ("https://[::1]:6443/x@y", "https://[::1]:6443/x@y"),
            ("mail me@example.com", "mail me@example.com"),
            ("-----BEGIN RSA PRIVATE KEY-----\ncanary", "[left out]"),
            ("ghs_scope is a name", "ghs_scope is a name"),
            ("://@", "://"),
        ];
        for (text, expected) in table {
            assert_eq!(redacted(Value::from(text)), Value::from(expected), "{text}");
        }
        assert_eq!(redacted(Value::from(format!("bad {token}, {token}"))), "bad [left out], [left out]");
        let token = format!("github_pat_{}", "a1".repeat(30));
        assert_eq!(redacted(Value::from(format!("é{token} gg"))), "é[left out] gg");
    }

    #[test]
    fn texts_of_many_urls_and_tokens_take_no_longer_than_their_length() {
        let begun = std::time::Instant::now();
        for part in ["://", "ghp_ ", "a://u:", "ghp_a1", "http://u:p@h,"] {
            redacted(Value::from(part.repeat(200_000)));
        }
        assert!(begun.elapsed().as_secs() < 10);
    }
}
