//go:build linux

// Package servertest is the contract every server architecture passes before
// any of them is timed. It does not know which one it tests, and asserts no
// speed.
//
// The test binary runs itself again as the server, so that client and server
// are separate processes with their own descriptors, processor time and
// memory. A mode's tests are two lines:
//
//	func TestMain(m *testing.M)     { os.Exit(servertest.Main(m, goroutine.Serve)) }
//	func TestContract(t *testing.T) { servertest.Mode(t, "goroutine") }
package servertest

import (
	"testing"
	"time"

	"c1m/servers"
)

const (
	// patience is how long one read, write or connect may take. It is no
	// statement about speed: only a server that has stopped is this slow.
	patience = 5 * time.Second

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

// Run holds a mode, as cfg chooses its variant and concurrency, to the whole
// contract, one subtest a clause. An empty cfg.Addr means a loopback address
// and a port the kernel chooses; cfg.Counters and cfg.Ready are not used.
func Run(t *testing.T, cfg servers.Config) {
	runItems(t, cfg, []item{
		{"echo", testEcho},
		{"addresses", testAddresses},
		{"work", testWork},
		{"stalled-client", testStalledClient},
		{"greedy-client", testGreedyClient},
		{"starvation", testStarvation},
		{"leaving", testLeaving},
		{"descriptors", testDescriptors},
		{"exhaustion", testExhaustion},
		{"never-reads", testNeverReads},
		{"shutdown", testShutdown},
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
	if cfg.Addr == "" {
		// No client's source address is the server's: nothing else on the
		// host can be given a freed port before the suite binds it again.
		cfg.Addr = "127.83.0.1:0"
	}
	for _, it := range items {
		t.Run(it.name, func(t *testing.T) { it.test(t, cfg) })
	}
}
