//go:build linux

package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"c1m/internal/contract"
	"c1m/internal/usage"
	"c1m/servers"

	"golang.org/x/sys/unix"
)

// testParentKilled: a parent that is killed leaves no child, and the port is
// free.
func testParentKilled(t *testing.T, cfg servers.Config) {
	p := start(t, cfg)
	clients := dialMany(t, p.addr, 50)
	if err := each(clients, (*client).roundTrip); err != nil {
		t.Fatal(err)
	}
	tree := p.tree()
	if len(tree) < 2 {
		t.Fatalf("the server is %d process; want a parent and its children", len(tree))
	}
	p.ended = true
	if err := unix.Kill(p.PID(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var left []int
	err := eventually(stopWithin, func() error {
		left = nil
		for _, pid := range tree[1:] {
			if len(usage.Tree(pid)) > 0 {
				left = append(left, pid)
			}
		}
		if len(left) > 0 {
			return fmt.Errorf("the parent was killed and its children %v live on; want none", left)
		}
		return nil
	})
	if err != nil {
		for _, pid := range left {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		t.Fatal(err)
	}
	if err := each(clients, func(c *client) error { return c.end(promptly) }); err != nil {
		t.Fatalf("the parent was killed: %v", err)
	}
	// The first thread of a process may be seen dead before the last, which
	// gives back the descriptors.
	err = eventually(promptly, func() error {
		l, err := net.Listen("tcp", p.addr.String())
		if err != nil {
			return fmt.Errorf("the parent was killed: %v; want its port free", err)
		}
		return l.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testChildKilled: with a child that is killed end its connections and no
// others; another takes its place and serves, and the totals stay true.
func testChildKilled(t *testing.T, cfg servers.Config) {
	const connections = 60
	p := start(t, cfg)
	p.mustRest()
	before := contract.Process(p.PID()).Descriptors()
	clients := dialMany(t, p.addr, connections)
	if err := each(clients, (*client).roundTrip); err != nil {
		t.Fatal(err)
	}
	p.mustRest()

	victim, held := 0, 0
	for pid, n := range contract.Process(p.PID()).Descriptors() {
		if n-before[pid] > held && pid != p.PID() {
			victim, held = pid, n-before[pid]
		}
	}
	if victim == 0 {
		t.Fatalf("no child holds a connection; want the %d connections in the children", connections)
	}
	if err := unix.Kill(victim, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}

	var ended atomic.Int64
	err := each(clients, func(c *client) error {
		err := c.roundTrip()
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			ended.Add(1)
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatalf("a child was killed: %v; want each connection to end or to go on", err)
	}
	if int(ended.Load()) != held {
		t.Fatalf("a child with %d connections was killed and %d connections ended; want those of the child and no others", held, ended.Load())
	}

	p.awaitReplaced(before, victim)

	// With the other first children gone as well, what is served now is
	// served by those that took their places.
	rest := p.children(before)
	for _, pid := range rest {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	p.awaitReplaced(before, rest...)
	p.mustRest()
	if err := each(dialMany(t, p.addr, connections), (*client).roundTrip); err != nil {
		t.Fatalf("each child was killed and replaced: %v; want new connections served", err)
	}
	messages := int64(3*connections) - ended.Load()
	p.wantCounters("each child was killed and replaced", servers.Totals{
		Accepted: 2 * connections,
		Open:     connections,
		Messages: messages,
		Bytes:    messages * messageSize,
	})
}

// children is those of the first processes that live, less the parent.
func (p *process) children(first map[int]int) []int {
	var living []int
	for _, pid := range p.tree()[1:] {
		if _, was := first[pid]; was {
			living = append(living, pid)
		}
	}
	return living
}

// awaitReplaced waits until the killed processes are gone and there are as
// many as at first.
func (p *process) awaitReplaced(first map[int]int, killed ...int) {
	p.t.Helper()
	err := eventually(patience, func() error {
		tree := p.tree()
		dead := func(pid int) bool { return slices.Contains(killed, pid) }
		if len(tree) != len(first) || slices.ContainsFunc(tree, dead) {
			return fmt.Errorf("children %v were killed and the processes are %v; want another in the place of each", killed, tree)
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}
