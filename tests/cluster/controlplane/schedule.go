package main

import (
	"context"
	"fmt"
	"hash/fnv"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// schedule binds a pod or says why not.
func (p *player) schedule(ctx context.Context, pod *core.Pod) error {
	why := ""
	var fit []string
	for _, name := range p.nodes {
		node, err := p.nodeCache.Get(name)
		if err != nil || node.Spec.Unschedulable || !p.alive(name) || !tolerated(pod, node) {
			continue
		}
		if labels.SelectorFromSet(pod.Spec.NodeSelector).Matches(labels.Set(node.Labels)) {
			fit = append(fit, name)
		}
	}
	switch {
	case p.mode(pod) == unscheduled:
		why = fmt.Sprintf("0/%d nodes are available: %[1]d Insufficient cpu.", len(p.nodes))
	case !p.claimsBound(pod):
		why = fmt.Sprintf("0/%d nodes are available: pod has unbound immediate PersistentVolumeClaims.", len(p.nodes))
	case len(fit) == 0:
		why = fmt.Sprintf("0/%d nodes are available: %[1]d node(s) didn't match Pod's node affinity/selector.", len(p.nodes))
	}
	pods := p.client.CoreV1().Pods(pod.Namespace)
	if why != "" {
		if p.done[pod.UID] == why {
			return nil
		}
		changed := pod.DeepCopy()
		setCondition(&changed.Status, core.PodScheduled, core.ConditionFalse, "Unschedulable", why)
		_, err := pods.UpdateStatus(ctx, changed, meta.UpdateOptions{FieldManager: "kube-scheduler"})
		if err == nil {
			p.done[pod.UID] = why
		}
		return err
	}
	if p.done[pod.UID] == "bound" {
		return nil // the cache has not seen it yet
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(pod.UID))
	err := pods.Bind(ctx, &core.Binding{
		ObjectMeta: meta.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     core.ObjectReference{Kind: "Node", Name: fit[int(h.Sum32())%len(fit)]},
	}, meta.CreateOptions{FieldManager: "kube-scheduler"})
	if err == nil {
		p.done[pod.UID] = "bound"
	}
	return err
}

// tolerated says whether the node's taints let the pod in.
func tolerated(pod *core.Pod, node *core.Node) bool {
	for _, taint := range node.Spec.Taints {
		ok := taint.Effect == core.TaintEffectPreferNoSchedule
		for _, t := range pod.Spec.Tolerations {
			same := t.Key == taint.Key || t.Key == ""
			value := t.Operator == core.TolerationOpExists || t.Value == taint.Value
			effect := t.Effect == "" || t.Effect == taint.Effect
			ok = ok || same && value && effect
		}
		if !ok {
			return false
		}
	}
	return true
}

// claimsBound says whether every claim the pod mounts is bound.
func (p *player) claimsBound(pod *core.Pod) bool {
	for _, v := range pod.Spec.Volumes {
		name := ""
		switch {
		case v.PersistentVolumeClaim != nil:
			name = v.PersistentVolumeClaim.ClaimName
		case v.Ephemeral != nil:
			name = pod.Name + "-" + v.Name
		default:
			continue
		}
		claim, err := p.claims.PersistentVolumeClaims(pod.Namespace).Get(name)
		if err != nil || claim.Status.Phase != core.ClaimBound {
			return false
		}
	}
	return true
}
