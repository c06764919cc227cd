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

    /// Parses `0.14.2`, `v0.14.2`, `0.14`, `0.14.2-rc1` (the suffix is dropped). None for `latest`, `canary-…`, and
    /// for what only looks like numbers: a date (`20261105`, `2026.11.5`), a short commit that has no letters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next()?;
        let numbers: Vec<u32> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let (major, minor, patch) = match numbers.as_slice() {
            [major, minor] => (*major, *minor, 0),
            [major, minor, patch] => (*major, *minor, *patch),
            _ => return None,
        };
        (major < CALENDAR).then_some(Self { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A tag that starts with a number like this one counts years, not releases.
const CALENDAR: u32 = 100;

/// The build of a controller as its Deployment tells it. The build itself is compiled in and shows nowhere but in
/// the log; the image tag and the chart's label only usually equal it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// A plain version where one can be told, else the tag or label as it stands, else `""`.
    pub text: String,
    /// True if the tag and the label say the same.
    pub certain: bool,
}

impl Build {
    /// From the image tag and the version label of the Deployment.
    pub fn of(tag: Option<&str>, label: Option<&str>) -> Self {
        let plain = |text: &str| Version::parse(text).map(|version| version.to_string());
        let tells = |text: &&str| accepts_all(text) || Version::parse(text).is_some();
        let said = tag.filter(tells).or(label.filter(tells)).or(tag).or(label).unwrap_or_default();
        let text = plain(said).unwrap_or_else(|| said.to_owned());
        let certain = tag == Some(text.as_str()) && tag == label;
        Self { text, certain }
    }
}

/// Builds that compare nothing (`apis/actions.github.com/v1alpha1/version.go`).
fn accepts_all(build: &str) -> bool {
    build == "dev" || build.starts_with("canary-")
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
    if accepts_all(build) {
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

/// The releases that never take a runner set out of the phase Outdated: the first that knows the phase, and the last
/// that was read (`autoscalingrunnerset_controller.go`; issues 4595 and 4596).
const OUTDATED_FOR_GOOD: (Version, Version) = (Version::new(0, 14, 0), Version::new(0, 14, 2));

/// True if a controller of this build does nothing more for a runner set that is Outdated.
pub fn stays_outdated(build: Version) -> bool {
    OUTDATED_FOR_GOOD.0 <= build && build <= OUTDATED_FOR_GOOD.1
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
            ("20261105", Some("0.14.0"), VersionCheck::Unknown),
            ("2026.11.5-3", Some("0.14.0"), VersionCheck::Unknown),
        ];
        for (build, label, expected) in cases {
            assert_eq!(check(build, label), expected, "{build} against {label:?}");
        }
    }

    #[test]
    fn a_build_is_told_by_a_tag_that_is_a_version_and_else_by_the_label() {
        let cases = [
            (Some("0.14.2"), Some("0.14.2"), "0.14.2", true),
            (Some("0.14.2"), None, "0.14.2", false),
            (Some("1.2.3"), Some("0.14.2"), "1.2.3", false),
            (Some("v0.9.3"), Some("0.9.3"), "0.9.3", false),
            (Some("0.9.3-patched"), Some("0.9.3"), "0.9.3", false),
            (Some("0.9.3+internal"), None, "0.9.3", false),
            (Some("20261105"), Some("0.14.2"), "0.14.2", false),
            (Some("2026.11.5-3"), Some("0.14.2"), "0.14.2", false),
            (Some("4437525"), Some("0.14.2"), "0.14.2", false),
            (None, Some("0.14.2"), "0.14.2", false),
            (Some("canary-4f2a"), Some("0.14.2"), "canary-4f2a", false),
            (Some("latest"), None, "latest", false),
            (None, None, "", false),
        ];
        for (tag, label, text, certain) in cases {
            let build = Build { text: text.to_owned(), certain };
            assert_eq!(Build::of(tag, label), build, "{tag:?} and {label:?}");
        }
    }
}
