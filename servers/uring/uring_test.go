//go:build linux

package uring_test

import (
	"os"
	"testing"

	"c1m/servers/servertest"
	"c1m/servers/uring"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, uring.Serve)) }

func TestContract(t *testing.T) {
	if err := uring.Check(); err != nil {
		t.Skip(err)
	}
	servertest.Mode(t, "uring")
}
