package kubelet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// A container that keeps ending is started again later and later. A real
// kubelet begins with 10 s, ends with 5 min and forgets after 10 min.
const (
	firstBackOff = 2 * time.Second
	longBackOff  = time.Minute
	calmAfter    = 2 * time.Minute
)

// retryPrepare is how often a container whose volumes or variables are not to
// be had is tried again.
const retryPrepare = time.Second

// container is one container of a pod over its restarts.
type container struct {
	root     string
	process  *process // the latest; nil before the first
	noticed  bool     // its end is in state
	state    core.ContainerState
	last     *core.ContainerStateTerminated // of the run before
	id       string
	restarts int32
	backOff  time.Duration
	notYet   time.Time // do not try before

	log, logBefore *output
}

func (c *container) wait(reason, message string) {
	c.state = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}}
}

func (c *container) hold(still bool) {
	if c.process != nil {
		c.process.hold(still)
	}
}

// remember takes over what the status says of runs before: the node was lost,
// or the container was played for a while.
func (c *container) remember(before core.ContainerStatus) {
	c.restarts, c.last = before.RestartCount, before.LastTerminationState.Terminated
	if before.State.Running != nil {
		c.state = core.ContainerState{Terminated: &core.ContainerStateTerminated{
			ExitCode: 255, Reason: "Unknown", ContainerID: before.ContainerID,
			StartedAt: before.State.Running.StartedAt, FinishedAt: meta.Now(),
		}}
	}
}

// notice takes the end of the process into the state.
func (c *container) notice() {
	if c.process == nil || c.noticed || !c.process.over() {
		return
	}
	c.noticed = true
	code, reason := c.process.code(), "Completed"
	if code != 0 {
		reason = "Error"
	}
	c.state = core.ContainerState{Terminated: &core.ContainerStateTerminated{
		ExitCode: code, Reason: reason, ContainerID: c.id,
		StartedAt: meta.NewTime(c.process.begun), FinishedAt: meta.NewTime(c.process.finished),
	}}
}

// step starts the container when it is time.
func (k *Kubelet) step(ctx context.Context, spec *core.Pod, c core.Container, now *container, image string) {
	now.notice()
	switch {
	case now.state.Running != nil:
		return
	case now.state.Terminated != nil:
		ended := now.state.Terminated
		if !restarts(spec.Spec.RestartPolicy, ended.ExitCode) {
			return
		}
		// The first end is followed by a new start at once.
		now.last = ended
		if ended.FinishedAt.Sub(ended.StartedAt.Time) > calmAfter {
			now.backOff = 0
		}
		now.notYet = ended.FinishedAt.Add(now.backOff)
		now.wait("CrashLoopBackOff", fmt.Sprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)",
			now.backOff, c.Name, spec.Name, spec.Namespace, spec.UID))
		now.backOff = min(max(firstBackOff, 2*now.backOff), longBackOff)
	case now.state.Waiting == nil:
		now.wait("ContainerCreating", "")
	}
	if time.Now().Before(now.notYet) {
		return
	}
	err := k.start(ctx, spec, c, now, image)
	var cannot *cannotStart
	switch {
	case err == nil:
		return
	case errors.As(err, &cannot):
		now.wait(cannot.reason, cannot.Error())
	default:
		now.wait("RunContainerError", err.Error())
	}
	now.notYet = time.Now().Add(retryPrepare)
}

func restarts(policy core.RestartPolicy, code int32) bool {
	return policy == core.RestartPolicyAlways || policy == core.RestartPolicyOnFailure && code != 0
}

// start makes the container's files and environment, and the process.
func (k *Kubelet) start(ctx context.Context, spec *core.Pod, c core.Container, now *container, image string) error {
	if err := os.RemoveAll(now.root); err != nil {
		return err
	}
	if err := k.fill(ctx, spec, c, now.root, image); err != nil {
		return err
	}
	argv, env, err := k.invocation(ctx, spec, c)
	if err != nil {
		return err
	}
	dir := c.WorkingDir
	if dir == "" {
		dir = "/"
	}
	log := new(output)
	process, err := startProcess(now.root, dir, argv, env, log)
	if err != nil {
		return err
	}
	if now.last != nil {
		now.restarts++
	}
	now.process, now.log, now.logBefore = process, log, now.log
	now.noticed, now.id = false, "containerd://"+NewID()
	now.state = core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.NewTime(process.begun)}}
	return nil
}

func (c *container) status(spec core.Container) core.ContainerStatus {
	running := c.state.Running != nil
	return core.ContainerStatus{
		Name: spec.Name, Image: spec.Image, ContainerID: c.id, RestartCount: c.restarts,
		State: c.state, LastTerminationState: core.ContainerState{Terminated: c.last},
		Ready: running, Started: ptr.To(running),
	}
}

// cannotStart is a reason that a kubelet gives for a container that waits.
type cannotStart struct {
	reason string
	error
}

// NewID is a random hexadecimal id, as container runtimes give them.
func NewID() string {
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return hex.EncodeToString(id)
}
