package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

func (p *player) playPods(ctx context.Context) {
	pods, _ := p.pods.List(labels.Everything())
	seen := make(map[types.UID]string, len(pods))
	there := make(map[types.UID]bool, len(pods))
	for _, pod := range pods {
		there[pod.UID] = true
		if before, ok := p.done[pod.UID]; ok {
			seen[pod.UID] = before
		}
	}
	p.done = seen
	p.kubelet.KillOthers(there)
	for _, pod := range pods {
		what := "pod " + pod.Namespace + "/" + pod.Name
		switch {
		case pod.Spec.NodeName == "":
			if pod.DeletionTimestamp == nil {
				complain(what, p.schedule(ctx, pod))
			}
		case !p.alive(pod.Spec.NodeName):
			// The node controller may change the status meanwhile: write it
			// again when the node is back.
			delete(p.done, pod.UID)
			p.kubelet.Kill(pod.UID)
		case pod.DeletionTimestamp != nil:
			complain(what, p.end(ctx, pod))
		default:
			complain(what, p.advance(ctx, pod))
		}
	}
}

// mode is what the annotations say about a pod.
func (p *player) mode(pod *core.Pod) string {
	if own, ok := pod.Annotations[podAnnotation]; ok {
		return own
	}
	if ns, err := p.namespaces.Get(pod.Namespace); err == nil {
		return ns.Annotations[podAnnotation]
	}
	return ""
}

// advance takes a pod's next step and writes the status a kubelet would write.
func (p *player) advance(ctx context.Context, pod *core.Pod) error {
	mode := p.mode(pod)
	over := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
	if over || mode == unscheduled {
		return nil
	}
	var real map[string]core.ContainerStatus
	if slices.Contains(withoutProcess, mode) {
		p.kubelet.Kill(pod.UID)
	} else {
		real = p.kubelet.Sync(ctx, pod, mode == hung)
	}
	text, err := json.Marshal(real)
	if err != nil {
		return err
	}
	as := "as " + mode + " " + string(text)
	if p.done[pod.UID] == as {
		return nil
	}
	changed := pod.DeepCopy()
	p.setStatus(changed, mode, real)
	_, err = p.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, changed, meta.UpdateOptions{FieldManager: "kubelet"})
	if err == nil {
		p.done[pod.UID] = as
	}
	return err
}

// end plays a deleted pod's last seconds: its containers end, then the pod is
// removed for good. A finalizer keeps the object, as it does with a kubelet.
func (p *player) end(ctx context.Context, pod *core.Pod) error {
	grace := time.Duration(ptr.Deref(pod.DeletionGracePeriodSeconds, 0)) * time.Second
	if grace == 0 {
		return nil
	}
	real := p.kubelet.Statuses(pod)
	if !p.kubelet.End(pod.UID, grace) || p.mode(pod) == stuck {
		return nil
	}
	deleted := pod.DeletionTimestamp.Add(-grace)
	if len(real) == 0 && time.Since(deleted) < min(grace, gracePlayed) {
		return nil
	}
	pods := p.client.CoreV1().Pods(pod.Namespace)
	if pod.Status.Phase == core.PodRunning && p.done[pod.UID] != "ended" {
		changed := pod.DeepCopy()
		setEnded(changed, p.kubelet.Statuses(pod))
		if _, err := pods.UpdateStatus(ctx, changed, meta.UpdateOptions{FieldManager: "kubelet"}); err != nil {
			return err
		}
		p.done[pod.UID] = "ended"
	}
	return pods.Delete(ctx, pod.Name, meta.DeleteOptions{
		GracePeriodSeconds: ptr.To[int64](0),
		Preconditions:      &meta.Preconditions{UID: &pod.UID},
	})
}
