//go:build linux

// Package agent is the child's side of a trial: it reports to a harness, by
// tagged lines, what a server or a replica is doing and using, and hears when to
// go on. It does not serve, load or measure, and it knows no flags.
package agent

import (
	"io"
	"os"
	"sync"

	"c1m/internal/result"
)

// Reporter writes the tagged lines of one server or replica. A line that cannot
// be written is lost, except for a result: whoever read the lines is gone, and
// says so by other means. It is safe for concurrent use.
type Reporter struct {
	mu        sync.Mutex
	w         io.Writer
	run, from string
}

// NewReporter returns the reporter of a process that a run knows by the name from.
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

// Ready reports that a server accepts connections, or that a replica's are up.
func (r *Reporter) Ready(ready result.Ready) { r.report(result.Line{Ready: &ready}) }

// Counts reports what a server has counted.
func (r *Reporter) Counts(c result.Counts) { r.report(result.Line{Server: &c}) }

// Use reports what a server has used.
func (r *Reporter) Use(u result.Use) { r.report(result.Line{Use: &u}) }

// Failed reports why there is no result, and the exit code that says so.
func (r *Reporter) Failed(err error, code int) {
	r.report(result.Line{Failed: &result.Failure{Message: err.Error(), Code: code}})
}

// Replica reports a result, which is what a replica is for. The error says that
// it is lost.
func (r *Reporter) Replica(replica result.Replica) error {
	return r.write(result.Line{Replica: &replica})
}

func pid() int { return os.Getpid() }
