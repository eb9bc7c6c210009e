//go:build linux

package workerpool_test

import (
	"os"
	"testing"

	"c1m/servers"
	"c1m/servers/servertest"
	"c1m/servers/workerpool"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, workerpool.Serve)) }

func TestWorker(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "worker", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "worker", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "worker", Concurrency: 3})
}

func TestLoop(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "loop", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "loop", Concurrency: 3})
	servertest.Push(t, servers.Config{Variant: "loop", Concurrency: 3})
}

func TestUnthrottled(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "unthrottled", Concurrency: 3})
	servertest.WebSocket(t, servers.Config{Variant: "unthrottled", Concurrency: 3})
}
