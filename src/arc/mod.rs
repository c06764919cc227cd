//! What ARC and Kubernetes call things, in tables: the only place where ARC's strings may stand (invariant 7).

pub mod denials;
pub mod finalizers;
mod foreign;
mod kinds;
pub mod limits;
pub mod marks;
pub mod names;
pub mod phrases;
pub mod rbac;
pub mod refusals;
pub mod versions;

pub use foreign::{FOREIGN, ForeignRow, foreign};
pub use kinds::*;

/// Where the charts are published (`docs/gha-runner-scale-set-controller/` of the ARC repository).
pub const CONTROLLER_CHART: &str =
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller";
/// What a message about the runner set's chart names it by.
pub const SET_CHART_NAME: &str = "gha-runner-scale-set/templates";
/// The value that such a message asks for if the chart found no controller.
pub const SET_CHART_FINDS_NO_CONTROLLER: &str = "controllerServiceAccount.name";
/// That of legacy mode (`charts/actions-runner-controller/README.md`), after `helm repo add`.
pub const LEGACY_CHART: &str = "actions-runner-controller/actions-runner-controller";
pub const SET_CHART: &str = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set";
