//! The rules: one class of root blocker, one file, one line here.

mod cleanup_protection_orphan;
mod controller_gone;
mod crd_left_behind;
mod crd_terminating;
mod failed_runner_slots;
mod foreign_finalizer;
mod github_side_stale;
mod gitops_delete_deadlock;
mod listener_dangling_ers;
mod listener_frozen;
mod listener_missing;
mod listener_orphaned;
mod namespace_terminating;
mod outdated_deadlock;
mod pod_cannot_start;
mod pod_create_denied;
mod rbac_missing;
mod registration_collision;
mod runner_exits_immediately;
mod secret_missing;
mod session_conflict;
mod spec_caps_zero;
mod stale_scale_set_id;
mod version_mismatch;

use super::rule::Rule;

/// All rules. `namespace_terminating` stands last because it judges what the others found missing: whether it
/// can still be made.
pub const RULES: &[Rule] = &[
    controller_gone::RULE,
    rbac_missing::RULE,
    secret_missing::RULE,
    version_mismatch::RULE,
    outdated_deadlock::RULE,
    stale_scale_set_id::RULE,
    registration_collision::RULE,
    spec_caps_zero::RULE,
    listener_dangling_ers::RULE,
    listener_orphaned::RULE,
    session_conflict::RULE,
    listener_frozen::RULE,
    listener_missing::RULE,
    failed_runner_slots::RULE,
    runner_exits_immediately::RULE,
    pod_create_denied::RULE,
    pod_cannot_start::RULE,
    github_side_stale::RULE,
    gitops_delete_deadlock::RULE,
    cleanup_protection_orphan::RULE,
    foreign_finalizer::RULE,
    crd_terminating::RULE,
    crd_left_behind::RULE,
    namespace_terminating::RULE,
];
