//! The rules: one class of root blocker, one file, one line here.

mod admission_refuses;
mod apiservice_unavailable;
mod cleanup_protection_orphan;
mod controller_gone;
mod controller_not_reconciling;
mod crd_left_behind;
mod crd_skew;
mod crd_terminating;
mod failed_runner_slots;
mod foreground_waits;
mod foreign_finalizer;
mod ghost_runner;
mod github_refuses;
mod github_side_stale;
mod gitops_delete_deadlock;
mod job_still_running;
mod legacy_finalizer;
mod legacy_webhook_dead;
mod listener_dangling_ers;
mod listener_frozen;
mod listener_missing;
mod listener_orphaned;
mod namespace_terminating;
mod node_lost;
mod outdated_deadlock;
mod pod_cannot_start;
mod pod_create_denied;
mod rbac_missing;
mod registration_collision;
mod release_unfinished;
mod runner_exits_immediately;
mod secret_missing;
mod session_conflict;
mod spec_caps_zero;
mod stale_scale_set_id;
mod version_mismatch;

use super::rule::Rule;

/// All rules. Two stand last because of what the others found: `controller_not_reconciling` judges what nobody else
/// explains, `namespace_terminating` whether what was found missing can still be made.
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
    listener_missing::RULE,
    namespace_terminating::RULE,
];
