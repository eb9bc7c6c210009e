//go:build linux

package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Verdict is whether a server keeps a clause.
type Verdict string

const (
	Kept    Verdict = "kept"
	Broken  Verdict = "broken"
	Skipped Verdict = "skipped" // it cannot be judged here
	Unknown Verdict = "unknown" // judging it failed, or was interrupted
)

// Result is what running a clause gave.
type Result struct {
	Clause   string        `json:"clause"`
	Verdict  Verdict       `json:"verdict"`
	Reason   string        `json:"reason,omitempty"`   // why it is skipped or unknown
	Findings []Finding     `json:"findings,omitempty"` // why it is broken
	Notes    []string      `json:"notes,omitempty"`    // what the contract permits and a user may want to know
	Took     time.Duration `json:"took_ns"`
}

// Run holds a target to a clause. It takes no longer than the clause's limit,
// and leaves nothing running.
func (c Clause) Run(ctx context.Context, t Target) (r Result) {
	r.Clause = c.ID
	began := time.Now()
	defer func() { r.Took = time.Since(began) }()
	if missing := c.Needs &^ t.Facts; missing != 0 {
		for _, reason := range reasons {
			if missing&reason.fact != 0 {
				r.Verdict, r.Reason = Skipped, reason.text
				return r
			}
		}
	}
	limit := t.scaled(cmp.Or(c.limit, usual))
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the clause takes longer than %v", limit))
	defer cancel()
	s := &scene{ctx: limited, target: t}
	defer s.end()
	err := c.run(s)
	if ctx.Err() != nil {
		r.Verdict, r.Reason = Unknown, "interrupted"
		return r
	}
	r.verdict(s.died(c, err))
	r.Notes = s.notes
	return r
}

// scene is one run of a clause: the servers that it has started, and the
// connections to them.
type scene struct {
	ctx    context.Context
	target Target

	running []Server // the last is the one that clients connect to

	mu    sync.Mutex
	conns []*client
	notes []string
}

// start starts a server for clients to connect to.
func (s *scene) start(o Options) (Server, error) {
	server, err := s.target.Start(s.ctx, o)
	if err != nil {
		return nil, unjudged{fmt.Errorf("the server does not start: %w", err)}
	}
	s.running = append(s.running, server)
	return server, nil
}

// server is the one that clients connect to.
func (s *scene) server() Server { return s.running[len(s.running)-1] }

// note says what the contract permits.
func (s *scene) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// exitDelay is how long a server that just broke a clause may take to end, if that
// is why it did.
const exitDelay = 300 * time.Millisecond

// died adds to what a clause has found that the server has ended.
func (s *scene) died(c Clause, err error) error {
	if len(s.running) == 0 || s.server().Done() == nil {
		return err
	}
	var findings Findings
	wait := time.Duration(0)
	if errors.As(err, &findings) {
		wait = exitDelay
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.server().Done():
	default:
		select {
		case <-s.server().Done():
		case <-timer.C:
			return err
		}
	}
	how := fmt.Sprintf("the server ended: %v", s.server().Err())
	if findings == nil {
		return found(c.Title, "the server to go on", how)
	}
	if last := &findings[len(findings)-1]; last.Got == errGone.Error() {
		last.Got = how
	} else {
		last.Got += ", and " + how
	}
	return findings
}

// stopped forgets a server that has ended as it was asked to.
func (s *scene) stopped() {
	s.server().End()
	s.running = s.running[:len(s.running)-1]
}

// end ends the servers, and then the connections: a reset that the clause did
// not ask for is none of the server's business.
func (s *scene) end() {
	for _, server := range s.running {
		server.End()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.reset()
	}
}
