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
	}
	return nil, false
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
