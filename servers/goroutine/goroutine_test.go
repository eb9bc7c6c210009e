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

func TestContract(t *testing.T) { servertest.Mode(t, "goroutine") }

func TestPairOverHTTP(t *testing.T) {
	cfg := servers.Config{Variant: "pair", Upgrade: servers.UpgradeHTTP}
	servertest.WebSocket(t, cfg)
	servertest.Push(t, cfg)
}
