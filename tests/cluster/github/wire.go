package main

import (
	"encoding/json"
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
	events   []any // what happened to jobs and was not told to a session yet
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
	job   int // its number, while busy
}

// jobMessage tells a session what happened to a job.
type jobMessage struct {
	MessageType string    `json:"messageType"`
	RequestID   int       `json:"runnerRequestId"`
	Repository  string    `json:"repositoryName"`
	Owner       string    `json:"ownerName"`
	WorkflowRef string    `json:"jobWorkflowRef"`
	DisplayName string    `json:"jobDisplayName"`
	RunID       int       `json:"workflowRunId"`
	EventName   string    `json:"eventName"`
	QueueTime   time.Time `json:"queueTime"`
	AssignTime  time.Time `json:"scaleSetAssignTime"`
	RunnerTime  time.Time `json:"runnerAssignTime"`
	FinishTime  time.Time `json:"finishTime"`
	Result      string    `json:"result,omitempty"`
	RunnerID    int       `json:"runnerId,omitempty"`
	RunnerName  string    `json:"runnerName,omitempty"`
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
