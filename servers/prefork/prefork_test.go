//go:build linux

package prefork_test

import (
	"os"
	"runtime"
	"testing"

	"c1m/servers"
	"c1m/servers/prefork"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, prefork.Serve)) }

func TestInherit(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "inherit", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "inherit", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "inherit", Concurrency: 3})
	servertest.Prefork(t, servers.Config{Variant: "inherit", Concurrency: 3})
}

func TestReuseport(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "reuseport", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "reuseport", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "reuseport", Concurrency: 3})
	servertest.Prefork(t, servers.Config{Variant: "reuseport", Concurrency: 3})
}

func TestPerCPU(t *testing.T) {
	loops := min(3, runtime.NumCPU())
	servertest.Run(t, servers.Config{Variant: "percpu", Concurrency: loops})
	servertest.WebSocket(t, servers.Config{Variant: "percpu", Concurrency: loops})
	servertest.Push(t, servers.Config{Variant: "percpu", Concurrency: loops})
	servertest.Prefork(t, servers.Config{Variant: "percpu", Concurrency: loops})
}
