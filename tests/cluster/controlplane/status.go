package main

import (
	"fmt"
	"slices"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"box/controlplane/kubelet"
)

// setStatus gives a pod the status that its mode and its real processes make.
func (p *player) setStatus(pod *core.Pod, mode string, real map[string]core.ContainerStatus) {
	s := &pod.Status
	now := meta.Now()
	if s.StartTime == nil {
		s.StartTime = &now
	}
	if mode == refused || mode == shutdown {
		giveUp(s, mode)
		return
	}
	s.HostIP = nodeAddress
	s.HostIPs = []core.HostIP{{IP: s.HostIP}}
	if s.PodIP == "" && mode != creating {
		p.ips++
		s.PodIP = fmt.Sprintf("10.244.%d.%d", p.ips/250%250, 2+p.ips%250)
		s.PodIPs = []core.PodIP{{IP: s.PodIP}}
	}
	if s.QOSClass == "" {
		s.QOSClass = core.PodQOSBestEffort
	}

	s.ContainerStatuses = nil
	for _, c := range pod.Spec.Containers {
		status, ok := real[c.Name]
		if !ok {
			status = played(c, mode, *s.StartTime)
		}
		s.ContainerStatuses = append(s.ContainerStatuses, status)
	}
	s.Phase = phase(pod.Spec.RestartPolicy, s.ContainerStatuses)
	switch mode { // whatever the restart policy says
	case succeed:
		s.Phase = core.PodSucceeded
	case fail:
		s.Phase = core.PodFailed
	}

	initialized := mode != creating && mode != imagePull || len(pod.Spec.InitContainers) == 0
	s.InitContainerStatuses = nil
	for _, c := range pod.Spec.InitContainers {
		state := played(c, succeed, *s.StartTime)
		switch sidecar := c.RestartPolicy != nil; {
		case !initialized:
			state = waiting(c, "PodInitializing", "")
		case sidecar && s.Phase == core.PodRunning:
			state = played(c, "", *s.StartTime)
		}
		state.Ready = initialized
		s.InitContainerStatuses = append(s.InitContainerStatuses, state)
	}

	ready := !slices.ContainsFunc(s.ContainerStatuses, func(c core.ContainerStatus) bool { return !c.Ready })
	why := ""
	switch {
	case s.Phase == core.PodSucceeded:
		why = "PodCompleted"
	case s.Phase == core.PodFailed:
		why = "PodFailed"
	case !ready:
		why = "ContainersNotReady"
	}
	setCondition(s, core.PodReadyToStartContainers, as(mode != creating), "", "")
	setCondition(s, core.PodInitialized, as(initialized), "", "")
	setCondition(s, core.PodReady, as(ready), why, "")
	setCondition(s, core.ContainersReady, as(ready), why, "")
	setCondition(s, core.PodScheduled, core.ConditionTrue, "", "")
}

// giveUp is the last status of a pod that its kubelet does not run, or no
// longer. Nobody says how its containers ended: those of a pod that ran are
// told as they were, one that was refused never had any.
func giveUp(s *core.PodStatus, mode string) {
	s.Phase = core.PodFailed
	setCondition(s, core.PodScheduled, core.ConditionTrue, "", "")
	switch mode {
	case refused:
		s.Reason, s.Message = "UnexpectedAdmissionError", "no device of the sort that it asks for is left"
	case shutdown:
		s.Reason, s.Message = "Terminated", "the node shuts down"
		setCondition(s, core.DisruptionTarget, core.ConditionTrue, core.PodReasonTerminationByKubelet, s.Message)
	}
}

// played is the status of a container that no process runs for.
func played(c core.Container, mode string, started meta.Time) core.ContainerStatus {
	now := meta.Now()
	ended := func(code int32, reason string) core.ContainerState {
		return core.ContainerState{Terminated: &core.ContainerStateTerminated{
			ExitCode: code, Reason: reason, StartedAt: started, FinishedAt: now,
		}}
	}
	// There is no imageID: no image is ever pulled.
	status := core.ContainerStatus{Name: c.Name, Image: c.Image, ContainerID: "containerd://" + kubelet.NewID()}
	switch mode {
	case creating:
		return waiting(c, "ContainerCreating", "")
	case imagePull:
		return waiting(c, "ImagePullBackOff", "Back-off pulling image: not found")
	case crashLoop:
		status = waiting(c, "CrashLoopBackOff", "back-off 5m0s restarting failed container")
		status.RestartCount, status.LastTerminationState = 5, ended(1, "Error")
	case succeed:
		status.State = ended(0, "Completed")
	case fail:
		status.State = ended(1, "Error")
	default:
		status.State = core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: now}}
		status.Ready = true
	}
	status.Started = ptr.To(status.State.Running != nil)
	return status
}

func waiting(c core.Container, reason, message string) core.ContainerStatus {
	return core.ContainerStatus{
		Name: c.Name, Image: c.Image, Started: ptr.To(false),
		State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}},
	}
}

// phase is what a kubelet makes of its containers.
func phase(policy core.RestartPolicy, containers []core.ContainerStatus) core.PodPhase {
	var ended, failed int
	for _, c := range containers {
		switch {
		case c.State.Terminated != nil:
			ended++
			if c.State.Terminated.ExitCode != 0 {
				failed++
			}
		case c.State.Waiting != nil && c.LastTerminationState.Terminated == nil:
			return core.PodPending // it has never run
		}
	}
	switch {
	case ended < len(containers) || policy == core.RestartPolicyAlways:
		return core.PodRunning
	case failed == 0:
		return core.PodSucceeded
	case policy == core.RestartPolicyOnFailure:
		return core.PodRunning
	}
	return core.PodFailed
}

// setEnded is the last status of a deleted pod.
func setEnded(pod *core.Pod, real map[string]core.ContainerStatus) {
	for i := range pod.Status.ContainerStatuses {
		c := &pod.Status.ContainerStatuses[i]
		if status, ok := real[c.Name]; ok {
			*c = status
		} else {
			c.Ready, c.Started = false, ptr.To(false)
			c.State = core.ContainerState{Terminated: &core.ContainerStateTerminated{
				Reason: "Completed", FinishedAt: meta.Now(), ContainerID: c.ContainerID,
			}}
		}
	}
	pod.Status.Phase = phase(core.RestartPolicyNever, pod.Status.ContainerStatuses)
	why := "PodCompleted"
	if pod.Status.Phase == core.PodFailed {
		why = "PodFailed"
	}
	setCondition(&pod.Status, core.PodReady, core.ConditionFalse, why, "")
	setCondition(&pod.Status, core.ContainersReady, core.ConditionFalse, why, "")
}

func as(ok bool) core.ConditionStatus {
	if ok {
		return core.ConditionTrue
	}
	return core.ConditionFalse
}

func setCondition(s *core.PodStatus, t core.PodConditionType, status core.ConditionStatus, reason, message string) {
	i := slices.IndexFunc(s.Conditions, func(c core.PodCondition) bool { return c.Type == t })
	if i < 0 {
		s.Conditions = append(s.Conditions, core.PodCondition{Type: t})
		i = len(s.Conditions) - 1
	}
	c := &s.Conditions[i]
	if c.Status != status {
		c.LastTransitionTime = meta.Now()
	}
	c.Status, c.Reason, c.Message = status, reason, message
}
