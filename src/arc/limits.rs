//! How long things take when all is well. What is younger than this is waiting, not blocked (invariant 6).

use jiff::SignedDuration;

/// A deletion of an ARC object, a CRD or a namespace that is younger is under way. A healthy runner set is gone
/// within seconds; pods get a grace period of 60 s for the listener, and the controller's back-off after a
/// few errors is still below this.
pub const YOUNG_DELETION: SignedDuration = SignedDuration::from_secs(120);
/// A live object that is not where it should be is given this long to get there: image pulls and the first
/// registration at GitHub take less.
pub const YOUNG_CREATION: SignedDuration = SignedDuration::from_secs(120);
/// A pod whose grace period ended this recently is still being removed by its kubelet.
pub const POD_AFTER_GRACE: SignedDuration = SignedDuration::from_secs(60);
/// A Deployment of a controller that lost its last ready replica this recently is restarting, not gone: pulling
/// the image and becoming the leader take less.
pub const CONTROLLER_RESTART: SignedDuration = SignedDuration::from_secs(120);
/// The longest pause of the controller between two attempts at one object is 1000 s (controller-runtime's default
/// rate limiter). What its log has not spoken of for longer, it does not try.
pub const LONGEST_RETRY: SignedDuration = SignedDuration::from_secs(1200);
/// A job that a runner has had for this long is worth a look at the runner's log: GitHub's own runners end one after
/// six hours.
pub const LONG_JOB: SignedDuration = SignedDuration::from_secs(6 * 3600);
/// Helm's own time limit for waiting is 5 minutes unless it is told another. A release that has been between two
/// states for longer than this was left there.
pub const HELM_OPERATION: SignedDuration = SignedDuration::from_secs(900);
/// A controller deletes a runner set that it does not accept in the moment in which it sees it. One that lived
/// this long and has a listener was accepted, whatever the image tag says.
pub const ACCEPTED: SignedDuration = SignedDuration::from_secs(600);
/// A controller that was rolled out this long ago has looked at every runner set: leases of the leader before it
/// last 15 s, and filling its cache takes seconds.
pub const ROLLED_OUT: SignedDuration = SignedDuration::from_secs(60);
