package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"log"
	"slices"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/component-base/version"
	"k8s.io/utils/ptr"
)

// The player is told what to do by annotations.
const (
	// On a node: "lost" stops its heartbeats and everything a kubelet does.
	nodeAnnotation = "box/node"
	// On a pod, or on its namespace for all pods without their own.
	podAnnotation = "box/pod"
)

// What podAnnotation can say. Without it a pod is bound, runs, is ready, and
// goes away when it is deleted.
const (
	unscheduled = "unscheduled"         // never bound
	creating    = "creating"            // bound, containers never created
	imagePull   = "image-pull-back-off" // bound, image not found
	crashLoop   = "crash-loop"          // running, not ready, restarting
	succeed     = "succeed"             // ends with exit code 0
	fail        = "fail"                // ends with exit code 1
	stuck       = "stuck"               // runs; once deleted never goes away
)

const (
	heartbeat   = 4 * time.Second
	tick        = 250 * time.Millisecond
	gracePlayed = 2 * time.Second // at most this much of a pod's grace period
	storageName = "box"
)

var getNow = meta.GetOptions{}

// player stands in for the scheduler, the kubelets and a volume provisioner.
type player struct {
	client kubernetes.Interface
	nodes  []string

	pods       listers.PodLister
	nodeCache  listers.NodeLister
	namespaces listers.NamespaceLister
	claims     listers.PersistentVolumeClaimLister
	volumes    listers.PersistentVolumeLister

	ips  int
	done map[types.UID]string // what was last written for a pod
}

// register makes the nodes and the default storage class.
func (p *player) register(ctx context.Context) error {
	for i, name := range p.nodes {
		node := &core.Node{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{
			"kubernetes.io/hostname": name,
			"kubernetes.io/os":       "linux",
			"kubernetes.io/arch":     "amd64",
		}}, Spec: core.NodeSpec{PodCIDR: fmt.Sprintf("10.244.%d.0/24", i)}}
		_, err := p.client.CoreV1().Nodes().Create(ctx, node, meta.CreateOptions{FieldManager: "kubelet"})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
		if err := p.beat(ctx, name); err != nil {
			return err
		}
	}
	class := &storage.StorageClass{
		ObjectMeta: meta.ObjectMeta{Name: storageName, Annotations: map[string]string{
			"storageclass.kubernetes.io/is-default-class": "true",
		}},
		Provisioner: "box/" + storageName,
	}
	_, err := p.client.StorageV1().StorageClasses().Create(ctx, class, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// allSchedulable says whether the node controller has found every node Ready.
func (p *player) allSchedulable(ctx context.Context) bool {
	for _, name := range p.nodes {
		node, err := p.client.CoreV1().Nodes().Get(ctx, name, getNow)
		if err != nil || len(node.Spec.Taints) > 0 {
			return false
		}
	}
	return true
}

// beat renews a node's lease and, when needed, its Ready condition.
func (p *player) beat(ctx context.Context, name string) error {
	node, err := p.client.CoreV1().Nodes().Get(ctx, name, getNow)
	if err != nil {
		return err
	}
	if node.Annotations[nodeAnnotation] == "lost" {
		return nil
	}
	leases := p.client.CoordinationV1().Leases(core.NamespaceNodeLease)
	now := meta.NowMicro()
	lease, err := leases.Get(ctx, name, getNow)
	switch {
	case apierrors.IsNotFound(err):
		_, err = leases.Create(ctx, &coordination.Lease{
			ObjectMeta: meta.ObjectMeta{Name: name, OwnerReferences: []meta.OwnerReference{{
				APIVersion: "v1", Kind: "Node", Name: name, UID: node.UID,
			}}},
			Spec: coordination.LeaseSpec{
				HolderIdentity: &name, LeaseDurationSeconds: ptr.To[int32](40), RenewTime: &now,
			},
		}, meta.CreateOptions{FieldManager: "kubelet"})
	case err == nil:
		lease.Spec.RenewTime = &now
		_, err = leases.Update(ctx, lease, meta.UpdateOptions{FieldManager: "kubelet"})
	}
	if err != nil {
		return err
	}
	for _, c := range node.Status.Conditions {
		if c.Type == core.NodeReady && c.Status == core.ConditionTrue {
			return nil
		}
	}
	resources := core.ResourceList{
		core.ResourceCPU:              resource.MustParse("8"),
		core.ResourceMemory:           resource.MustParse("32Gi"),
		core.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		core.ResourcePods:             resource.MustParse("110"),
	}
	condition := func(t core.NodeConditionType, s core.ConditionStatus, reason string) core.NodeCondition {
		at := meta.Now()
		return core.NodeCondition{Type: t, Status: s, Reason: reason, LastHeartbeatTime: at, LastTransitionTime: at}
	}
	node.Status.Capacity, node.Status.Allocatable = resources, resources
	node.Status.Conditions = []core.NodeCondition{
		condition(core.NodeMemoryPressure, core.ConditionFalse, "KubeletHasSufficientMemory"),
		condition(core.NodeDiskPressure, core.ConditionFalse, "KubeletHasNoDiskPressure"),
		condition(core.NodePIDPressure, core.ConditionFalse, "KubeletHasSufficientPID"),
		condition(core.NodeReady, core.ConditionTrue, "KubeletReady"),
	}
	node.Status.Addresses = []core.NodeAddress{
		{Type: core.NodeInternalIP, Address: p.address(name)},
		{Type: core.NodeHostName, Address: name},
	}
	node.Status.NodeInfo.KubeletVersion = version.Get().GitVersion
	node.Status.NodeInfo.OperatingSystem = "linux"
	node.Status.NodeInfo.Architecture = "amd64"
	_, err = p.client.CoreV1().Nodes().UpdateStatus(ctx, node, meta.UpdateOptions{FieldManager: "kubelet"})
	return err
}

// address is a node's made-up address.
func (p *player) address(node string) string {
	return fmt.Sprintf("192.0.2.%d", 1+slices.Index(p.nodes, node))
}

// run plays until the context ends.
func (p *player) run(ctx context.Context) {
	p.done = map[types.UID]string{}
	factory := informers.NewSharedInformerFactory(p.client, 0)
	p.pods = factory.Core().V1().Pods().Lister()
	p.nodeCache = factory.Core().V1().Nodes().Lister()
	p.namespaces = factory.Core().V1().Namespaces().Lister()
	p.claims = factory.Core().V1().PersistentVolumeClaims().Lister()
	p.volumes = factory.Core().V1().PersistentVolumes().Lister()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	go func() {
		for range time.Tick(heartbeat) {
			for _, name := range p.nodes {
				complain("heartbeat of "+name, p.beat(ctx, name))
			}
		}
	}()
	for range time.Tick(tick) {
		p.playVolumes(ctx)
		p.playPods(ctx)
	}
}

// complain logs what is not an ordinary race with somebody else's change.
func complain(what string, err error) {
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) {
		log.Printf("player: %s: %v", what, err)
	}
}

