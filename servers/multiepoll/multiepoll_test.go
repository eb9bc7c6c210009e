//go:build linux

package multiepoll_test

import (
	"os"
	"runtime"
	"testing"

	"c1m/servers"
	"c1m/servers/multiepoll"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, multiepoll.Serve)) }

func TestReuseport(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "reuseport", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "reuseport", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "reuseport", Concurrency: 3})
}

func TestHandoff(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "handoff", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "handoff", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "handoff", Concurrency: 3})
}

func TestHandoffRandom(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "handoff-random", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "handoff-random", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "handoff-random", Concurrency: 3})
}

func TestHandoffLeast(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "handoff-least", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "handoff-least", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "handoff-least", Concurrency: 3})
}

func TestShared(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "shared", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "shared", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "shared", Concurrency: 3})
}

func TestPerCPU(t *testing.T) {
	loops := min(3, runtime.NumCPU())
	servertest.Run(t, servers.Config{Variant: "percpu", Concurrency: loops})
	servertest.WebSocket(t, servers.Config{Variant: "percpu", Concurrency: loops})
	servertest.Push(t, servers.Config{Variant: "percpu", Concurrency: loops})
}
