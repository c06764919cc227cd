// Package kubelet runs a pod's containers as processes of this machine and
// serves their output.
//
// An image is a directory that holds a container's files. A container's
// process sees a copy of it as its root, with the pod's volumes and its
// ServiceAccount's token where a real kubelet puts them; so programs that were
// made for a container need no change. There is no isolation besides that.
package kubelet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// patience bounds how long the API server may take with what a pod needs.
const patience = 10 * time.Second

// Kubelet runs the pods of all nodes.
type Kubelet struct {
	client kubernetes.Interface
	images string   // directory of images: NAME/TAG
	dir    string   // pods' files
	server *url.URL // of the API server, as its clients in pods see it

	mu     sync.Mutex // guards all that follows
	pods   map[types.UID]*pod
	closed bool
}

// pod is what runs, or has run, of one pod.
type pod struct {
	name       types.NamespacedName
	dir        string
	containers map[string]*container
	ending     time.Time // when its processes were asked to end
}

// New makes a kubelet that finds images in one directory and keeps pods' files
// in another.
func New(client kubernetes.Interface, server, images, dir string) (*Kubelet, error) {
	at, err := url.Parse(server)
	return &Kubelet{client: client, images: images, dir: dir, server: at, pods: map[types.UID]*pod{}}, err
}

// image finds a container's image. There is none for an image that this
// kubelet has never heard of; an unknown tag of a known one is an error.
func (k *Kubelet) image(ref string) (dir string, err error) {
	name, _, _ := strings.Cut(ref, "@")
	tag := "latest"
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name, tag = name[:i], name[i+1:]
	}
	if k.images == "" || !filepath.IsLocal(name) || !filepath.IsLocal(tag) {
		return "", nil
	}
	if !isDir(filepath.Join(k.images, name)) {
		return "", nil
	}
	if dir = filepath.Join(k.images, name, tag); !isDir(dir) {
		return "", fmt.Errorf("%s: not found", ref)
	}
	return dir, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Sync brings a pod's processes to what its spec says: starts them, starts
// them again when they ended and the restart policy says so, holds them still
// when hung. It returns the statuses of the containers that it is in charge of.
func (k *Kubelet) Sync(ctx context.Context, spec *core.Pod, hung bool) map[string]core.ContainerStatus {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil
	}
	statuses := map[string]core.ContainerStatus{}
	for _, c := range spec.Spec.Containers {
		image, err := k.image(c.Image)
		if image == "" && err == nil {
			continue
		}
		running := k.container(spec, c.Name)
		if err != nil {
			running.wait("ImagePullBackOff", "Back-off pulling image: "+err.Error())
		} else {
			k.step(ctx, spec, c, running, image)
		}
		running.hold(hung)
		statuses[c.Name] = running.status(c)
	}
	return statuses
}

// container finds what is known of a container, or begins to know it.
func (k *Kubelet) container(spec *core.Pod, name string) *container {
	p := k.pods[spec.UID]
	if p == nil {
		p = &pod{
			name:       types.NamespacedName{Namespace: spec.Namespace, Name: spec.Name},
			dir:        filepath.Join(k.dir, string(spec.UID)),
			containers: map[string]*container{},
		}
		k.pods[spec.UID] = p
	}
	c := p.containers[name]
	if c == nil {
		c = &container{root: filepath.Join(p.dir, name)}
		for _, before := range spec.Status.ContainerStatuses {
			if before.Name == name {
				c.remember(before)
			}
		}
		p.containers[name] = c
	}
	return c
}

// End asks a pod's processes to end, by force after the grace period, and says
// whether they have.
func (k *Kubelet) End(uid types.UID, grace time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pods[uid]
	if p == nil {
		return true
	}
	first := p.ending.IsZero()
	if first {
		p.ending = time.Now()
	}
	ended := true
	for _, c := range p.containers {
		if c.process == nil || c.process.over() {
			continue
		}
		ended = false
		switch {
		case time.Since(p.ending) >= grace:
			c.process.kill()
		case first:
			c.process.end()
		}
	}
	return ended
}

// Statuses are a pod's containers as they are, without any step.
func (k *Kubelet) Statuses(spec *core.Pod) map[string]core.ContainerStatus {
	k.mu.Lock()
	defer k.mu.Unlock()
	statuses := map[string]core.ContainerStatus{}
	for _, c := range spec.Spec.Containers {
		if p := k.pods[spec.UID]; p != nil && p.containers[c.Name] != nil {
			p.containers[c.Name].notice()
			statuses[c.Name] = p.containers[c.Name].status(c)
		}
	}
	return statuses
}

// Kill ends a pod's processes at once and forgets the pod.
func (k *Kubelet) Kill(uid types.UID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kill(uid)
}

func (k *Kubelet) kill(uid types.UID) {
	p := k.pods[uid]
	if p == nil {
		return
	}
	for _, c := range p.containers {
		if c.process != nil {
			c.process.kill()
			<-c.process.ended
		}
	}
	delete(k.pods, uid)
	_ = os.RemoveAll(p.dir)
}

// KillOthers kills the pods that are not among these.
func (k *Kubelet) KillOthers(alive map[types.UID]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, uid := range slices.Collect(maps.Keys(k.pods)) {
		if !alive[uid] {
			k.kill(uid)
		}
	}
}

// Close ends all processes and starts no others.
func (k *Kubelet) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	for _, uid := range slices.Collect(maps.Keys(k.pods)) {
		k.kill(uid)
	}
}

// Check says why this kubelet could not start a process here, nil if it can.
func (k *Kubelet) Check() error {
	if !isDir(k.images) {
		return nil // no images, no processes
	}
	root := filepath.Join(k.dir, "check")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(root)
	_, err := startProcess(root, "/", []string{"/none"}, nil, new(output))
	if errors.Is(err, os.ErrNotExist) {
		return nil // it came as far as looking for the program
	}
	return fmt.Errorf("cannot run programs with a root directory of their own; be root or allow user namespaces: %w", err)
}
