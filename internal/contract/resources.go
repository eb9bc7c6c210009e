//go:build linux

package contract

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"syscall"
	"time"
)

// resources is the theme of what connections cost.
func resources() []Clause {
	return []Clause{
		{
			ID: "fd.one", Title: "a connection is one descriptor", Protocols: both, Needs: Processes, run: fdOne,
			Why: "A million connections are a million descriptors, and a server that takes more per connection ends at a part of its limit (RLIMIT_NOFILE, [getrlimit(2)](https://man7.org/linux/man-pages/man2/getrlimit.2.html)). Two typical causes are a duplicate of each socket, and a pipe for splice(2), which also costs kernel memory.",
		},
		{
			ID: "fd.out", Title: "out of descriptors it lives and accepts again", Protocols: both, Needs: Processes | Limits, run: fdOut,
			Why: "Accepting then fails with EMFILE, and the connection stays in the backlog, so a level-triggered listener is ready at once again ([accept(2)](https://man7.org/linux/man-pages/man2/accept.2.html)). A server must not exit and must not spin; it goes on serving the connections it has, and accepts again when some are closed. It may close connections that it has no descriptor for, which is a note.",
		},
		{
			ID: "mem.deaf", Title: "a client that never reads costs bounded memory", Protocols: both, run: memDeaf,
			Why: "Replies that nobody reads must not be kept without bound: one client could fill the server's memory ([CWE-770](https://cwe.mitre.org/data/definitions/770.html)). One client sends up to 64 MiB and reads nothing. The server has to stop reading, or to close the connection, and its memory may grow by 32 MiB.",
		},
		{
			ID: "cpu.idle", Title: "idle connections cost no processor time", Protocols: both, Needs: Processes, run: cpuIdle,
			Why: "Most of a million connections are idle at any time; a server that visits them in turn has no time left ([epoll(7)](https://man7.org/linux/man-pages/man7/epoll.7.html) exists so that it need not). With 1,000 idle connections the server uses at most 5% of a processor more than without any, in at least one of ten samples; that its threads wait for a processor counts as use.",
		},
		{
			ID: "burst", Title: "5,000 connect at once and all are served", Protocols: both, limit: 3 * time.Minute, run: burst,
			Why: "After a restart or a failover all clients come at once. Where the backlog is full, the client's kernel tries again after a second ([listen(2)](https://man7.org/linux/man-pages/man2/listen.2.html), [RFC 6298, 2](https://www.rfc-editor.org/rfc/rfc6298#section-2)); no connection may be refused. The clause may take three minutes.",
		},
	}
}

func fdOne(s *scene) error {
	const connections = 200
	before, err := s.restWithSome()
	if err != nil {
		return err
	}
	if _, err := s.crowd(connections); err != nil {
		return err
	}
	did := fmt.Sprintf("%d clients were idle", connections)
	after, err := s.rest(did)
	if err != nil {
		return err
	}
	if held := after - before; held > connections+slack {
		return found(did, "one descriptor for each", fmt.Sprintf("they hold %d", held))
	}
	return nil
}

func memDeaf(s *scene) error {
	const bound = deafMost / 2 // far over any buffer, half of what a server that keeps all holds
	server, err := s.start(Options{})
	if err != nil {
		return err
	}
	process := Process(server.PID())
	before := int64(0)
	if process != 0 {
		if _, err := s.rest("the server was started"); err != nil {
			return err
		}
		if before, err = process.memory(); err != nil {
			return unjudged{err}
		}
	}
	d, err := s.deafen()
	if err != nil {
		return err
	}
	did := fmt.Sprintf("a client sent %.1f MB and read nothing", float64(d.messages*deafSize)/1e6)
	want := "the server to stop reading, or to close the connection"
	if process != 0 {
		after, err := process.memory()
		if err != nil {
			return found(did, want, err)
		}
		if grown := after - before; grown > bound {
			return found(did, want, fmt.Sprintf("its memory grew by %d MB", grown/1e6))
		}
	}
	if d.all() {
		return found(did, want, "it took everything")
	}
	return nil
}

func cpuIdle(s *scene) error {
	const (
		connections = 1000
		look        = 500 * time.Millisecond
		looks       = 10
		most        = 0.05
	)
	if err := descriptors(connections); err != nil {
		return err
	}
	server, err := s.start(Options{})
	if err != nil {
		return err
	}
	process := Process(server.PID())
	least := func() (float64, error) {
		best := math.Inf(1)
		for range looks {
			used, err := process.demand(look)
			if err := cmp.Or(err, context.Cause(s.ctx)); err != nil {
				return 0, unjudged{fmt.Errorf("processor time: %w", err)}
			}
			if best = min(best, used); best <= most/2 {
				break
			}
		}
		return best, nil
	}
	before, err := least()
	if err != nil {
		return err
	}
	if _, err := s.crowd(connections); err != nil {
		return err
	}
	idle, err := least()
	if err != nil {
		return err
	}
	if idle > 2*before+most {
		return found(fmt.Sprintf("%d connections were idle", connections), fmt.Sprintf("%.0f%% of a processor more than without them", 100*most),
			fmt.Sprintf("it uses %.0f%% or wants to, and %.0f%% without", 100*idle, 100*before))
	}
	return nil
}

// descriptors skips a clause that needs more connections than this process may
// have descriptors.
func descriptors(connections int) error {
	const spare = 100
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return unjudged{fmt.Errorf("getrlimit: %w", err)}
	}
	if limit.Cur < uint64(connections+spare) {
		return skip(fmt.Sprintf("this machine allows %d descriptors per process, and %d connections need %d", limit.Cur, connections, connections+spare))
	}
	return nil
}

func burst(s *scene) error {
	const connections = 5000
	if err := descriptors(connections); err != nil {
		return err
	}
	if _, err := s.start(Options{}); err != nil {
		return err
	}
	clients := make([]*client, connections)
	err := all(connections, func(i int) (err error) {
		if clients[i], err = s.dialWithin(2 * time.Minute); err == nil {
			err = clients[i].trip()
		}
		return err
	})
	if err == nil { // and they all stay
		err = each(clients, (*client).trip)
	}
	if err != nil {
		return found(fmt.Sprintf("%d clients connected at once and sent a message each", connections), "all of them served", err)
	}
	return nil
}
