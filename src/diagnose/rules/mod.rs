//! The rules: one class of root blocker, one file, one line here.

mod admission_refuses;
mod apiservice_unavailable;
mod cleanup_protection_orphan;
mod controller_gone;
mod controller_not_reconciling;
mod crd_left_behind;
mod crd_skew;
mod crd_terminating;
mod foreground_waits;
mod foreign_finalizer;
mod ghost_runner;
mod github_refuses;
mod gitops_delete_deadlock;
mod job_still_running;
mod legacy_finalizer;
mod legacy_webhook_dead;
mod listener_orphaned;
mod namespace_terminating;
mod node_lost;
mod rbac_missing;
mod release_unfinished;
mod secret_missing;
mod version_mismatch;

use super::rule::Rule;

/// All rules. Two stand last because of what the others found: `controller_not_reconciling` judges what nobody else
/// explains, `namespace_terminating` whether what was found missing can still be made.
pub const RULES: &[Rule] = &[
    controller_gone::RULE,
    rbac_missing::RULE,
    secret_missing::RULE,
    version_mismatch::RULE,
    listener_orphaned::RULE,
    gitops_delete_deadlock::RULE,
    cleanup_protection_orphan::RULE,
    foreign_finalizer::RULE,
    crd_terminating::RULE,
    crd_left_behind::RULE,
    node_lost::RULE,
    apiservice_unavailable::RULE,
    foreground_waits::RULE,
    job_still_running::RULE,
    github_refuses::RULE,
    ghost_runner::RULE,
    crd_skew::RULE,
    admission_refuses::RULE,
    legacy_webhook_dead::RULE,
    legacy_finalizer::RULE,
    release_unfinished::RULE,
    controller_not_reconciling::RULE,
    namespace_terminating::RULE,
];
