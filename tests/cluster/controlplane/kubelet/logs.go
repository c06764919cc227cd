package kubelet

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// keepLines bounds what is kept of one container's output.
const keepLines = 20000

// output keeps what a process writes, with the time of each line.
type output struct {
	mu    sync.Mutex
	lines []line
	gone  int  // lines dropped at the front
	open  bool // the last line has no end yet
}

type line struct {
	at   time.Time
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for piece := range bytes.Lines(p) {
		if !o.open {
			o.lines = append(o.lines, line{at: time.Now()})
		}
		last := &o.lines[len(o.lines)-1]
		last.text = append(last.text, piece...)
		o.open = !bytes.HasSuffix(piece, []byte("\n"))
	}
	if over := len(o.lines) - keepLines; over > 0 {
		o.lines, o.gone = slices.Delete(o.lines, 0, over), o.gone+over
	}
	return len(p), nil
}

// since gives the finished lines from a number on, and the next number. Once
// nobody writes any more, the last line is finished, too.
func (o *output) since(number int, over bool) ([]line, int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	end := len(o.lines)
	if o.open && !over {
		end--
	}
	return slices.Clone(o.lines[min(max(0, number-o.gone), end):end]), o.gone + end
}

// Logs answers the API server's GET /containerLogs/NAMESPACE/POD/CONTAINER.
// find gives the pod as it is, and nil when its node does not answer.
func (k *Kubelet) Logs(find func(types.NamespacedName) *core.Pod, played func(*core.Pod) string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		pod := find(types.NamespacedName{Namespace: r.PathValue("namespace"), Name: r.PathValue("pod")})
		if pod == nil {
			panic(http.ErrAbortHandler) // closes the connection
		}
		if why := unavailable(pod, r.PathValue("container"), r.URL.Query().Get("previous") == "true"); why != "" {
			http.Error(w, why, http.StatusBadRequest)
			return
		}
		log, over := k.log(pod, r.PathValue("container"), r.URL.Query().Get("previous") == "true")
		if log == nil {
			log, over = new(output), func() bool { return true }
			_, _ = log.Write([]byte(played(pod)))
		}
		send(w, r, log, over)
	})
	return mux
}

// unavailable says, in a kubelet's words, why a container has no log.
func unavailable(pod *core.Pod, container string, previous bool) string {
	statuses := slices.Concat(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses)
	i := slices.IndexFunc(statuses, func(c core.ContainerStatus) bool { return c.Name == container })
	switch {
	case i < 0:
		return fmt.Sprintf("container %q in pod %q is not available", container, pod.Name)
	case previous && statuses[i].LastTerminationState.Terminated == nil:
		return fmt.Sprintf("previous terminated container %q in pod %q not found", container, pod.Name)
	case statuses[i].State.Waiting == nil || statuses[i].LastTerminationState.Terminated != nil:
		return ""
	case statuses[i].State.Waiting.Reason == "ImagePullBackOff":
		return fmt.Sprintf("container %q in pod %q is waiting to start: trying and failing to pull image", container, pod.Name)
	}
	return fmt.Sprintf("container %q in pod %q is waiting to start: %s", container, pod.Name, statuses[i].State.Waiting.Reason)
}

// log finds the output of a container's process; nil when there never was one.
func (k *Kubelet) log(spec *core.Pod, name string, previous bool) (log *output, over func() bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pods[spec.UID]
	if p == nil || p.containers[name] == nil {
		return nil, nil
	}
	c := p.containers[name]
	if previous {
		return c.logBefore, func() bool { return true }
	}
	if c.log == nil {
		return nil, nil
	}
	return c.log, c.process.over
}

// send writes a log as the query asks for it.
func send(w http.ResponseWriter, r *http.Request, log *output, over func() bool) {
	query := r.URL.Query()
	number := func(name string) int {
		n, err := strconv.Atoi(query.Get(name))
		if err != nil || n < 0 {
			return -1
		}
		return n
	}
	since, _ := time.Parse(time.RFC3339, query.Get("sinceTime"))
	if seconds := number("sinceSeconds"); seconds >= 0 {
		since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	lines, next := log.since(0, over())
	lines = slices.DeleteFunc(lines, func(l line) bool { return l.at.Before(since) })
	if tail := number("tailLines"); tail >= 0 {
		lines = lines[max(0, len(lines)-tail):]
	}
	budget := number("limitBytes")
	for {
		for _, l := range lines {
			text := l.text
			if query.Get("timestamps") == "true" {
				text = slices.Concat([]byte(l.at.UTC().Format(time.RFC3339Nano)+" "), text)
			}
			if budget >= 0 {
				text = text[:min(len(text), budget)]
				budget -= len(text)
			}
			if _, err := w.Write(text); err != nil || budget == 0 {
				return
			}
		}
		if query.Get("follow") != "true" || over() && len(lines) == 0 {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
		lines, next = log.since(next, over())
	}
}
