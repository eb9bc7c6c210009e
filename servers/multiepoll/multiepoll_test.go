//go:build linux

package multiepoll_test

import (
	"os"
	"testing"

	"c1m/servers/multiepoll"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, multiepoll.Serve)) }

func TestContract(t *testing.T) { servertest.Mode(t, "multiepoll") }
