//go:build linux

package epoll_test

import (
	"os"
	"testing"

	"c1m/servers"
	"c1m/servers/epoll"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, epoll.Serve)) }

func TestLevel(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "level"})
	servertest.WebSocket(t, servers.Config{Variant: "level"})
	servertest.Push(t, servers.Config{Variant: "level"})
}

func TestEdge(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "edge"})
	servertest.WebSocket(t, servers.Config{Variant: "edge"})
	servertest.Push(t, servers.Config{Variant: "edge"})
}
