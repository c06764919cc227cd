//! The rules: one class of root blocker, one file, one line here.

mod cleanup_protection_orphan;
mod controller_gone;
mod crd_left_behind;
mod crd_terminating;
mod foreign_finalizer;
mod gitops_delete_deadlock;
mod listener_orphaned;
mod namespace_terminating;
mod rbac_missing;
mod secret_missing;
mod version_mismatch;

use super::rule::Rule;

/// All rules. `namespace_terminating` stands last because it judges what the others found missing: whether it
/// can still be made.
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
    namespace_terminating::RULE,
];
