//go:build linux

package cli

import (
	"fmt"
	"strings"

	"c1m/servers"
	"c1m/servers/epoll"
	"c1m/servers/goroutine"
	"c1m/servers/multiepoll"
	"c1m/servers/prefork"
	"c1m/servers/uring"
	"c1m/servers/workerpool"
)

// serve is the one place where a mode's name leads to its code.
func serve(mode string) (servers.Serve, bool) {
	switch mode {
	case "goroutine":
		return goroutine.Serve, true
	case "epoll":
		return epoll.Serve, true
	case "multiepoll":
		return multiepoll.Serve, true
	case "prefork":
		return prefork.Serve, true
	case "workerpool":
		return workerpool.Serve, true
	case "uring":
		return uring.Serve, true
	}
	return nil, false
}

// available returns why a mode cannot run here, with the fix, or nil.
func available(m servers.Mode) error {
	if m.Name == "uring" {
		return uring.Check()
	}
	return nil
}

// unavailable returns the modes that cannot run on this machine, or, where an engine
// starts containers, those that containers usually forbid.
func unavailable(engine string) (names []string) {
	for _, m := range servers.Modes() {
		if m.Experimental && (engine != engineLocal || available(m) != nil) {
			names = append(names, m.Name)
		}
	}
	return names
}

// describeModes is the list of modes for --help.
func describeModes() string {
	var b strings.Builder
	for _, m := range servers.Modes() {
		fmt.Fprintf(&b, "  %-11s %s\n", m.Name, m.Summary)
		if len(m.Variants) > 1 {
			fmt.Fprintf(&b, "    variants: %s\n", strings.Join(m.Variants, ", "))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
