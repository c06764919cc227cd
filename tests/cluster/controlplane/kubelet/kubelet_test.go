package kubelet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// TestMain is also the program that the tests put into an image.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[0] != "/program" {
		os.Exit(m.Run())
	}
	secret, _ := os.ReadFile("/etc/secret/key")
	fmt.Printf("args %v, HOME %s, OWN %s, secret %s\n", os.Args[1:], os.Getenv("HOME"), os.Getenv("OWN"), secret)
	switch os.Args[1] {
	case "fail":
		os.Exit(3)
	case "serve":
		time.Sleep(time.Hour)
	}
	os.Exit(0)
}

// world is a kubelet that has one image and an API server with one Secret.
func world(t *testing.T) *Kubelet {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/ns/secrets/there" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(meta.Status{
				TypeMeta: meta.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
				Reason: meta.StatusReasonNotFound, Message: "not found", Code: http.StatusNotFound,
			})
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(core.Secret{
			TypeMeta: meta.TypeMeta{Kind: "Secret", APIVersion: "v1"}, Data: map[string][]byte{"key": []byte("s3cret")},
		})
	}))
	t.Cleanup(server.Close)
	image := filepath.Join(t.TempDir(), "example.com", "image", "1")
	exe, err := os.Executable()
	if err == nil {
		err = os.MkdirAll(image, 0o755)
	}
	if err == nil {
		err = copyFile(exe, filepath.Join(image, "program"))
	}
	if err != nil {
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(&rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
	k, err := New(client, "https://127.0.0.1:6443", filepath.Join(image, "..", "..", ".."), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Check(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

func podThat(does string, policy core.RestartPolicy) *core.Pod {
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{Namespace: "ns", Name: "p", UID: "1"},
		Spec: core.PodSpec{RestartPolicy: policy, Containers: []core.Container{{
			Name: "c", Image: "example.com/image:1", Command: []string{"/program"}, Args: []string{does, "$(OWN)"},
			Env: []core.EnvVar{{Name: "OWN", ValueFrom: &core.EnvVarSource{FieldRef: &core.ObjectFieldSelector{FieldPath: "metadata.name"}}}},
		}}},
	}
}

// until steps the pod until its container looks right.
func until(t *testing.T, k *Kubelet, pod *core.Pod, hung bool, right func(core.ContainerStatus) bool) core.ContainerStatus {
	t.Helper()
	var last core.ContainerStatus
	for range 500 {
		last = k.Sync(context.Background(), pod, hung)["c"]
		if right(last) {
			return last
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("it stays %+v", last)
	return last
}

func running(c core.ContainerStatus) bool    { return c.State.Running != nil }
func terminated(c core.ContainerStatus) bool { return c.State.Terminated != nil }

func waits(reason, message string) func(core.ContainerStatus) bool {
	return func(c core.ContainerStatus) bool {
		return c.State.Waiting != nil && c.State.Waiting.Reason == reason && strings.Contains(c.State.Waiting.Message, message)
	}
}

// logs asks for a container's log as the API server does.
func logs(t *testing.T, k *Kubelet, pod *core.Pod, query string) (int, string) {
	t.Helper()
	find := func(types.NamespacedName) *core.Pod { return pod }
	server := httptest.NewServer(k.Logs(find, func(*core.Pod) string { return "played\n" }))
	defer server.Close()
	resp, err := http.Get(server.URL + "/containerLogs/ns/p/c" + query)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestEnds(t *testing.T) {
	k := world(t)
	pod := podThat("fail", core.RestartPolicyNever)
	pod.Spec.Volumes = []core.Volume{{Name: "v", VolumeSource: core.VolumeSource{Secret: &core.SecretVolumeSource{SecretName: "there"}}}}
	pod.Spec.Containers[0].VolumeMounts = []core.VolumeMount{{Name: "v", MountPath: "/etc/secret"}}
	until(t, k, pod, false, running)
	ended := until(t, k, pod, false, terminated)
	if ended.State.Terminated.ExitCode != 3 || ended.RestartCount != 0 {
		t.Fatalf("%+v", ended)
	}
	pod.Status.ContainerStatuses = []core.ContainerStatus{ended}
	if _, text := logs(t, k, pod, ""); text != "args [fail p], HOME /root, OWN p, secret s3cret\n" {
		t.Fatal(text)
	}
	if status, text := logs(t, k, pod, "?previous=true"); status != http.StatusBadRequest {
		t.Fatal(status, text)
	}
}

func TestStartsAgain(t *testing.T) {
	k := world(t)
	pod := podThat("fail", core.RestartPolicyAlways)
	again := until(t, k, pod, false, func(c core.ContainerStatus) bool { return c.RestartCount == 1 })
	if again.LastTerminationState.Terminated.ExitCode != 3 {
		t.Fatalf("%+v", again)
	}
	pod.Status.ContainerStatuses = []core.ContainerStatus{again}
	if _, text := logs(t, k, pod, "?previous=true"); !strings.HasPrefix(text, "args [fail p]") {
		t.Fatal(text)
	}
	until(t, k, pod, false, waits("CrashLoopBackOff", "back-off 2s restarting failed container=c pod=p_ns(1)"))
}

func TestHangsAndGoes(t *testing.T) {
	k := world(t)
	pod := podThat("serve", core.RestartPolicyAlways)
	until(t, k, pod, false, running)
	process := k.pods["1"].containers["c"].process
	state := func() string {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), ") ")
		return after[:1]
	}
	become := func(hung bool, stopped bool) {
		t.Helper()
		k.Sync(context.Background(), pod, hung)
		for range 100 {
			if (state() == "T") == stopped {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("hung %v, state %s", hung, state())
	}
	become(true, true)
	become(false, false)
	become(true, true)
	for begun := time.Now(); !k.End("1", 300*time.Millisecond); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > 5*time.Second {
			t.Fatal("a hung process outlives its grace period")
		}
	}
	if status := k.Statuses(pod)["c"]; status.State.Terminated.ExitCode != 128+int32(syscall.SIGKILL) {
		t.Fatalf("%+v", status)
	}
}

func TestCannotStart(t *testing.T) {
	k := world(t)
	for what, c := range map[string]struct {
		change func(*core.Pod)
		want   func(core.ContainerStatus) bool
	}{
		"unknown tag": {
			func(p *core.Pod) { p.Spec.Containers[0].Image = "example.com/image:2" },
			waits("ImagePullBackOff", "example.com/image:2: not found"),
		},
		"no program": {
			func(p *core.Pod) { p.Spec.Containers[0].Command = []string{"/other"} },
			waits("RunContainerError", "/other: no such file"),
		},
		"no Secret for a variable": {
			func(p *core.Pod) {
				ref := &core.SecretKeySelector{LocalObjectReference: core.LocalObjectReference{Name: "none"}, Key: "k"}
				p.Spec.Containers[0].Env = []core.EnvVar{{Name: "X", ValueFrom: &core.EnvVarSource{SecretKeyRef: ref}}}
			},
			waits("CreateContainerConfigError", "not found"),
		},
		"no key for a variable": {
			func(p *core.Pod) {
				ref := &core.SecretKeySelector{LocalObjectReference: core.LocalObjectReference{Name: "there"}, Key: "k"}
				p.Spec.Containers[0].Env = []core.EnvVar{{Name: "X", ValueFrom: &core.EnvVarSource{SecretKeyRef: ref}}}
			},
			waits("CreateContainerConfigError", "couldn't find key k in Secret ns/there"),
		},
		"no Secret for a volume": {
			func(p *core.Pod) {
				p.Spec.Volumes = []core.Volume{{Name: "v", VolumeSource: core.VolumeSource{Secret: &core.SecretVolumeSource{SecretName: "none"}}}}
				p.Spec.Containers[0].VolumeMounts = []core.VolumeMount{{Name: "v", MountPath: "/v"}}
			},
			waits("ContainerCreating", `MountVolume.SetUp failed for volume "v"`),
		},
	} {
		t.Run(what, func(t *testing.T) {
			pod := podThat("serve", core.RestartPolicyAlways)
			pod.UID = types.UID(what)
			c.change(pod)
			until(t, k, pod, false, c.want)
		})
	}
	played := podThat("serve", core.RestartPolicyAlways)
	played.Spec.Containers[0].Image = "example.com/stranger:1"
	if got := k.Sync(context.Background(), played, false); len(got) != 0 {
		t.Fatalf("an image nobody knows is run: %v", got)
	}
}

// A node that comes back finds its containers dead.
func TestRemembers(t *testing.T) {
	k := world(t)
	pod := podThat("serve", core.RestartPolicyAlways)
	pod.Status.ContainerStatuses = []core.ContainerStatus{until(t, k, pod, false, running)}
	k.Kill(pod.UID)
	back := until(t, k, pod, false, running)
	if back.RestartCount != 1 || back.LastTerminationState.Terminated.ExitCode != 255 {
		t.Fatalf("%+v", back)
	}
}

func TestOutput(t *testing.T) {
	o := new(output)
	for _, piece := range []string{"a", "b\nc\n", "d"} {
		_, _ = o.Write([]byte(piece))
	}
	text := func(lines []line) (all string) {
		for _, l := range lines {
			all += string(l.text)
		}
		return all
	}
	lines, next := o.since(0, false)
	if text(lines) != "ab\nc\n" || next != 2 {
		t.Fatal(text(lines), next)
	}
	if lines, _ = o.since(next, true); text(lines) != "d" {
		t.Fatal(text(lines))
	}
	_, _ = o.Write([]byte(strings.Repeat("x\n", keepLines)))
	if lines, next = o.since(0, true); len(lines) != keepLines || next != keepLines+2 {
		t.Fatal(len(lines), next)
	}
}
