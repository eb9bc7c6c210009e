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

// podEvent is one that kubectl prints when it watches pods.
type podEvent struct {
	Type   string // ADDED, MODIFIED, DELETED
	Object podObject
}

// podObject is what this engine reads of a pod.
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

// indexLabel is where a pod of an Indexed Job carries its index.
const indexLabel = "batch.kubernetes.io/job-completion-index"

// index is which of its job's pods this is, from 0; -1 if it is of no job.
func (p podObject) index() int {
	i, err := strconv.Atoi(p.Metadata.Labels[indexLabel])
	if err != nil {
		return -1
	}
	return i
}

// stuck are the reasons why a container waits that do not pass by waiting:
// another attempt of the kubelet's would meet the same.
var stuck = map[string]string{
	"ErrImagePull":               "is the image in a registry the nodes reach, or loaded on them?",
	"ImagePullBackOff":           "is the image in a registry the nodes reach, or loaded on them?",
	"ErrImageNeverPull":          "load the image on the node",
	"InvalidImageName":           "mend -image",
	"CreateContainerConfigError": "",
	"CreateContainerError":       "",
	"RunContainerError":          "",
}

// progress is how far a pod is.
type podProgress int

const (
	podWaits podProgress = iota
	podRuns
	podDone   // it ended, with exit code 0
	podFailed // it ended otherwise, or never can begin
)

// progress says how far the pod is, and in words why it failed or still waits.
func (p podObject) progress() (podProgress, string) {
	for _, c := range p.Status.ContainerStatuses {
		switch s := c.State; {
		case s.Terminated != nil && s.Terminated.ExitCode != 0:
			return podFailed, words("exit code "+strconv.Itoa(s.Terminated.ExitCode), unless(s.Terminated.Reason, "Error"), s.Terminated.Message)
		case s.Waiting != nil:
			why := words(s.Waiting.Reason, s.Waiting.Message)
			if cure, is := stuck[s.Waiting.Reason]; is {
				return podFailed, words(why, cure)
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

// unless is s, if it says more than nothing.
func unless(s, nothing string) string {
	if s == nothing {
		return ""
	}
	return s
}

// words joins what there is of the reasons.
func words(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, ": ")
}

// watchPods reads what kubectl prints and passes the pods on until its end.
func watchPods(r io.Reader, take func(podEvent)) error {
	d := json.NewDecoder(r)
	for {
		var e podEvent
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("what kubectl says of the pods: %w", err)
		}
		take(e)
	}
}
