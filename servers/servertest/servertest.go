//go:build linux

// Package servertest is the contract every server architecture passes before
// any of them is timed: the clauses of every server, and what our own have to do
// beside: counters, work, notifications, and to leave nothing behind. It does not
// know which one it tests, and asserts no speed.
//
// The test binary runs itself again as the server, so that client and server
// are separate processes with their own descriptors, processor time and
// memory. A mode's tests are two lines:
//
//	func TestMain(m *testing.M)     { os.Exit(servertest.Main(m, goroutine.Serve)) }
//	func TestContract(t *testing.T) { servertest.Mode(t, "goroutine") }
package servertest

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"c1m/internal/proto"
	"c1m/servers"
)

const (
	// patience is how long one read, write or connect may take. It is no
	// statement about speed: only a server that has stopped is this slow.
	patience = 15 * time.Second

	// promptly is how soon a server must notice what its clients did:
	// descriptors returned, processor idle, counters published, and no
	// connection unanswered at low load.
	promptly = 2 * time.Second

	// stopWithin is how soon Serve must return after it was cancelled.
	stopWithin = 3 * time.Second
)

// item is one clause of the contract. It starts the servers it needs.
type item struct {
	name string
	test func(t *testing.T, cfg servers.Config)
}

// Run holds a mode, as cfg chooses its variant and concurrency, to the contract
// where the protocol is echo, one subtest a clause. An empty cfg.Addr means a loopback address
// and a port the kernel chooses; cfg.Counters and cfg.Ready are not used.
func Run(t *testing.T, cfg servers.Config) {
	cfg.Protocol = proto.Echo
	runClauses(t, cfg)
	runItems(t, cfg, []item{
		{"addresses", testAddresses},
		{"work", testWork},
		{"address-in-use", testAddressInUse},
		{"counters", testCounters},
	})
}

// Prefork holds a mode of several processes to what Run cannot ask of the
// others: what happens when one of its processes is killed.
func Prefork(t *testing.T, cfg servers.Config) {
	runItems(t, cfg, []item{
		{"parent-killed", testParentKilled},
		{"child-killed", testChildKilled},
	})
}

func runItems(t *testing.T, cfg servers.Config, items []item) {
	t.Helper()
	for _, it := range items {
		t.Run(it.name, func(t *testing.T) { it.test(t, withAddress(cfg)) })
	}
}

// withAddress is a configuration whose address is chosen.
func withAddress(cfg servers.Config) servers.Config {
	if cfg.Addr == "" {
		cfg.Addr = fmt.Sprintf("127.83.%d.%d:0", os.Getpid()%256, 1+starts.Add(1)%250)
	}
	return cfg
}

// starts counts addresses. Each clause has a host of its own, which is no client's
// source address: nothing else is given a port of it that was freed, before the
// clause binds it again.
var starts atomic.Int64
