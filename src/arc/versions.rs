//! ARC's versions: which fact holds for which build, and the check the controller itself makes.

use std::fmt;

/// A release of the scale set controller, major.minor.patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Parses `0.14.2`, `v0.14.2`, `0.14`, `0.14.2-rc1` (the suffix is dropped). None for `latest`, `canary-…`,
    /// a digest.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next()?;
        let mut parts = core.split('.').map(|part| part.parse::<u32>().ok());
        let version = Self {
            major: parts.next()??,
            minor: parts.next().unwrap_or(Some(0))?,
            patch: parts.next().unwrap_or(Some(0))?,
        };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What a controller of this build does with a live runner set that carries this version label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionCheck {
    /// It works with it.
    Accepts,
    /// It deletes it.
    Deletes,
    /// The build cannot be told, so neither can this.
    Unknown,
}

/// The first release that compares at all (`autoscalingrunnerset_controller.go`, 0.5.0).
const COMPARES_SINCE: Version = Version::new(0, 5, 0);
/// The first release that is content with the same major and minor (`apis/actions.github.com/v1alpha1/version.go`).
const RELAXED_SINCE: Version = Version::new(0, 12, 0);

/// The controller's own check of `app.kubernetes.io/version` on a live runner set against its build.
///
/// `label` None: the label is missing, which counts as a mismatch.
pub fn check(build: &str, label: Option<&str>) -> VersionCheck {
    if build == "dev" || build.starts_with("canary-") {
        return VersionCheck::Accepts;
    }
    if label == Some(build) {
        return VersionCheck::Accepts;
    }
    let Some(controller) = Version::parse(build) else {
        return VersionCheck::Unknown;
    };
    if controller < COMPARES_SINCE {
        return VersionCheck::Accepts;
    }
    if controller >= RELAXED_SINCE
        && let Some(set) = label.and_then(Version::parse)
        && (set.major, set.minor) == (controller.major, controller.minor)
    {
        return VersionCheck::Accepts;
    }
    VersionCheck::Deletes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_follows_the_controller_of_each_generation() {
        let cases = [
            ("0.9.1", Some("0.9.0"), VersionCheck::Deletes),
            ("0.9.1", Some("0.9.1"), VersionCheck::Accepts),
            ("0.14.2", Some("0.14.0"), VersionCheck::Accepts),
            ("0.14.2", Some("0.13.1"), VersionCheck::Deletes),
            ("0.14.2", Some("0.9.0"), VersionCheck::Deletes),
            ("0.14.2", None, VersionCheck::Deletes),
            ("0.4.0", Some("0.3.0"), VersionCheck::Accepts),
            ("canary-4f2a", Some("0.14.0"), VersionCheck::Accepts),
            ("dev", None, VersionCheck::Accepts),
            ("latest", Some("0.14.0"), VersionCheck::Unknown),
        ];
        for (build, label, expected) in cases {
            assert_eq!(check(build, label), expected, "{build} against {label:?}");
        }
    }
}
