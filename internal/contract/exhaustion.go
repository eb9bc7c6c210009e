//go:build linux

package contract

import (
	"fmt"
	"time"
)

// room is how many connections a process of a server may have, about, until it is
// out of descriptors.
const room = 48

// queue is the clients that wait for a server without descriptors.
type queue struct {
	results chan arrival
	waiting int
	shed    int // whose connections the server closed
}

// arrival is how one client's wait ended.
type arrival struct {
	*client
	err error
}

func fdOut(s *scene) error {
	limit, err := s.tightLimit()
	if err != nil {
		return err
	}
	server, err := s.start(Options{Descriptors: limit})
	if err != nil {
		return err
	}
	process := Process(server.PID())
	if _, err := s.rest("the server was started"); err != nil {
		return err
	}
	q := &queue{waiting: room*len(process.Tree()) + 2*room}
	if err := descriptors(q.waiting); err != nil {
		return err
	}
	did := fmt.Sprintf("with %d descriptors a process, %d clients connected", limit, q.waiting)
	q.results = make(chan arrival, q.waiting)
	for range q.waiting {
		go func() { q.results <- s.waitIn() }()
	}
	for round := 1; q.waiting > 0; round++ {
		now, err := q.served(s, process)
		if err != nil {
			return found(did, "the server to go on without spinning, and to accept when others leave", err)
		}
		if round == 1 && q.waiting == 0 && q.shed == 0 {
			return skip("every client was served within the limit on descriptors")
		}
		if err := each(now, (*client).trip); err != nil {
			return found(did, "those that were accepted served", err)
		}
		for _, c := range now {
			c.reset()
		}
		did = fmt.Sprintf("with %d descriptors a process, of %d clients the %d that were served left", limit, cap(q.results), cap(q.results)-q.waiting-q.shed)
	}
	if q.shed > 0 {
		s.note("closes connections that it has no descriptor for")
	}
	err = s.anew()
	if err != nil {
		return found(did, "new clients accepted", err)
	}
	return nil
}

// anew wants a new client served. One that connects while the server still notices
// that others left may be closed.
func (s *scene) anew() error {
	deadline := time.Now().Add(s.target.patience())
	for {
		_, err := s.dialAndTrip()
		if err == nil || !ended(err) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(interval)
	}
}

// tightLimit is a limit on descriptors that leaves room for few connections beside
// what the server needs for itself.
func (s *scene) tightLimit() (uint64, error) {
	server, err := s.start(Options{})
	if err != nil {
		return 0, err
	}
	if _, err := s.crowd(1); err != nil {
		return 0, err
	}
	if _, err := s.rest("a client was idle"); err != nil {
		return 0, err
	}
	most := 0
	for _, n := range Process(server.PID()).Descriptors() {
		most = max(most, n)
	}
	s.stopped()
	return uint64(most + room), nil
}

// waitIn connects a client, sends a message, and waits for the reply for as long as
// the clause lasts.
func (s *scene) waitIn() arrival {
	most := s.target.scaled(usual)
	c, err := s.connectWithin(most)
	if err != nil {
		return arrival{nil, err}
	}
	c.patience = most
	if err := c.wire.open(c); err != nil {
		return arrival{c, err}
	}
	err = c.trip()
	c.patience = s.target.patience()
	return arrival{c, err}
}

// served waits until the server is at rest and has served at least one more of
// those waiting, or shed them all. It returns those served.
func (q *queue) served(s *scene, p Process) ([]*client, error) {
	var now []*client
	patience := s.target.patience()
	deadline := time.Now().Add(2 * patience)
	for {
		if _, err := p.Rest(s.ctx, patience); err != nil {
			return nil, err
		}
		before := len(now)
		for len(q.results) > 0 {
			a := <-q.results
			q.waiting--
			switch {
			case a.err == nil:
				now = append(now, a.client)
			case ended(a.err):
				q.shed++
			default:
				return nil, a.err
			}
		}
		if len(now) > 0 && len(now) == before || q.waiting == 0 {
			return now, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("after %v it has accepted nobody, and %d wait", 2*patience, q.waiting)
		}
	}
}
