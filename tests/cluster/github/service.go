package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// call is one request seen, for GET /state.
type call struct {
	Endpoint string `json:"endpoint"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	Status   int    `json:"status"` // 0: hung
}

// keepCalls bounds the record of requests.
const keepCalls = 2000

// pollTime is how long an empty message queue holds a request.
var pollTime = 20 * time.Second

type service struct {
	url string

	mu       sync.Mutex
	lastID   int
	sets     []*scaleSet
	runners  []*runner
	gone     map[int]bool // ids of runners that were removed properly
	sessions []*session
	rules    []*rule
	calls    []call
}

func newService(url string) *service { return &service{url: url, gone: map[int]bool{}} }

// answer is a status and a body to be sent as JSON; no body when nil.
type answer struct {
	status int
	body   any
}

// refuse is an error in the Actions service's own form.
func refuse(status int, exception, message string) answer {
	return answer{status, map[string]string{
		"$id": "1", "typeName": "GitHub.DistributedTask.WebApi." + exception, "typeKey": exception, "message": message,
	}}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.control(w, r) {
		return
	}
	endpoint, handle := s.route(r)
	status := 0
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, call{endpoint, r.Method, r.URL.RequestURI(), status})
		s.calls = s.calls[max(0, len(s.calls)-keepCalls):]
	}()
	var a answer
	if f := s.fault(endpoint, r); f != nil {
		if f.Hang {
			<-r.Context().Done()
			return
		}
		a = f.answer(endpoint)
	} else {
		a = handle()
	}
	status = a.status
	w.Header().Set("ActivityId", "00000000-0000-0000-0000-000000000000")
	send(w, a)
}

func send(w http.ResponseWriter, a answer) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// list is the service's form of a list.
func list[T any](items []T) answer {
	return answer{http.StatusOK, map[string]any{"count": len(items), "value": orEmpty(items)}}
}

func filter[T any](items []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

func (s *service) set(id int) *scaleSet {
	for _, x := range s.sets {
		if x.ID == id {
			return x
		}
	}
	return nil
}

func (s *service) nextID() int {
	s.lastID++
	return s.lastID
}

func (s *service) statistics(set *scaleSet) *statistics {
	st := &statistics{Assigned: set.assigned}
	for _, r := range s.runners {
		if r.ScaleSetID == set.ID {
			st.Registered++
			if r.Busy {
				st.Busy++
			} else {
				st.Idle++
			}
		}
	}
	st.Running = st.Busy
	return st
}
