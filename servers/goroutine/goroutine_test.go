//go:build linux

package goroutine_test

import (
	"os"
	"testing"

	"c1m/servers"
	"c1m/servers/goroutine"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, goroutine.Serve)) }

func TestSingle(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "single"})
	servertest.WebSocket(t, servers.Config{Variant: "single"})
	servertest.Push(t, servers.Config{Variant: "single"})
}

func TestPair(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: "pair"})
	servertest.WebSocket(t, servers.Config{Variant: "pair"})
	servertest.Push(t, servers.Config{Variant: "pair"})
}

func TestPairOverHTTP(t *testing.T) {
	servertest.WebSocket(t, servers.Config{Variant: "pair", Upgrade: servers.UpgradeHTTP})
	servertest.Push(t, servers.Config{Variant: "pair", Upgrade: servers.UpgradeHTTP})
}