// playVolumes provisions claims of our class and removes released volumes.
func (p *player) playVolumes(ctx context.Context) {
	claims, _ := p.claims.List(labels.Everything())
	for _, c := range claims {
		ours := c.Spec.StorageClassName != nil && *c.Spec.StorageClassName == storageName
		if !ours || c.Spec.VolumeName != "" || c.Status.Phase != core.ClaimPending || c.DeletionTimestamp != nil {
			continue
		}
		name := "pvc-" + string(c.UID)
		if _, err := p.volumes.Get(name); err == nil {
			continue
		}
		_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, &core.PersistentVolume{
			ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{
				"pv.kubernetes.io/provisioned-by": "box/" + storageName,
			}},
			Spec: core.PersistentVolumeSpec{
				Capacity:                      c.Spec.Resources.Requests,
				AccessModes:                   c.Spec.AccessModes,
				PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimDelete,
				StorageClassName:              storageName,
				ClaimRef: &core.ObjectReference{
					APIVersion: "v1", Kind: "PersistentVolumeClaim",
					Namespace: c.Namespace, Name: c.Name, UID: c.UID,
				},
				PersistentVolumeSource: core.PersistentVolumeSource{
					// Nothing is ever mounted; the type is one without a plug-in of its own.
					CSI: &core.CSIPersistentVolumeSource{Driver: "box", VolumeHandle: name},
				},
			},
		}, meta.CreateOptions{})
		complain("volume "+name, err)
	}
	volumes, _ := p.volumes.List(labels.Everything())
	for _, v := range volumes {
		if v.Spec.StorageClassName == storageName && v.Status.Phase == core.VolumeReleased && v.DeletionTimestamp == nil {
			complain("volume "+v.Name, p.client.CoreV1().PersistentVolumes().Delete(ctx, v.Name, meta.DeleteOptions{}))
		}
	}
}

func (p *player) playPods(ctx context.Context) {
	pods, _ := p.pods.List(labels.Everything())
	seen := make(map[types.UID]string, len(pods))
	for _, pod := range pods {
		if before, ok := p.done[pod.UID]; ok {
			seen[pod.UID] = before
		}
	}
	p.done = seen
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
		case pod.DeletionTimestamp != nil:
			complain(what, p.end(ctx, pod))
		default:
			complain(what, p.advance(ctx, pod))
		}
	}
}

