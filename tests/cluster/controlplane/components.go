package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
	logsapi "k8s.io/component-base/logs/api/v1"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func init() {
	// Both components set up logging; the second must not take offence.
	logsapi.ReapplyHandling = logsapi.ReapplyHandlingIgnoreUnchanged
}

// freePort asks the system for a free loopback port. Another process may take
// it before we listen; the component then fails and with it this process.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func freeURL() (url.URL, error) {
	port, err := freePort()
	return url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}, err
}

func (b *box) startEtcd() (string, error) {
	client, err := freeURL()
	if err != nil {
		return "", err
	}
	peer, err := freeURL()
	if err != nil {
		return "", err
	}
	cfg := embed.NewConfig()
	cfg.Dir = b.path("etcd")
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	cfg.LogLevel = "error"
	cfg.LogOutputs = []string{"stderr"}
	cfg.UnsafeNoFsync = true // nothing here outlives the process
	etcd, err := embed.StartEtcd(cfg)
	if err != nil {
		return "", err
	}
	b.etcd = etcd.Server
	select {
	case <-etcd.Server.ReadyNotify():
		return client.String(), nil
	case err := <-etcd.Err():
		return "", err
	case <-time.After(time.Minute):
		return "", errors.New("not ready after a minute")
	}
}

// run executes a component's command beside us; its end is our end.
func (b *box) run(name string, cmd *cobra.Command, args []string) {
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	go func() {
		if err := cmd.ExecuteContext(context.Background()); err != nil {
			b.stop <- fmt.Errorf("%s: %w", name, err)
		} else {
			b.stop <- fmt.Errorf("%s ended", name)
		}
	}()
}

func (b *box) startAPIServer(etcd string, keys *keys, verbosity int) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	b.run("kube-apiserver", apiserver.NewAPIServerCommand(), []string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + keys.serverCert,
		"--tls-private-key-file=" + keys.serverKey,
		"--cert-dir=" + keys.dir,
		"--token-auth-file=" + keys.tokens,
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + keys.accountKey,
		"--service-account-signing-key-file=" + keys.accountKey,
		"--service-cluster-ip-range=10.96.0.0/16",
		// A loopback address is no valid endpoint of the kubernetes Service.
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		// Where and whom to ask for logs; nodes have no names in any DNS.
		"--kubelet-certificate-authority=" + keys.caCert,
		"--kubelet-preferred-address-types=InternalIP",
		"--profiling=false",
		fmt.Sprintf("--v=%d", verbosity),
	})
	return fmt.Sprintf("https://127.0.0.1:%d", port), nil
}

func (b *box) startControllerManager(kubeconfig, controllers string, keys *keys, verbosity int) {
	b.run("kube-controller-manager", controllermanager.NewControllerManagerCommand(), []string{
		"--kubeconfig=" + kubeconfig,
		"--controllers=" + controllers,
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + keys.accountKey,
		"--root-ca-file=" + keys.caCert,
		"--cluster-signing-cert-file=" + keys.caCert,
		"--cluster-signing-key-file=" + keys.caKey,
		"--leader-elect=false",
		"--secure-port=0",
		// A lost node is noticed within half a minute (default: 50 s).
		"--node-monitor-period=2s",
		"--node-monitor-grace-period=20s",
		"--profiling=false",
		fmt.Sprintf("--v=%d", verbosity),
	})
}
