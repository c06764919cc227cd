package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// openSession refuses a second session of one scale set, as GitHub does.
func (s *service) openSession(r *http.Request, set *scaleSet) answer {
	var in struct {
		Owner string `json:"ownerName"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return refuse(http.StatusBadRequest, "InvalidRequestException", err.Error())
	}
	for _, x := range s.sessions {
		if x.scaleSetID == set.ID {
			return refuse(http.StatusConflict, "TaskAgentSessionConflictException",
				fmt.Sprintf("The runner scale set %s already has an active session for owner %s.", set.Name, x.Owner))
		}
	}
	id := uuid()
	made := &session{
		ID: id, Owner: in.Owner, scaleSetID: set.ID, ScaleSet: set,
		QueueURL: s.url + "/queue/" + id, Token: jwt(time.Now().Add(time.Hour)), Stats: s.statistics(set),
	}
	s.sessions = append(s.sessions, made)
	return answer{http.StatusOK, made}
}

func uuid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// poll holds a request for messages until the number of assigned jobs changes.
func (s *service) poll(r *http.Request, id string) answer {
	for end := time.Now().Add(pollTime); ; time.Sleep(100 * time.Millisecond) {
		a, done := s.message(id)
		if done {
			return a
		}
		if time.Now().After(end) || r.Context().Err() != nil {
			return answer{status: http.StatusAccepted}
		}
	}
}

func (s *service) message(id string) (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.sessions, func(x *session) bool { return x.ID == id })
	if i < 0 {
		return refuse(http.StatusNotFound, "SessionNotFoundException", "no such session"), true
	}
	open := s.sessions[i]
	set := s.set(open.scaleSetID)
	if set == nil || set.assigned == open.lastSent && len(set.events) == 0 {
		return answer{}, false
	}
	body, err := json.Marshal(orEmpty(set.events))
	if err != nil {
		return refuse(http.StatusInternalServerError, "ServiceException", err.Error()), true
	}
	open.lastSent, set.events = set.assigned, nil
	open.messages++
	return answer{http.StatusOK, map[string]any{
		"messageId": open.messages, "messageType": "RunnerScaleSetJobMessages", "body": string(body), "statistics": s.statistics(set),
	}}, true
}

// assign makes it so many jobs that wait for, or run on, a scale set's runners.
func (s *service) assign(set *scaleSet, jobs int) {
	for ; set.assigned < jobs; set.assigned++ {
		set.tell("JobAvailable", s.nextID(), nil)
	}
	set.assigned = jobs
}

// work lets a job begin or end on a runner.
func (s *service) work(x *runner, busy bool) {
	if x.Busy == busy {
		return
	}
	message := "JobCompleted"
	if busy {
		message, x.job = "JobStarted", s.nextID()
	}
	x.Busy = busy
	if set := s.set(x.ScaleSetID); set != nil {
		set.tell(message, x.job, x)
	}
}

// finish is what GitHub does when a runner for one job has done it.
func (s *service) finish(x *runner) {
	s.work(x, false)
	s.drop(x)
	if set := s.set(x.ScaleSetID); set != nil {
		set.assigned = max(0, set.assigned-1)
	}
}

// tell leaves a message about a job for the scale set's session.
func (x *scaleSet) tell(message string, job int, on *runner) {
	owner, repository, _ := strings.Cut(x.Scope, "/")
	if owner == "enterprises" || repository == "" {
		repository = "repository"
	}
	m := jobMessage{
		MessageType: message, RequestID: job, RunID: job, Owner: owner, Repository: repository,
		WorkflowRef: owner + "/" + repository + "/.github/workflows/ci.yaml@refs/heads/main",
		DisplayName: "build", EventName: "push",
		QueueTime: time.Now(), AssignTime: time.Now(), RunnerTime: time.Now(), FinishTime: time.Now(),
	}
	if on != nil {
		m.RunnerID, m.RunnerName = on.ID, on.Name
	}
	if message == "JobCompleted" {
		m.Result = "succeeded"
	}
	x.events = append(x.events, m)
}
