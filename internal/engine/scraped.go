//go:build linux

package engine

import (
	"fmt"
	"net"
	"strconv"
)

// scraped is where the containers of a job show their metrics. The zero value is nowhere.
type scraped struct {
	host  string
	port  int // of the first container
	apart int // between the ports of two: 0 if each has a network of its own
}

// scrapedOf returns where the containers of a server, or of replicas, show theirs. On a
// network of their own all have the port of addr. On the host's, whose ports they share,
// a server has the next one, and replicas those after it.
func scrapedOf(addr string, network string, replicas int) (scraped, error) {
	if addr == "" {
		return scraped{}, nil
	}
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return scraped{}, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return scraped{}, err
	}
	if network == NetworkBridge {
		return scraped{"0.0.0.0", port, 0}, nil
	}
	if last := port + 1 + replicas; last > 65535 {
		return scraped{}, fmt.Errorf("a server and %d replicas need the ports up to %d; choose a lower one", replicas, last)
	}
	if replicas > 0 {
		return scraped{host, port + 2, 1}, nil
	}
	return scraped{host, port + 1, 0}, nil
}

// CheckMetrics returns what is wrong with an address from which those of containers
// follow, for at most so many replicas.
func CheckMetrics(addr, network string, replicas int) error {
	_, err := scrapedOf(addr, network, replicas)
	return err
}

// args returns the arguments for a container, none if it shows no metrics.
func (s scraped) args(index int) []string {
	if s.port == 0 {
		return nil
	}
	return []string{"--metrics=" + net.JoinHostPort(s.host, s.number(index))}
}

// labels returns the names and values by which Prometheus finds a container: those that
// most of its configurations look for.
func (s scraped) labels(index int) [][2]string {
	if s.port == 0 {
		return nil
	}
	return [][2]string{
		{"prometheus.io/scrape", "true"},
		{"prometheus.io/port", s.number(index)},
		{"prometheus.io/path", "/metrics"},
	}
}

func (s scraped) number(index int) string { return strconv.Itoa(s.port + s.apart*index) }
