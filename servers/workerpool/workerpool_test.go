//go:build linux

package workerpool_test

import (
	"os"
	"testing"

	"c1m/servers/servertest"
	"c1m/servers/workerpool"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, workerpool.Serve)) }

func TestContract(t *testing.T) { servertest.Mode(t, "workerpool") }
