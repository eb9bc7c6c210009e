//go:build linux

package engine

import (
	"strings"
	"testing"
)

// What kubectl prints of pods that fare differently.
func TestWatchPods(t *testing.T) {
	const events = `
{"type":"ADDED","object":{"metadata":{"name":"waits"},"status":{"phase":"Pending"}}}
{"type":"MODIFIED","object":{"metadata":{"name":"no room"},"status":{"phase":"Pending","conditions":[
  {"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/1 nodes are available: 1 Insufficient memory."}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"starts"},"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"no image"},"status":{"phase":"Pending","containerStatuses":[
  {"state":{"waiting":{"reason":"ErrImageNeverPull","message":"not present"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"runs","labels":{"batch.kubernetes.io/job-completion-index":"7"}},
  "status":{"phase":"Running","podIP":"10.0.0.1","hostIP":"10.1.0.1","containerStatuses":[{"state":{"running":{"startedAt":"2026-03-01T12:00:00Z"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"done"},"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"failed"},"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"killed"},"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}}}
{"type":"MODIFIED","object":{"metadata":{"name":"forbidden"},"status":{"phase":"Failed","reason":"SysctlForbidden","message":"forbidden sysctl"}}}
{"type":"DELETED","object":{"metadata":{"name":"evicted"},"status":{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}}}
`
	type want struct {
		at  podProgress
		why string
	}
	wants := map[string]want{
		"waits":     {podWaits, "Pending"},
		"no room":   {podWaits, "Unschedulable: 0/1 nodes are available: 1 Insufficient memory."},
		"starts":    {podWaits, "ContainerCreating"},
		"no image":  {podFailed, "ErrImageNeverPull: not present: fix: load the image on the node"},
		"runs":      {podRuns, ""},
		"done":      {podDone, ""},
		"failed":    {podFailed, "exit code 3"},
		"killed":    {podFailed, "exit code 137: OOMKilled"},
		"forbidden": {podFailed, "SysctlForbidden: forbidden sysctl"},
		"evicted":   {podFailed, "Evicted: The node was low on resource: memory."},
	}
	err := watchPods(strings.NewReader(events), func(e podEvent) {
		name := e.Object.Metadata.Name
		at, why := e.Object.progress()
		if got := (want{at, why}); got != wants[name] {
			t.Errorf("%s: %+v, want %+v", name, got, wants[name])
		}
		if got := e.Object.index(); (name == "runs") != (got == 7) || name != "runs" && got != -1 {
			t.Errorf("%s: index %d", name, got)
		}
		delete(wants, name)
	})
	if err != nil || len(wants) > 0 {
		t.Errorf("error %v, and never saw %v", err, wants)
	}
	if err := watchPods(strings.NewReader("{} Unable to connect"), func(podEvent) {}); err == nil {
		t.Error("what is no event is one")
	}
}
