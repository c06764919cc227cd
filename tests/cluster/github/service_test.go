package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/actions/scaleset"
)

// world is a stand-in and the client library that ARC uses, pointed at it.
func world(t *testing.T) (*httptest.Server, *scaleset.Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = newService("http://" + server.Listener.Addr().String())
	server.Start()
	t.Cleanup(server.CloseClientConnections)
	client, err := scaleset.NewClientWithPersonalAccessToken(
		scaleset.NewClientWithPersonalAccessTokenConfig{GitHubConfigURL: server.URL + "/org/repo", PersonalAccessToken: "secret"},
		scaleset.WithRetryMax(1), scaleset.WithRetryWaitMax(time.Millisecond), scaleset.WithTimeout(300*time.Millisecond),
	)
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}

func post(t *testing.T, server *httptest.Server, path, body string) {
	t.Helper()
	resp, err := http.Post(server.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("POST %s %s: %s", path, body, resp.Status)
	}
}

// left is what GET /state says is still registered.
func left(t *testing.T, server *httptest.Server) (sets, runners, sessions int) {
	t.Helper()
	resp, err := http.Get(server.URL + "/state")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var state struct{ ScaleSets, Runners, Sessions []any }
	if err := json.NewDecoder(resp.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	return len(state.ScaleSets), len(state.Runners), len(state.Sessions)
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestLife(t *testing.T) {
	server, client := world(t)
	ctx := context.Background()
	if found := must(client.GetRunnerScaleSet(ctx, 1, "ci"))(t); found != nil {
		t.Fatalf("found %v before it was made", found)
	}
	if group := must(client.GetRunnerGroupByName(ctx, "default"))(t); group.ID != 1 {
		t.Fatalf("group %v", group)
	}
	made := must(client.CreateRunnerScaleSet(ctx, &scaleset.RunnerScaleSet{Name: "ci", RunnerGroupID: 1}))(t)
	if found := must(client.GetRunnerScaleSet(ctx, 1, "ci"))(t); found == nil || found.ID != made.ID {
		t.Fatalf("found %v, made %v", found, made)
	}
	made.Labels = append(made.Labels, scaleset.Label{Name: "more"})
	must(client.UpdateRunnerScaleSet(ctx, made.ID, made))(t)
	if again := must(client.GetRunnerScaleSetByID(ctx, made.ID))(t); len(again.Labels) != 2 || again.RunnerGroupID != 1 {
		t.Fatalf("after the update %v", again)
	}

	setting := &scaleset.RunnerScaleSetJitRunnerSetting{Name: "ci-runner-1"}
	jit := must(client.GenerateJitRunnerConfig(ctx, setting, made.ID))(t)
	if _, err := client.GenerateJitRunnerConfig(ctx, setting, made.ID); !errors.Is(err, scaleset.RunnerExistsError) {
		t.Fatalf("second runner of one name: %v", err)
	}
	if byName := must(client.GetRunnerByName(ctx, "ci-runner-1"))(t); byName.ID != jit.Runner.ID {
		t.Fatalf("by name %v", byName)
	}

	queue := must(client.MessageSessionClient(ctx, made.ID, "listener"))(t)
	if _, err := client.MessageSessionClient(ctx, made.ID, "another"); err == nil || !strings.Contains(err.Error(), "409") {
		t.Fatalf("second session: %v", err)
	}
	post(t, server, "/assign", `{"scaleSet":1,"jobs":3}`)
	if message := must(queue.GetMessage(ctx, 0, 5))(t); message == nil || message.Statistics.TotalAssignedJobs != 3 {
		t.Fatalf("message %v", message)
	}
	if err := queue.Close(ctx); err != nil {
		t.Fatal(err)
	}

	id := int64(jit.Runner.ID)
	post(t, server, "/busy", `{"runner":"ci-runner-1","busy":true}`)
	if err := client.RemoveRunner(ctx, id); !errors.Is(err, scaleset.JobStillRunningError) {
		t.Fatalf("busy runner: %v", err)
	}
	post(t, server, "/busy", `{"runner":"ci-runner-1","busy":false}`)
	if err := client.RemoveRunner(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := client.RemoveRunner(ctx, id); err != nil {
		t.Fatalf("removed once more: %v", err)
	}
	if _, err := client.GetRunner(ctx, int(id)); !errors.Is(err, scaleset.RunnerNotFoundError) {
		t.Fatalf("removed runner: %v", err)
	}
	must(client.GenerateJitRunnerConfig(ctx, setting, made.ID))(t)
	if err := client.DeleteRunnerScaleSet(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	if err := client.DeleteRunnerScaleSet(ctx, made.ID); err == nil || !strings.Contains(err.Error(), "404") {
		t.Fatalf("second deletion: %v", err)
	}
	if sets, runners, sessions := left(t, server); sets != 0 || runners != 1 || sessions != 0 {
		t.Fatalf("left %d sets, %d runners, %d sessions; one runner leaks", sets, runners, sessions)
	}
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		rule string
		want string
		is   error
	}{
		{`{"endpoint":"registration-token","status":401}`, "401", nil},
		{`{"endpoint":"registration-token","status":404,"message":"Not Found"}`, "404", nil},
		{`{"endpoint":"runner-registration","status":403}`, "403", nil},
		{`{"endpoint":"runner-delete","status":400}`, "still running", scaleset.JobStillRunningError},
		{`{"endpoint":"runner-delete","status":422}`, "still running", scaleset.JobStillRunningError},
		{`{"endpoint":"runner-delete","status":404}`, "not found", scaleset.RunnerNotFoundError},
		{`{"endpoint":"runner-delete","status":409}`, "409", nil},
		{`{"endpoint":"runner-delete","status":500}`, "giving up", nil},
		{`{"endpoint":"runner-delete","status":403,"type":"AccessDeniedException","message":"no"}`, "AccessDeniedException: no", nil},
		{`{"endpoint":"runner-delete","hang":true}`, "Timeout", nil},
		{`{"endpoint":"*","status":503}`, "giving up", nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			server, client := world(t)
			post(t, server, "/behaviour", "["+c.rule+"]")
			err := client.RemoveRunner(ctx, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestRulesRunOut(t *testing.T) {
	server, client := world(t)
	ctx := context.Background()
	post(t, server, "/behaviour", `[{"endpoint":"runner-delete","status":204,"times":1}]`)
	if err := client.RemoveRunner(ctx, 9); err != nil {
		t.Fatalf("a 204 that changes nothing: %v", err)
	}
	if err := client.RemoveRunner(ctx, 9); !errors.Is(err, scaleset.RunnerNotFoundError) {
		t.Fatalf("after the rule: %v", err)
	}
}

func TestForgottenRunner(t *testing.T) {
	server, client := world(t)
	ctx := context.Background()
	set := must(client.CreateRunnerScaleSet(ctx, &scaleset.RunnerScaleSet{Name: "ci", RunnerGroupID: 1}))(t)
	jit := must(client.GenerateJitRunnerConfig(ctx, &scaleset.RunnerScaleSetJitRunnerSetting{Name: "ci-runner-1"}, set.ID))(t)
	post(t, server, "/forget", fmt.Sprintf(`{"runner":%d}`, jit.Runner.ID))
	if err := client.RemoveRunner(ctx, int64(jit.Runner.ID)); !errors.Is(err, scaleset.RunnerNotFoundError) {
		t.Fatalf("forgotten runner: %v", err)
	}
}

func TestForgottenSession(t *testing.T) {
	server, client := world(t)
	ctx := context.Background()
	set := must(client.CreateRunnerScaleSet(ctx, &scaleset.RunnerScaleSet{Name: "ci", RunnerGroupID: 1}))(t)
	first := must(client.MessageSessionClient(ctx, set.ID, "killed"))(t)
	if _, err := client.MessageSessionClient(ctx, set.ID, "its successor"); err == nil {
		t.Fatal("two sessions of one scale set")
	}
	post(t, server, "/forget", fmt.Sprintf(`{"session":%q}`, first.Session().SessionID))
	must(client.MessageSessionClient(ctx, set.ID, "its successor"))(t)
}

func TestUnknownRuleIsRefused(t *testing.T) {
	server, _ := world(t)
	for _, body := range []string{`[{"endpoint":"nope","status":500}]`, `[{"endpoint":"*"}]`, `[{"endpont":"*"}]`, `{`} {
		resp, err := http.Post(server.URL+"/behaviour", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Fatalf("%s: %s", body, resp.Status)
		}
	}
}

func TestJobsAreTold(t *testing.T) {
	server, client := world(t)
	ctx := context.Background()
	set := must(client.CreateRunnerScaleSet(ctx, &scaleset.RunnerScaleSet{Name: "ci", RunnerGroupID: 1}))(t)
	queue := must(client.MessageSessionClient(ctx, set.ID, "listener"))(t)
	last := 0
	next := func() *scaleset.RunnerScaleSetMessage {
		t.Helper()
		message := must(queue.GetMessage(ctx, last, 5))(t)
		if message == nil {
			t.Fatal("no message")
		}
		last = message.MessageID
		return message
	}

	post(t, server, "/assign", `{"scaleSet":1,"jobs":2}`)
	waiting := next()
	if len(waiting.JobAvailableMessages) != 2 || waiting.Statistics.TotalAssignedJobs != 2 {
		t.Fatalf("two jobs wait: %+v", waiting)
	}
	ids := []int64{waiting.JobAvailableMessages[0].RunnerRequestID, waiting.JobAvailableMessages[1].RunnerRequestID}
	if got := must(queue.AcquireJobs(ctx, ids))(t); len(got) != 2 {
		t.Fatalf("acquired %v of %v", got, ids)
	}

	must(client.GenerateJitRunnerConfig(ctx, &scaleset.RunnerScaleSetJitRunnerSetting{Name: "ci-runner-1"}, set.ID))(t)
	post(t, server, "/busy", `{"runner":"ci-runner-1","busy":true}`)
	started := next()
	if len(started.JobStartedMessages) != 1 || started.JobStartedMessages[0].RunnerName != "ci-runner-1" || started.Statistics.TotalBusyRunners != 1 {
		t.Fatalf("one job runs: %+v", started)
	}
	post(t, server, "/finish", `{"runner":"ci-runner-1"}`)
	done := next()
	if len(done.JobCompletedMessages) != 1 || done.Statistics.TotalAssignedJobs != 1 || done.Statistics.TotalRegisteredRunners != 0 {
		t.Fatalf("one job is done: %+v", done)
	}
}

// The client of older ARC versions joins addresses with one slash too many.
func TestDoubleSlash(t *testing.T) {
	server, client := world(t)
	set := must(client.CreateRunnerScaleSet(context.Background(), &scaleset.RunnerScaleSet{Name: "ci", RunnerGroupID: 1}))(t)
	request := must(http.NewRequest(http.MethodPost,
		fmt.Sprintf("%s/tenant/org!repo//_apis/runtime/runnerscalesets/%d/acquirejobs", server.URL, set.ID), strings.NewReader(`[7]`)))(t)
	request.Header.Set("Authorization", "Bearer any")
	resp := must(http.DefaultClient.Do(request))(t)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}
