//go:build linux

package plan

import (
	"fmt"
	"net"
	"strings"
)

// target returns the parts of a target's value: HOST:PORT, and after a comma where its live
// metrics are, metrics=HOST:PORT.
func target(t Other) (addr, metrics string, err error) {
	addr, option, given := strings.Cut(t.Value, ",")
	if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
		return "", "", fmt.Errorf("-target %s=%s: want NAME=HOST:PORT", t.Name, t.Value)
	}
	if !given {
		return addr, "", nil
	}
	metrics, named := strings.CutPrefix(option, "metrics=")
	host, port, err := net.SplitHostPort(metrics)
	if !named || err != nil || host == "" || port == "" || strings.Contains(port, ",") {
		return "", "", fmt.Errorf("-target %s=%s: want NAME=HOST:PORT,metrics=HOST:PORT", t.Name, t.Value)
	}
	return addr, metrics, nil
}
