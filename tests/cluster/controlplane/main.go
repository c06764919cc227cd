// Command controlplane is a Kubernetes control plane in one process: etcd,
// kube-apiserver and kube-controller-manager from their ordinary modules, and
// a player that stands in for scheduler and kubelets (nodes.go).
//
// It lives as long as its standard input is open and its parent runs. When it
// is ready it prints one line of JSON on standard output.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"box/controlplane/kubelet"
)

// ready is the one line on standard output.
type ready struct {
	Kubeconfig string   `json:"kubeconfig"`
	Server     string   `json:"server"`
	Nodes      []string `json:"nodes"`
	Seconds    float64  `json:"seconds"`
}

func main() {
	dir := flag.String("dir", "", "directory for everything this process writes (required)")
	nodes := flag.String("nodes", "node-1,node-2", "names of the nodes to play; empty for none")
	controllers := flag.String("controllers", "*", "the controller manager's --controllers")
	images := flag.String("images", besideExecutable("images"), "directory of images that are run as processes: NAME/TAG/…")
	keep := flag.Bool("keep", false, "leave the directory's content behind on exit")
	verbosity := flag.Int("v", 0, "log verbosity of the Kubernetes components")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}

	begun := time.Now()
	box := &box{dir: mustAbs(*dir), images: mustAbs(*images), keep: *keep, stop: make(chan error, 8)}
	stdout, stderr, err := box.open()
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
	go box.watchLife()
	go func() {
		r, err := box.start(strings.FieldsFunc(*nodes, func(c rune) bool { return c == ',' }), *controllers, *verbosity)
		if err != nil {
			box.stop <- err
			return
		}
		r.Seconds = time.Since(begun).Round(10 * time.Millisecond).Seconds()
		if err := json.NewEncoder(stdout).Encode(r); err != nil {
			box.stop <- err
		}
	}()

	err = <-box.stop
	if err != nil {
		fmt.Fprintln(stderr, "controlplane:", err)
		if tail := box.logTail(); tail != "" {
			fmt.Fprintln(stderr, tail)
		}
	}
	box.close()
	if err != nil {
		os.Exit(1)
	}
}

// besideExecutable is a file next to this program.
func besideExecutable(name string) string {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return filepath.Join(filepath.Dir(exe), name)
}

func mustAbs(p string) string {
	abs, err := filepath.Abs(p)
	if err != nil {
		panic(err)
	}
	return abs
}

// box is the running control plane and what it has put on disk.
type box struct {
	dir     string
	images  string
	kubelet *kubelet.Kubelet
	made    bool // the directory did not exist before
	keep    bool
	etcd    interface{ HardStop() }
	stop    chan error // nil: asked to stop
	cleanup []string
}

func (b *box) path(name string) string { return filepath.Join(b.dir, name) }

// open makes the directory and sends the process's own output to the log in
// it, the components' panics included. It returns the original outputs.
func (b *box) open() (stdout, stderr *os.File, err error) {
	if _, err := os.Stat(b.dir); os.IsNotExist(err) {
		b.made = true
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, nil, err
	}
	b.cleanup = []string{"log", "etcd", "keys", "pods", "kubeconfig", "controller-manager.kubeconfig"}
	for _, name := range b.cleanup {
		if _, err := os.Lstat(b.path(name)); err == nil {
			return nil, nil, fmt.Errorf("%s is already there: give each control plane a directory of its own", b.path(name))
		}
	}
	log, err := os.OpenFile(b.path("log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	dup := func(fd int) (*os.File, error) {
		copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(copied), "out"), unix.Dup2(int(log.Fd()), fd)
	}
	if stdout, err = dup(1); err != nil {
		return nil, nil, err
	}
	stderr, err = dup(2)
	return stdout, stderr, err
}

// watchLife asks for the end when standard input closes, when the parent is
// gone, or on a signal.
func (b *box) watchLife() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	for {
		select {
		case <-signals:
		case <-closed:
		case <-tick.C:
			if os.Getppid() == parent {
				continue
			}
		}
		b.stop <- nil
		return
	}
}

// close ends etcd and the pods' processes, and removes what this process
// wrote. The other components hold nothing outside memory, so they simply end
// with the process.
func (b *box) close() {
	if b.kubelet != nil {
		b.kubelet.Close()
	}
	if b.etcd != nil {
		b.etcd.HardStop()
	}
	if b.keep {
		return
	}
	for _, name := range b.cleanup {
		_ = os.RemoveAll(b.path(name))
	}
	if b.made {
		_ = os.Remove(b.dir) // refused by the system when others put files there
	}
}

func (b *box) logTail() string {
	all, err := os.ReadFile(b.path("log"))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(all)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// start brings the parts up one after the other.
func (b *box) start(nodes []string, controllers string, verbosity int) (*ready, error) {
	keys, err := makeKeys(b.path("keys"))
	if err != nil {
		return nil, err
	}
	etcdURL, err := b.startEtcd()
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	server, err := b.startAPIServer(etcdURL, keys, verbosity)
	if err != nil {
		return nil, err
	}
	admin := b.path("kubeconfig")
	if err := keys.writeKubeconfig(admin, server, keys.adminToken); err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(&rest.Config{
		Host:            server,
		BearerToken:     keys.adminToken,
		TLSClientConfig: rest.TLSClientConfig{CAFile: keys.caCert},
		UserAgent:       "box",
		QPS:             200,
		Burst:           400,
	})
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	wait := func(what string, done func() error) error {
		var last error
		for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
			if last = done(); last == nil {
				return nil
			}
		}
		return fmt.Errorf("waiting for %s: %w", what, last)
	}
	err = wait("the API server", func() error {
		_, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}

	managed := b.path("controller-manager.kubeconfig")
	if err := keys.writeKubeconfig(managed, server, keys.managerToken); err != nil {
		return nil, err
	}
	b.startControllerManager(managed, controllers, keys, verbosity)
	player, err := b.newPlayer(client, server, nodes, keys)
	if err != nil {
		return nil, err
	}
	if err := wait("the nodes", func() error { return player.register(ctx) }); err != nil {
		return nil, err
	}
	go player.run(ctx)
	// The controller manager works once a service account was made.
	err = wait("the controller manager", func() error {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", getNow)
		return err
	})
	if err == nil {
		err = wait("the nodes to be Ready", func() error {
			if !player.allSchedulable(ctx) {
				return errors.New("still tainted as not ready")
			}
			return nil
		})
	}
	return &ready{Kubeconfig: admin, Server: server, Nodes: nodes}, err
}
