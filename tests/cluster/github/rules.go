package main

import (
	"cmp"
	"net/http"
	"strings"
)

// rule makes one endpoint refuse. It is what POST /behaviour takes.
type rule struct {
	Endpoint string `json:"endpoint"`          // a name as in route, or "*"
	Path     string `json:"path,omitempty"`    // only requests whose path contains this
	Status   int    `json:"status,omitempty"`  // 204, 400, 401, …
	Type     string `json:"type,omitempty"`    // exception name in the body
	Message  string `json:"message,omitempty"` // text in the body
	Hang     bool   `json:"hang,omitempty"`    // no answer at all
	Times    int    `json:"times,omitempty"`   // then the rule is used up; 0: for ever
	used     int
}

// fault finds the first rule for a request and counts its use.
func (s *service) fault(endpoint string, r *http.Request) *rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.rules {
		match := (f.Endpoint == "*" || f.Endpoint == endpoint) && strings.Contains(r.URL.RequestURI(), f.Path)
		if match && (f.Times == 0 || f.used < f.Times) {
			f.used++
			return f
		}
	}
	return nil
}

// answer is what a rule sends. GitHub's REST API and the Actions service have
// different error bodies.
func (f *rule) answer(endpoint string) answer {
	if f.Status == http.StatusNoContent || f.Status == http.StatusAccepted {
		return answer{status: f.Status}
	}
	message := cmp.Or(f.Message, http.StatusText(f.Status))
	if strings.HasSuffix(endpoint, "-token") || endpoint == "runner-registration" {
		return answer{f.Status, map[string]string{"message": message, "documentation_url": "https://docs.github.com/rest"}}
	}
	exception := f.Type
	switch {
	case exception != "":
	case endpoint == "runner-delete" && (f.Status == http.StatusBadRequest || f.Status == http.StatusUnprocessableEntity):
		exception = "JobStillRunningException"
	case f.Status == http.StatusNotFound && strings.HasPrefix(endpoint, "runner-"):
		exception = "TaskAgentNotFoundException"
	case f.Status == http.StatusConflict && endpoint == "jit-config":
		exception = "TaskAgentExistsException"
	case f.Status == http.StatusNotFound:
		exception = "RunnerScaleSetNotFoundException"
	case f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden:
		exception = "AccessDeniedException"
	default:
		exception = "ServiceException"
	}
	return refuse(f.Status, exception, message)
}
