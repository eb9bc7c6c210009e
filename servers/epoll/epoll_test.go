//go:build linux

package epoll_test

import (
	"os"
	"testing"

	"c1m/servers/epoll"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, epoll.Serve)) }

func TestContract(t *testing.T) { servertest.Mode(t, "epoll") }
