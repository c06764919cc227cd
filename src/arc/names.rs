//! Names that ARC computes, so that what it looks for can be told from what is there.

use super::versions::Version;

/// From this release on the listener's name depends on group and URL as well
/// (`controllers/actions.github.com/resourcebuilder.go`).
const HASHES_URL_SINCE: Version = Version::new(0, 13, 1);

/// The name of the listener that a controller of this version looks for; None version: the newest formula.
pub fn listener(set: &str, namespace: &str, group: &str, url: &str, version: Option<Version>) -> String {
    let hashed = if version.is_none_or(|version| version >= HASHES_URL_SINCE) {
        format!("{namespace}@{group}@{url}")
    } else {
        namespace.to_owned()
    };
    format!("{set}-{}-listener", short_hash(&hashed))
}

/// The name of a chart object: `<set>-gha-rs-<part>`, chart 0.5.0 and later
/// (`charts/gha-runner-scale-set/templates/_helpers.tpl`).
pub fn chart_object(set: &str, part: &str) -> String {
    format!("{set}-gha-rs-{part}")
}

/// The listener's container: 0.8.0 and later, and before (`controllers/actions.github.com/resourcebuilder.go`).
pub const LISTENER_CONTAINERS: [&str; 2] = ["listener", "autoscaler"];
/// The listener of early versions, 0.6.1 among them; later ones run `/ghalistener`. It writes nothing while it waits for
/// messages, however long (`cmd/githubrunnerscalesetlistener/autoScalerMessageListener.go`).
pub const SILENT_LISTENER: &str = "/github-runnerscaleset-listener";
/// The runner's container, which every template has to have (same file).
pub const RUNNER_CONTAINER: [&str; 1] = ["runner"];

/// The exit code of a runner whose version is no longer supported: 0.14.0 and later
/// (`controllers/actions.github.com/ephemeralrunner_controller.go`).
pub const DEPRECATED_EXIT: i64 = 7;

/// The last word of the manager Role's and RoleBinding's name.
pub const MANAGER_PART: &str = "manager";

/// From this release on the chart calls its objects `<release>-gha-rs-…` (`templates/_helpers.tpl`).
const SHORT_NAMES: Version = Version::new(0, 5, 0);

/// How the chart calls the manager Role and RoleBinding of a runner set: the binding, and the Role. A chart that is
/// not known is taken for a newer one.
pub fn manager(set: &str, chart: Option<Version>) -> (String, String) {
    if chart.is_some_and(|chart| chart < SHORT_NAMES) {
        let role = format!("{set}-gha-runner-scale-set-manager-role");
        return (format!("{role}-binding"), role);
    }
    let name = chart_object(set, MANAGER_PART);
    (name.clone(), name)
}

/// FNV-1a 32 as a decimal number, every digit put through Kubernetes' alphabet of safe characters, cut to eight.
fn short_hash(text: &str) -> String {
    const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_string()
        .bytes()
        .take(8)
        .filter_map(|digit| SAFE.get(usize::from(digit) % SAFE.len()))
        .map(|&byte| char::from(byte))
        .collect()
}

/// What the name of a listener is followed by in that of the Secret with its configuration
/// (`controllers/actions.github.com/resourcebuilder.go`, 0.7.0 and later).
pub const LISTENER_CONFIG: &str = "-config";

#[cfg(test)]
mod tests {
    use super::*;

    /// Names seen on real clusters.
    #[test]
    fn listener_names_are_those_that_arc_gives() {
        assert_eq!(short_hash("arc-runners"), "754b578d");
        assert_eq!(short_hash("gha-runners"), "d69d8c8c");
        assert_eq!(short_hash("arc-runners@@https://github.com/myorg"), "5c5fdb4c");
        let url = "https://github.com/acme-web";
        assert_eq!(listener("web", "arc-web", "", url, None), "web-659f48bf-listener");
        let old = Some(Version::new(0, 13, 0));
        assert_eq!(listener("arc", "arc-runners", "", url, old), "arc-754b578d-listener");
    }
}
