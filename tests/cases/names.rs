//! The names that ARC gives its objects, version by version.

use serde_json::Map;
use serde_json::Value;

/// `0.14.2` as numbers, to be compared.
pub fn version(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

/// The values that follow from those that a part of a base was given.
pub fn derive(values: &mut Map<String, Value>) -> Result<(), String> {
    let text = |key: &str| values.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let told = text("version");
    let version = version(&told).ok_or_else(|| format!("version {told:?} has no three numbers"))?;
    let is = |key: &str| values.get(key).and_then(Value::as_bool).unwrap_or(false);
    let name = text("name");
    let mut derived: Vec<(&str, String)> = Vec::new();
    let before_0_5 = version < vec![0, 5, 0];
    match text("template").as_str() {
        "controller" => derived.push(("controller", controller(&text("release"), before_0_5))),
        "set" => {
            let base = format!("{name}{}", if before_0_5 { "-gha-runner-scale-set" } else { "-gha-rs" });
            let suffixed = |old: &str, new: &str| format!("{base}-{}", if before_0_5 { old } else { new });
            derived.push(("manager-role", suffixed("manager-role", "manager")));
            derived.push(("manager-binding", suffixed("manager-role-binding", "manager")));
            derived.push(("kube-mode-role", suffixed("kube-mode-role", "kube-mode")));
            derived.push(("kube-mode-binding", suffixed("kube-mode-role-binding", "kube-mode")));
            derived
                .push(("chart-part", if before_0_5 { "gha-runner-scale-set" } else { "gha-rs" }.to_owned()));
            let own = is("own-secret").then(|| "gh-app".to_owned());
            derived.push(("secret", own.unwrap_or_else(|| format!("{base}-github-secret"))));
            derived.push((
                "service-account",
                match (is("own-service-account"), is("kube-mode")) {
                    (true, _) => format!("{name}-builder"),
                    (false, true) => suffixed("kube-mode-service-account", "kube-mode"),
                    (false, false) => suffixed("no-permission-service-account", "no-permission"),
                },
            ));
            let is_fixed = version >= vec![0, 15, 0];
            derived.push(("ers", if is_fixed { name.clone() } else { format!("{name}-7kx2p") }));
            let namespace = text("namespace");
            let group = if is("own-group") { text("group") } else { String::new() };
            let hashed = if version >= vec![0, 13, 1] {
                format!("{namespace}@{group}@{}", text("url"))
            } else {
                namespace
            };
            derived.push(("listener", format!("{name}-{}-listener", hash(&hashed))));
            derived.push(("controller", controller(&text("controller-release"), before_0_5)));
        }
        _ => {}
    }
    for (key, value) in derived {
        values.entry(key).or_insert(Value::from(value));
    }
    Ok(())
}

fn controller(release: &str, before_0_5: bool) -> String {
    format!("{release}{}", if before_0_5 { "-gha-runner-scale-set-controller" } else { "-gha-rs-controller" })
}

/// The eight characters in the name of a listener.
pub fn hash(text: &str) -> String {
    let fnv =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    fnv.to_string().chars().take(8).map(|digit| SAFE[digit as usize - '0' as usize]).collect()
}

/// What the ten digits become in a name.
const SAFE: [char; 10] = ['4', '5', '6', '7', '8', '9', 'b', 'c', 'd', 'f'];

#[test]
fn listeners_are_called_as_arc_calls_them() {
    for (text, says) in [
        ("arc-runners", "754b578d"),
        ("gha-runners", "d69d8c8c"),
        ("actions-runner-system", "884475f5"),
        ("arc-runners@@https://github.com/myorg", "5c5fdb4c"),
    ] {
        assert_eq!(hash(text), says);
    }
}