// alive says whether we play this node now.
func (p *player) alive(name string) bool {
	node, err := p.nodeCache.Get(name)
	return err == nil && slices.Contains(p.nodes, name) && node.Annotations[nodeAnnotation] != "lost"
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

// advance writes the status a kubelet would write for the pod's mode.
func (p *player) advance(ctx context.Context, pod *core.Pod) error {
	mode := p.mode(pod)
	over := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
	if over || p.done[pod.UID] == "as "+mode || mode == unscheduled {
		return nil
	}
	changed := pod.DeepCopy()
	s := &changed.Status
	now := meta.Now()
	if s.StartTime == nil {
		s.StartTime = &now
	}
	s.HostIP = p.address(pod.Spec.NodeName)
	s.HostIPs = []core.HostIP{{IP: s.HostIP}}
	if s.PodIP == "" && mode != creating {
		p.ips++
		s.PodIP = fmt.Sprintf("10.244.%d.%d", p.ips/250%250, 2+p.ips%250)
		s.PodIPs = []core.PodIP{{IP: s.PodIP}}
	}
	if s.QOSClass == "" {
		s.QOSClass = core.PodQOSBestEffort
	}

	running := core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: now}}
	ended := func(code int32, reason string) core.ContainerState {
		return core.ContainerState{Terminated: &core.ContainerStateTerminated{
			ExitCode: code, Reason: reason, StartedAt: *s.StartTime, FinishedAt: now,
		}}
	}
	waiting := func(reason, message string) core.ContainerState {
		return core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}}
	}
	s.Phase = core.PodRunning
	ready, initialized := false, true
	var state core.ContainerState
	switch mode {
	case creating:
		s.Phase, initialized = core.PodPending, len(pod.Spec.InitContainers) == 0
		state = waiting("ContainerCreating", "")
	case imagePull:
		s.Phase, initialized = core.PodPending, len(pod.Spec.InitContainers) == 0
		state = waiting("ImagePullBackOff", "Back-off pulling image: not found")
	case crashLoop:
		state = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container")
	case succeed:
		s.Phase, state = core.PodSucceeded, ended(0, "Completed")
	case fail:
		s.Phase, state = core.PodFailed, ended(1, "Error")
	default:
		ready, state = true, running
	}
	s.ContainerStatuses = nil
	for _, c := range pod.Spec.Containers {
		status := containerStatus(c, state, ready)
		if mode == crashLoop {
			status.RestartCount, status.LastTerminationState = 5, ended(1, "Error")
		}
		s.ContainerStatuses = append(s.ContainerStatuses, status)
	}
	s.InitContainerStatuses = nil
	for _, c := range pod.Spec.InitContainers {
		initState, initReady := ended(0, "Completed"), true
		switch sidecar := c.RestartPolicy != nil; {
		case !initialized:
			initState, initReady = waiting("PodInitializing", ""), false
		case sidecar && s.Phase == core.PodRunning:
			initState = running
		}
		s.InitContainerStatuses = append(s.InitContainerStatuses, containerStatus(c, initState, initReady))
	}
	as := func(ok bool) core.ConditionStatus {
		if ok {
			return core.ConditionTrue
		}
		return core.ConditionFalse
	}
	why := ""
	if !ready {
		why = "ContainersNotReady"
	}
	if s.Phase == core.PodSucceeded {
		why = "PodCompleted"
	}
	setCondition(s, core.PodReadyToStartContainers, as(mode != creating), "", "")
	setCondition(s, core.PodInitialized, as(initialized), "", "")
	setCondition(s, core.PodReady, as(ready), why, "")
	setCondition(s, core.ContainersReady, as(ready), why, "")
	setCondition(s, core.PodScheduled, core.ConditionTrue, "", "")
	_, err := p.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, changed, meta.UpdateOptions{FieldManager: "kubelet"})
	if err == nil {
		p.done[pod.UID] = "as " + mode
	}
	return err
}

// containerStatus has no imageID: no image is ever pulled.
func containerStatus(c core.Container, state core.ContainerState, ready bool) core.ContainerStatus {
	status := core.ContainerStatus{Name: c.Name, Image: c.Image, State: state, Ready: ready}
	status.Started = ptr.To(state.Running != nil)
	if state.Waiting == nil {
		status.ContainerID = "containerd://" + fakeID()
	}
	return status
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

// end plays a deleted pod's last seconds: its containers end, then the pod is
// removed for good. A finalizer keeps the object, as it does with a kubelet.
func (p *player) end(ctx context.Context, pod *core.Pod) error {
	if p.mode(pod) == stuck || ptr.Deref(pod.DeletionGracePeriodSeconds, 0) == 0 {
		return nil
	}
	grace := time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
	deleted := pod.DeletionTimestamp.Add(-grace)
	if time.Since(deleted) < min(grace, gracePlayed) {
		return nil
	}
	pods := p.client.CoreV1().Pods(pod.Namespace)
	if pod.Status.Phase == core.PodRunning && p.done[pod.UID] != "ended" {
		changed := pod.DeepCopy()
		changed.Status.Phase = core.PodSucceeded
		for i := range changed.Status.ContainerStatuses {
			c := &changed.Status.ContainerStatuses[i]
			c.Ready, c.Started = false, ptr.To(false)
			c.State = core.ContainerState{Terminated: &core.ContainerStateTerminated{
				Reason: "Completed", FinishedAt: meta.Now(), ContainerID: c.ContainerID,
			}}
		}
		setCondition(&changed.Status, core.PodReady, core.ConditionFalse, "PodCompleted", "")
		setCondition(&changed.Status, core.ContainersReady, core.ConditionFalse, "PodCompleted", "")
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
