package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/component-base/version"
	"k8s.io/utils/ptr"

	"box/controlplane/kubelet"
)

// The player is told what to do by annotations.
const (
	// On a node: "lost" stops its heartbeats and everything a kubelet does.
	nodeAnnotation = "box/node"
	// On a pod, or on its namespace for all pods without their own.
	podAnnotation = "box/pod"
	// On a pod: what its containers without a process have written.
	logAnnotation = "box/log"
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
	hung        = "hung"                // runs, and its processes stand still
	refused     = "refused"             // bound, and its kubelet does not take it
	shutdown    = "shutdown"            // its node was shut down in good order
)

// withoutProcess are the modes in which no process of a pod runs.
var withoutProcess = []string{unscheduled, creating, imagePull, crashLoop, succeed, fail, refused, shutdown}

const (
	heartbeat   = 4 * time.Second
	tick        = 250 * time.Millisecond
	gracePlayed = 2 * time.Second // at most this much of a pod's grace period
	storageName = "box"
	nodeAddress = "127.0.0.1" // of every node: the API server asks there for logs
)

var getNow = meta.GetOptions{}

// player stands in for the scheduler, the kubelets and a volume provisioner.
type player struct {
	client  kubernetes.Interface
	kubelet *kubelet.Kubelet
	logs    net.Listener // where the kubelets serve logs
	nodes   []string

	pods       listers.PodLister
	nodeCache  listers.NodeLister
	namespaces listers.NamespaceLister
	claims     listers.PersistentVolumeClaimLister
	volumes    listers.PersistentVolumeLister

	ips  int
	done map[types.UID]string // what was last written for a pod
}

// newPlayer makes a player with a kubelet; both begin their work in run.
func (b *box) newPlayer(client kubernetes.Interface, server string, nodes []string, keys *keys) (*player, error) {
	pods, err := kubelet.New(client, server, b.images, b.path("pods"))
	if err != nil {
		return nil, err
	}
	b.kubelet = pods
	if err := pods.Check(); err != nil {
		return nil, err
	}
	cert, err := tls.LoadX509KeyPair(keys.serverCert, keys.serverKey)
	if err != nil {
		return nil, err
	}
	logs, err := tls.Listen("tcp4", nodeAddress+":0", &tls.Config{Certificates: []tls.Certificate{cert}})
	return &player{client: client, kubelet: pods, logs: logs, nodes: nodes}, err
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
		{Type: core.NodeInternalIP, Address: nodeAddress},
		{Type: core.NodeHostName, Address: name},
	}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(p.logs.Addr().(*net.TCPAddr).Port)
	node.Status.NodeInfo.KubeletVersion = version.Get().GitVersion
	node.Status.NodeInfo.OperatingSystem = "linux"
	node.Status.NodeInfo.Architecture = "amd64"
	_, err = p.client.CoreV1().Nodes().UpdateStatus(ctx, node, meta.UpdateOptions{FieldManager: "kubelet"})
	return err
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
	go p.serveLogs()

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

// serveLogs answers the API server for the kubelets of all nodes.
func (p *player) serveLogs() {
	find := func(name types.NamespacedName) *core.Pod {
		pod, err := p.pods.Pods(name.Namespace).Get(name.Name)
		if err != nil || !p.alive(pod.Spec.NodeName) {
			return nil
		}
		return pod
	}
	played := func(pod *core.Pod) string { return pod.Annotations[logAnnotation] }
	server := &http.Server{Handler: p.kubelet.Logs(find, played), ErrorLog: log.New(io.Discard, "", 0)}
	complain("logs", server.Serve(p.logs))
}

// complain logs what is not an ordinary race with somebody else's change.
func complain(what string, err error) {
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) {
		log.Printf("player: %s: %v", what, err)
	}
}

// alive says whether we play this node now.
func (p *player) alive(name string) bool {
	node, err := p.nodeCache.Get(name)
	return err == nil && slices.Contains(p.nodes, name) && node.Annotations[nodeAnnotation] != "lost"
}
