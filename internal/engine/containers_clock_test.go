//go:build linux

package engine

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Replicas that start by their clocks may do so long after the limits of a
// trial's phases: only the window is waited for, and that has none.
func TestClockLoadStartsWhenItDoes(t *testing.T) {
	l := &clockLoad{containerLoad: &containerLoad{load: newLoad(Spec{Cell: modeCell()})}, at: time.Now().Add(time.Hour)}
	r := &replica{name: "replica-1"}
	l.replicas = append(l.replicas, r)
	phase, cancel := context.WithCancel(t.Context())
	cancel() // the least a phase can be given
	if err := errors.Join(l.Connected(phase), l.Go(phase)); err != nil {
		t.Error(err)
	}
	if at, err := l.Window(); !at.Equal(l.at) || err != nil {
		t.Errorf("the window begins at %v, %v; want %v", at, err, l.at)
	}
	died := errors.New("replica-1 died")
	l.fail(r, died)
	if _, err := l.Window(); !errors.Is(err, died) {
		t.Errorf("error %v, want that a replica died", err)
	}
}
