package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// control serves what tests, not ARC, ask for.
func (s *service) control(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := func(err error) answer {
		return answer{http.StatusBadRequest, map[string]string{"error": err.Error()}}
	}
	var a answer
	switch r.Method + " " + r.URL.Path {
	case "GET /state":
		for _, set := range s.sets {
			set.Stats = s.statistics(set)
		}
		a = answer{http.StatusOK, map[string]any{
			"scaleSets": orEmpty(s.sets), "runners": orEmpty(s.runners),
			"sessions": orEmpty(s.sessions), "behaviour": orEmpty(s.rules), "calls": orEmpty(s.calls),
		}}
	case "POST /behaviour": // replaces all rules
		var rules []*rule
		err := read(r, &rules)
		for _, f := range rules {
			if err == nil && !f.Hang && (f.Status < 200 || f.Status > 599) {
				err = fmt.Errorf("a rule for %q needs a status or hang", f.Endpoint)
			}
			if err == nil && f.Endpoint != "*" && !slices.Contains(endpoints, f.Endpoint) {
				err = fmt.Errorf("no endpoint is called %q; there are %s", f.Endpoint, strings.Join(endpoints, ", "))
			}
		}
		if err != nil {
			a = failed(err)
			break
		}
		s.rules, a = rules, answer{status: http.StatusNoContent}
	case "POST /busy": // a job starts or ends on a runner
		var in struct {
			Runner string `json:"runner"`
			Busy   bool   `json:"busy"`
		}
		err := read(r, &in)
		on, err := s.named(in.Runner, err)
		if err != nil {
			a = failed(err)
			break
		}
		s.work(on, in.Busy)
		a = answer{status: http.StatusNoContent}
	case "POST /finish": // a runner has done its job and goes
		var in struct {
			Runner string `json:"runner"`
		}
		err := read(r, &in)
		on, err := s.named(in.Runner, err)
		if err != nil {
			a = failed(err)
			break
		}
		s.finish(on)
		a = answer{status: http.StatusNoContent}
	case "POST /assign": // so many jobs are there for a scale set
		var in struct {
			ScaleSet int `json:"scaleSet"`
			Jobs     int `json:"jobs"`
		}
		err := read(r, &in)
		set := s.set(in.ScaleSet)
		if err == nil && set == nil {
			err = fmt.Errorf("no scale set has id %d", in.ScaleSet)
		}
		if err != nil {
			a = failed(err)
			break
		}
		s.assign(set, in.Jobs)
		a = answer{status: http.StatusNoContent}
	case "POST /forget": // somebody removes things on GitHub's pages, or a session has grown old
		var in struct {
			ScaleSet, Runner int
			Session          string
		}
		if err := read(r, &in); err != nil {
			a = failed(err)
			break
		}
		s.sets = slices.DeleteFunc(s.sets, func(x *scaleSet) bool { return x.ID == in.ScaleSet })
		s.runners = slices.DeleteFunc(s.runners, func(x *runner) bool { return x.ID == in.Runner })
		s.sessions = slices.DeleteFunc(s.sessions, func(x *session) bool { return x.ID == in.Session })
		a = answer{status: http.StatusNoContent}
	default:
		return false
	}
	send(w, a)
	return true
}

// named finds a runner by name, unless something was wrong already.
func (s *service) named(name string, err error) (*runner, error) {
	if err != nil {
		return nil, err
	}
	for _, x := range s.runners {
		if x.Name == name {
			return x, nil
		}
	}
	return nil, fmt.Errorf("no runner is called %q", name)
}

func read(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// orEmpty makes an empty list print as [].
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
