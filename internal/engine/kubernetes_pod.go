//go:build linux

package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// podEvent is an event that kubectl prints when it watches pods.
type podEvent struct {
	Type   string // ADDED, MODIFIED, DELETED
	Object podObject
}

// podObject contains the fields of a pod that this engine reads.
type podObject struct {
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec   struct{ NodeName string }
	Status struct {
		Phase, Reason, Message string
		PodIP, HostIP          string
		Conditions             []struct{ Type, Status, Reason, Message string }
		ContainerStatuses      []struct{ State containerState }
	}
}

type containerState struct {
	Waiting    *struct{ Reason, Message string }
	Running    *struct{}
	Terminated *struct {
		ExitCode        int
		Reason, Message string
	}
}

// indexLabel is the label with the index of an Indexed Job's pod.
const indexLabel = "batch.kubernetes.io/job-completion-index"

// index returns the pod's index in its job, from 0; -1 without a job.
func (p podObject) index() int {
	i, err := strconv.Atoi(p.Metadata.Labels[indexLabel])
	if err != nil {
		return -1
	}
	return i
}

// stuck lists the reasons for waiting that retries of the kubelet do not resolve,
// with the fix.
var stuck = map[string]string{
	"ErrImagePull":               "fix: push the image to a registry that the nodes reach, or load it on them",
	"ImagePullBackOff":           "fix: push the image to a registry that the nodes reach, or load it on them",
	"ErrImageNeverPull":          "fix: load the image on the node",
	"InvalidImageName":           "fix: correct -image",
	"CreateContainerConfigError": "",
	"CreateContainerError":       "",
	"RunContainerError":          "",
}

// podProgress is how far a pod is.
type podProgress int

const (
	podWaits podProgress = iota
	podRuns
	podDone   // it exited with code 0
	podFailed // it exited otherwise, or can never start
)

// progress returns how far the pod is, and why it failed or still waits.
func (p podObject) progress() (podProgress, string) {
	for _, c := range p.Status.ContainerStatuses {
		switch s := c.State; {
		case s.Terminated != nil && s.Terminated.ExitCode != 0:
			return podFailed, words("exit code "+strconv.Itoa(s.Terminated.ExitCode), unless(s.Terminated.Reason, "Error"), s.Terminated.Message)
		case s.Waiting != nil:
			why := words(s.Waiting.Reason, s.Waiting.Message)
			if fix, is := stuck[s.Waiting.Reason]; is {
				return podFailed, words(why, fix)
			}
			return podWaits, why
		}
	}
	switch p.Status.Phase {
	case "Running":
		return podRuns, ""
	case "Succeeded":
		return podDone, ""
	case "Failed":
		return podFailed, words(p.Status.Reason, p.Status.Message)
	}
	for _, c := range p.Status.Conditions {
		if c.Type == "PodScheduled" && c.Status == "False" {
			return podWaits, words(c.Reason, c.Message)
		}
	}
	return podWaits, p.Status.Phase
}

// unless returns s, or empty if s equals nothing.
func unless(s, nothing string) string {
	if s == nothing {
		return ""
	}
	return s
}

// words joins the non-empty reasons.
func words(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, ": ")
}

// watchPods passes on the events that kubectl prints until the end of its
// output.
func watchPods(r io.Reader, take func(podEvent)) error {
	d := json.NewDecoder(r)
	for {
		var e podEvent
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("kubectl's output about the pods: %w", err)
		}
		take(e)
	}
}
