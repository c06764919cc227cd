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
