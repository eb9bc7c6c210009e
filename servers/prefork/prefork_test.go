//go:build linux

package prefork_test

import (
	"os"
	"testing"

	"c1m/servers/prefork"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, prefork.Serve)) }

func TestContract(t *testing.T) { servertest.Mode(t, "prefork") }
