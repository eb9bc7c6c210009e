//go:build linux

package engine

import (
	"testing"

	"golang.org/x/sys/unix"

	"c1m/internal/result"
)

// Containers share the names of this host if their engine is on it, and their
// network its own.
func TestSharesHost(t *testing.T) {
	var own unix.Utsname
	if err := unix.Uname(&own); err != nil {
		t.Fatal(err)
	}
	node, kernel := unix.ByteSliceToString(own.Nodename[:]), unix.ByteSliceToString(own.Release[:])
	for said, want := range map[string]bool{
		"echo " + node + " " + kernel:         true,
		"echo another " + kernel:              false,
		"echo " + node + " " + kernel + "-vm": false, // Docker's own machine, named after this
		"echo " + node:                        false,
		"echo no >&2; exit 1":                 false,
	} {
		scripted(t, Docker, NetworkHost, "case $1 in info) "+said+" ;; esac")
		if got := SharesHost(t.Context(), Docker, NetworkHost); got != want {
			t.Errorf("%q: it shares this host: %v, want %v", said, got, want)
		}
		if SharesHost(t.Context(), Docker, NetworkBridge) || SharesHost(t.Context(), Kubernetes, NetworkHost) || SharesHost(t.Context(), Swarm, NetworkHost) {
			t.Error("a bridge, a swarm or a cluster shares this host's names")
		}
	}
}

// Replicas in containers are given the address that a target's name was found to
// mean, if it was.
func TestContainersTakeThePinnedAddress(t *testing.T) {
	scripted(t, Docker, NetworkHost, "")
	c, err := NewContainers(t.Context(), Docker, ContainerConfig{Run: "r", Network: NetworkHost})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for pinned, want := range map[string]string{"[::1]:80": "[::1]:80", "": "localhost:80"} {
		s, err := c.Server(t.Context(), Spec{Cell: result.Cell{Kind: result.KindTarget, Command: "localhost:80", Address: pinned}})
		if err != nil || s.Addr() != want {
			t.Errorf("pinned to %q: replicas dial %v, %v; want %s", pinned, s.Addr(), err, want)
		}
	}
}
