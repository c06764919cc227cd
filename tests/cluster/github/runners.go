package main

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

func (s *service) create(r *http.Request, scope string) answer {
	var set scaleSet
	if err := json.NewDecoder(r.Body).Decode(&set); err != nil {
		return refuse(http.StatusBadRequest, "InvalidRequestException", err.Error())
	}
	set.GroupID = cmp.Or(set.GroupID, defaultGroup.ID)
	for _, x := range s.sets {
		if x.Scope == scope && x.Name == set.Name && x.GroupID == set.GroupID {
			return refuse(http.StatusConflict, "RunnerScaleSetExistsException",
				fmt.Sprintf("Runner scale set with name %q already exists.", set.Name))
		}
	}
	set.Scope, set.ID, set.CreatedOn = scope, s.nextID(), time.Now().UTC()
	set.GroupName = cmp.Or(set.GroupName, defaultGroup.Name)
	s.sets = append(s.sets, &set)
	return answer{http.StatusOK, &set}
}

// jit registers a runner, as asking for its configuration does.
func (s *service) jit(r *http.Request, set *scaleSet) answer {
	var in struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" {
		return refuse(http.StatusBadRequest, "InvalidRequestException", "a runner needs a name")
	}
	for _, x := range s.runners {
		if x.scope == set.Scope && x.Name == in.Name {
			return refuse(http.StatusConflict, "TaskAgentExistsException",
				fmt.Sprintf("A runner exists with the same name %s.", in.Name))
		}
	}
	made := &runner{ID: s.nextID(), Name: in.Name, ScaleSetID: set.ID, scope: set.Scope}
	s.runners = append(s.runners, made)
	return answer{http.StatusOK, map[string]any{
		"runner": made, "encodedJITConfig": base64.StdEncoding.EncodeToString([]byte(in.Name)),
	}}
}

func (s *service) withRunner(scope string, id int, do func(*runner) answer) answer {
	for _, x := range s.runners {
		switch {
		case x.ID != id || x.scope != scope:
		case do != nil:
			return do(x)
		default:
			return answer{http.StatusOK, x}
		}
	}
	return refuse(http.StatusNotFound, "TaskAgentNotFoundException", fmt.Sprintf("No agent found with identifier %d.", id))
}

func (s *service) removeRunner(x *runner) answer {
	if x.Busy {
		return refuse(http.StatusBadRequest, "JobStillRunningException",
			fmt.Sprintf("Runner %q is still running a job.", x.Name))
	}
	s.drop(x)
	return answer{status: http.StatusNoContent}
}

// drop removes a runner's registration. ARC removes a runner twice when it
// scales down, so the second time must be as good as the first.
func (s *service) drop(x *runner) {
	s.gone[x.ID] = true
	s.runners = slices.DeleteFunc(s.runners, func(y *runner) bool { return x == y })
}
