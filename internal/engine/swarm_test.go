//go:build linux

package engine

import (
	"maps"
	"testing"
)

// A task that failed is tried again: its first end counts. Slot 0 bears its
// node's id.
func TestTaskStates(t *testing.T) {
	j := job{name: "c1m-r-2-client", replicas: 4}
	list := `c1m-r-2-client.1|Running 2 seconds ago|
c1m-r-2-client.1|Failed 3 seconds ago|"task: non-zero exit (3)"
c1m-r-2-client.2|Complete 1 second ago|
c1m-r-2-client.mxzgds85wbrv29k2423atf3qq|Rejected 2 seconds ago|"No such image: x"
c1m-r-2-client.3|Preparing 2 seconds ago|
c1m-r-20-client.3|Failed 2 seconds ago|"another's"`
	want := map[int]taskState{
		0: {true, "No such image: x"},
		1: {true, "task: non-zero exit (3)"},
		2: {true, ""},
	}
	if got := taskStates(list, j); !maps.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}

	server := job{name: "c1m-r-1-server"}
	for text, want := range map[string]taskState{
		"c1m-r-1-server.1|Running 2 seconds ago|":  {},
		"c1m-r-1-server.1|Shutdown 2 seconds ago|": {true, ""},
		"c1m-r-1-server.1|Failed 2 seconds ago|":   {true, "failed"},
		"":                                         {},
	} {
		if got := taskStates(text, server)[0]; got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}
