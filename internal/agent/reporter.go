//go:build linux

// Package agent is the child's side of a trial: it reports the progress and usage of a
// server or a replica to a harness, in tagged lines, and receives its start signals. It
// does not serve, load or measure, and does not depend on flags.
package agent

import (
	"io"
	"os"
	"sync"

	"c1m/internal/result"
)

// Reporter writes the tagged lines of one server or replica. Errors of writing are
// returned only for a result: otherwise the reader is gone, which shows elsewhere. It is
// safe for concurrent use.
type Reporter struct {
	mu        sync.Mutex
	w         io.Writer
	run, from string
}

// NewReporter returns the reporter of the process named from.
func NewReporter(w io.Writer, run, from string) *Reporter {
	return &Reporter{w: w, run: run, from: from}
}

func (r *Reporter) write(l result.Line) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.Run, l.From = r.run, r.from
	return result.WriteLine(r.w, l)
}

func (r *Reporter) report(l result.Line) { _ = r.write(l) }

// Ready reports that a server accepts connections, or that a replica's are established.
func (r *Reporter) Ready(ready result.Ready) { r.report(result.Line{Ready: &ready}) }

// Counts reports a server's counters.
func (r *Reporter) Counts(c result.Counts) { r.report(result.Line{Server: &c}) }

// Use reports a server's usage.
func (r *Reporter) Use(u result.Use) { r.report(result.Line{Use: &u}) }

// Failed reports why there is no result, and the exit code.
func (r *Reporter) Failed(err error, code int) {
	r.report(result.Line{Failed: &result.Failure{Message: err.Error(), Code: code}})
}

// Replica reports a result. The error means that the result is lost.
func (r *Reporter) Replica(replica result.Replica) error {
	return r.write(result.Line{Replica: &replica})
}

func pid() int { return os.Getpid() }
