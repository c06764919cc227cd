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
/// A controller replaces the pod of a listener in the moment in which its container ends. One that is still there
/// after this long was not replaced.
pub const LISTENER_REPLACED: SignedDuration = SignedDuration::from_secs(120);
/// What is older than this has found its place: an object beside it that is only seconds old was made anew.
pub const SETTLED: SignedDuration = SignedDuration::from_secs(600);
/// Until a cluster has made a new node for a pod, or pulled one of the large images that runners use, this much
/// time may pass.
pub const POD_START: SignedDuration = SignedDuration::from_secs(600);
/// A listener at work writes a line about once a minute, and polls for less than that.
pub const LISTENER_SILENT: SignedDuration = SignedDuration::from_secs(600);
/// A runner whose container ran no longer than this did not wait for a job.
pub const RUNNER_AT_ONCE: SignedDuration = SignedDuration::from_secs(20);
/// A runner beyond the minimum that nobody needs is removed within minutes, and one that is needed has a job by then.
pub const RUNNER_UNUSED: SignedDuration = SignedDuration::from_secs(3600);
/// A message session whose listener was killed expires within this time: the runner application, which has sessions of
/// the same sort, gives up after having tried for four minutes (`actions/runner`,
/// `src/Runner.Listener/MessageListener.cs`).
pub const SESSION_EXPIRES: SignedDuration = SignedDuration::from_secs(300);
/// A changed minimum reaches the runners when the controller has made the listener anew and that has asked GitHub.
pub const MINIMUM_APPLIED: SignedDuration = SignedDuration::from_secs(120);
