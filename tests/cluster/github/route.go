package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// endpoints are the names that rules may use.
var endpoints = []string{
	"registration-token", "installation-token", "runner-registration",
	"scaleset-find", "scaleset-get", "scaleset-create", "scaleset-update", "scaleset-delete",
	"jit-config", "session-create", "session-refresh", "session-delete", "acquire-jobs", "acquirable-jobs",
	"message-get", "message-delete", "runner-group", "runner-find", "runner-get", "runner-delete",
}

// route names a request's endpoint and says how to answer it.
func (s *service) route(r *http.Request) (string, func() answer) {
	// ARC puts two slashes behind the service's address.
	parts := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	unknown := func() (string, func() answer) {
		return "unknown", func() answer { return refuse(http.StatusNotFound, "ControllerNotFoundException", "no such address") }
	}
	if at(0) == "api" && at(1) == "v3" {
		rest := strings.Join(parts[2:], "/")
		switch {
		case r.Method != http.MethodPost:
			return unknown()
		case strings.HasSuffix(rest, "/actions/runners/registration-token"):
			return "registration-token", func() answer { return s.token(r, "Bearer ") }
		case strings.HasPrefix(rest, "app/installations/") && strings.HasSuffix(rest, "/access_tokens"):
			return "installation-token", func() answer { return s.token(r, "Bearer ") }
		case rest == "actions/runner-registration":
			return "runner-registration", func() answer { return s.register(r) }
		}
		return unknown()
	}
	if at(0) == "queue" {
		switch r.Method {
		case http.MethodGet:
			return "message-get", func() answer { return s.poll(r, at(1)) }
		case http.MethodDelete:
			return "message-delete", func() answer { return answer{status: http.StatusNoContent} }
		}
		return unknown()
	}
	// /tenant/SCOPE/_apis/…; the scope's slash is written as "!".
	if at(0) != "tenant" || at(2) != "_apis" {
		return unknown()
	}
	scope := strings.ReplaceAll(at(1), "!", "/")
	id, _ := strconv.Atoi(at(5))
	guard := func(name string, do func() answer) (string, func() answer) {
		return name, func() answer {
			if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
				return refuse(http.StatusUnauthorized, "AccessDeniedException", "no token")
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			a := do()
			if a.body != nil { // written out here: the lock guards what it shows
				text, err := json.Marshal(a.body)
				if err != nil {
					return refuse(http.StatusInternalServerError, "ServiceException", err.Error())
				}
				a.body = json.RawMessage(text)
			}
			return a
		}
	}
	query := r.URL.Query()
	switch at(3) + "/" + at(4) {
	case "runtime/runnergroups":
		return guard("runner-group", func() answer {
			if !strings.EqualFold(query.Get("groupName"), defaultGroup.Name) {
				return list([]group{})
			}
			return list([]group{defaultGroup})
		})
	case "runtime/runnerscalesets":
		return s.routeScaleSet(r, scope, id, at(6), at(7), guard, unknown)
	case "distributedtask/pools":
		runnerID, _ := strconv.Atoi(at(7)) // …/pools/0/agents/ID
		switch {
		case at(6) != "agents":
		case r.Method == http.MethodGet && at(7) == "":
			return guard("runner-find", func() answer {
				found := filter(s.runners, func(x *runner) bool {
					return x.scope == scope && x.Name == query.Get("agentName")
				})
				return list(found)
			})
		case r.Method == http.MethodGet:
			return guard("runner-get", func() answer { return s.withRunner(scope, runnerID, nil) })
		case r.Method == http.MethodDelete:
			return guard("runner-delete", func() answer {
				if s.gone[runnerID] {
					return answer{status: http.StatusNoContent}
				}
				return s.withRunner(scope, runnerID, s.removeRunner)
			})
		}
	}
	return unknown()
}

func (s *service) routeScaleSet(r *http.Request, scope string, id int, verb, sub string,
	guard func(string, func() answer) (string, func() answer), unknown func() (string, func() answer),
) (string, func() answer) {
	query := r.URL.Query()
	// with answers 404 unless the scale set exists.
	with := func(name string, do func(*scaleSet) answer) (string, func() answer) {
		return guard(name, func() answer {
			set := s.set(id)
			if set == nil || set.Scope != scope {
				return refuse(http.StatusNotFound, "RunnerScaleSetNotFoundException",
					fmt.Sprintf("No runner scale set found with identifier %d.", id))
			}
			return do(set)
		})
	}
	switch {
	case id == 0 && r.Method == http.MethodGet:
		return guard("scaleset-find", func() answer {
			return list(filter(s.sets, func(x *scaleSet) bool {
				return x.Scope == scope && x.Name == query.Get("name") && strconv.Itoa(x.GroupID) == query.Get("runnerGroupId")
			}))
		})
	case id == 0 && r.Method == http.MethodPost:
		return guard("scaleset-create", func() answer { return s.create(r, scope) })
	case verb == "" && r.Method == http.MethodGet:
		return with("scaleset-get", func(x *scaleSet) answer { return answer{http.StatusOK, x} })
	case verb == "" && r.Method == http.MethodPatch:
		return with("scaleset-update", func(x *scaleSet) answer {
			changed := *x
			if err := json.NewDecoder(r.Body).Decode(&changed); err != nil {
				return refuse(http.StatusBadRequest, "InvalidRequestException", err.Error())
			}
			changed.ID, changed.Scope, changed.GroupID, changed.CreatedOn = x.ID, scope, cmp.Or(changed.GroupID, 1), x.CreatedOn
			*x = changed
			return answer{http.StatusOK, x}
		})
	case verb == "" && r.Method == http.MethodDelete:
		return with("scaleset-delete", func(x *scaleSet) answer {
			// Its runners stay in the list: whatever is left there at the end has leaked.
			s.sets = slices.DeleteFunc(s.sets, func(y *scaleSet) bool { return x == y })
			s.sessions = slices.DeleteFunc(s.sessions, func(y *session) bool { return y.scaleSetID == x.ID })
			return answer{status: http.StatusNoContent}
		})
	case verb == "generatejitconfig" && r.Method == http.MethodPost:
		return with("jit-config", func(x *scaleSet) answer { return s.jit(r, x) })
	case verb == "acquirablejobs" && r.Method == http.MethodGet:
		return with("acquirable-jobs", func(*scaleSet) answer { return list([]int{}) })
	case verb == "acquirejobs" && r.Method == http.MethodPost:
		return with("acquire-jobs", func(*scaleSet) answer {
			var ids []int64
			if err := json.NewDecoder(r.Body).Decode(&ids); err != nil {
				return refuse(http.StatusBadRequest, "InvalidRequestException", err.Error())
			}
			return list(ids)
		})
	case verb == "sessions" && r.Method == http.MethodPost:
		return with("session-create", func(x *scaleSet) answer { return s.openSession(r, x) })
	case verb == "sessions" && sub != "" && (r.Method == http.MethodPatch || r.Method == http.MethodDelete):
		name := map[string]string{http.MethodPatch: "session-refresh", http.MethodDelete: "session-delete"}[r.Method]
		return with(name, func(x *scaleSet) answer {
			i := slices.IndexFunc(s.sessions, func(y *session) bool { return y.ID == sub && y.scaleSetID == x.ID })
			if i < 0 {
				return refuse(http.StatusNotFound, "SessionNotFoundException", "no such session")
			}
			if r.Method == http.MethodPatch {
				return answer{http.StatusOK, s.sessions[i]}
			}
			s.sessions = slices.Delete(s.sessions, i, i+1)
			return answer{status: http.StatusNoContent}
		})
	}
	return unknown()
}
