//go:build linux

package cli

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/engine"
	"c1m/internal/exposition"
)

// metricsFlag declares -metrics.
func metricsFlag(flags *pflag.FlagSet, addr *string) {
	flags.StringVar(addr, "metrics", "", "`[HOST:]PORT` serve Prometheus metrics (default HOST: 127.0.0.1)")
}

// metricsAddress returns the address that -metrics means. Without a host it is 127.0.0.1: to
// show metrics to the network, an address must be given. Empty remains empty.
func metricsAddress(given string) (string, error) {
	if given == "" {
		return "", nil
	}
	if !strings.Contains(given, ":") {
		given = ":" + given
	}
	host, port, err := net.SplitHostPort(given)
	if err == nil {
		given = net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port)
		_, err = net.ResolveTCPAddr("tcp", given)
	}
	if err != nil {
		return "", usagef("-metrics %q: want PORT or HOST:PORT, such as 9100 or 0.0.0.0:9100: %w", given, err)
	}
	return given, nil
}

// metricsLimit is how long a scraper may take to read an answer.
const metricsLimit = 30 * time.Second

// serveMetrics answers scrapes at an address until the returned function is called, and names
// it on stderr. An empty address makes no source and starts nothing.
func serveMetrics(addr, program string, stderr io.Writer, newSource func() exposition.Source) (end func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, usagef("-metrics %s: %w; choose another port, or 0 for a free one", addr, err)
	}
	fmt.Fprintf(stderr, "%s: metrics at http://%v%s\n", program, listener.Addr(), exposition.Path)
	source := newSource()
	closeServer := serveHTTP(listener, httpServer(exposition.Handler(source), metricsLimit))
	return func() {
		closeServer()
		source.Stop() // a closed server does not wait for its handlers
	}, nil
}

// checkContainerMetrics refuses an address from which those of containers cannot follow.
func (f *runFlags) checkContainerMetrics(addr string) error {
	if addr == "" || f.engine == engineLocal {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usagef("-metrics %q: %w", addr, err)
	}
	switch {
	case port == "0":
		return usagef("-metrics %s: with -engine %s choose a port, because those of containers follow from it", addr, f.engine)
	case f.engine != engine.Docker && f.containers.network != engine.NetworkBridge:
		return usagef("-metrics with -engine %s requires -network bridge: on a host's network its containers would share one port", f.engine)
	}
	if err := engine.CheckMetrics(addr, f.containers.network, int(f.replicas)); err != nil {
		return usagef("-metrics %s: %w", addr, err)
	}
	return nil
}
