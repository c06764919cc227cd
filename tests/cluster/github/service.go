package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// label, scaleSet and the other wire types have the service's JSON names.
type label struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type scaleSet struct {
	Scope     string          `json:"scope,omitempty"` // organisation, repository or enterprise
	ID        int             `json:"id"`
	Name      string          `json:"name"`
	GroupID   int             `json:"runnerGroupId"`
	GroupName string          `json:"runnerGroupName"`
	Labels    []label         `json:"labels"`
	Setting   json.RawMessage `json:"RunnerSetting,omitempty"`
	CreatedOn time.Time       `json:"createdOn"`
	Stats     *statistics     `json:"statistics,omitempty"`

	assigned int
}

type statistics struct {
	Available  int `json:"totalAvailableJobs"`
	Acquired   int `json:"totalAcquiredJobs"`
	Assigned   int `json:"totalAssignedJobs"`
	Running    int `json:"totalRunningJobs"`
	Registered int `json:"totalRegisteredRunners"`
	Busy       int `json:"totalBusyRunners"`
	Idle       int `json:"totalIdleRunners"`
}

type runner struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	ScaleSetID int    `json:"runnerScaleSetId"`
	Busy       bool   `json:"busy"`

	scope string
}

type session struct {
	ID       string    `json:"sessionId"`
	Owner    string    `json:"ownerName"`
	ScaleSet *scaleSet `json:"runnerScaleSet,omitempty"`
	QueueURL string    `json:"messageQueueUrl"`
	Token    string    `json:"messageQueueAccessToken"`
	Stats    any       `json:"statistics"`

	scaleSetID int
	lastSent   int // jobs announced to this session
	messages   int
}

// group is the only runner group; ARC asks for it by name and as id 1.
type group struct {
	ID        int    `json:"id"`
	Name      string `json:"name"`
	Size      int    `json:"size"`
	IsDefault bool   `json:"isDefaultGroup"`
}

var defaultGroup = group{ID: 1, Name: "Default", Size: 1, IsDefault: true}

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
	sessions []*session
	rules    []*rule
	calls    []call
}

func newService(url string) *service { return &service{url: url} }

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
		i := slices.IndexFunc(s.runners, func(r *runner) bool { return r.Name == in.Runner })
		if err == nil && i < 0 {
			err = fmt.Errorf("no runner is called %q", in.Runner)
		}
		if err != nil {
			a = failed(err)
			break
		}
		s.runners[i].Busy, a = in.Busy, answer{status: http.StatusNoContent}
	case "POST /assign": // jobs wait for runners of a scale set
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
		set.assigned, a = in.Jobs, answer{status: http.StatusNoContent}
	case "POST /forget": // somebody removes things on GitHub's pages
		var in struct{ ScaleSet, Runner int }
		if err := read(r, &in); err != nil {
			a = failed(err)
			break
		}
		s.sets = slices.DeleteFunc(s.sets, func(x *scaleSet) bool { return x.ID == in.ScaleSet })
		s.runners = slices.DeleteFunc(s.runners, func(x *runner) bool { return x.ID == in.Runner })
		a = answer{status: http.StatusNoContent}
	default:
		return false
	}
	send(w, a)
	return true
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

// endpoints are the names that rules may use.
var endpoints = []string{
	"registration-token", "installation-token", "runner-registration",
	"scaleset-find", "scaleset-get", "scaleset-create", "scaleset-update", "scaleset-delete",
	"jit-config", "session-create", "session-refresh", "session-delete", "acquire-jobs", "acquirable-jobs",
	"message-get", "message-delete", "runner-group", "runner-find", "runner-get", "runner-delete",
}

// route names a request's endpoint and says how to answer it.
func (s *service) route(r *http.Request) (string, func() answer) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
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
			return guard("runner-delete", func() answer { return s.withRunner(scope, runnerID, s.removeRunner) })
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

// token gives out a registration or installation token for any credentials.
func (s *service) token(r *http.Request, scheme string) answer {
	if len(r.Header.Get("Authorization")) <= len(scheme) {
		return answer{http.StatusUnauthorized, map[string]string{"message": "Bad credentials"}}
	}
	return answer{http.StatusCreated, map[string]any{"token": rand.Text(), "expires_at": time.Now().Add(time.Hour).UTC()}}
}

// register tells where the Actions service of an organisation is and gives an
// admin token for it: a JWT, of which only the expiry is ever read.
func (s *service) register(r *http.Request) answer {
	var in struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return answer{http.StatusUnprocessableEntity, map[string]string{"message": err.Error()}}
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "RemoteAuth ") {
		return answer{http.StatusUnauthorized, map[string]string{"message": "Bad credentials"}}
	}
	scope := strings.Trim(in.URL, "/")
	if _, after, ok := strings.Cut(scope, "://"); ok {
		_, scope, _ = strings.Cut(after, "/")
	}
	return answer{http.StatusOK, map[string]string{
		"url":   s.url + "/tenant/" + strings.ReplaceAll(scope, "/", "!") + "/",
		"token": jwt(time.Now().Add(time.Hour)),
	}}
}

func jwt(expires time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encode(fmt.Appendf(nil, `{"exp":%d}`, expires.Unix()))
	mac := hmac.New(sha256.New, []byte("box"))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

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
	s.runners = slices.DeleteFunc(s.runners, func(y *runner) bool { return x == y })
	return answer{status: http.StatusNoContent}
}

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
	if set == nil || set.assigned == open.lastSent {
		return answer{}, false
	}
	open.lastSent = set.assigned
	open.messages++
	return answer{http.StatusOK, map[string]any{
		"messageId": open.messages, "messageType": "RunnerScaleSetJobMessages", "body": "", "statistics": s.statistics(set),
	}}, true
}
