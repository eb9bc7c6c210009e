//go:build linux

package plan

import (
	"fmt"
	"net"
	"strings"

	"c1m/internal/result"
	"c1m/servers"
)

// row is what a line of the table measures, before the number of connections.
type row struct {
	kind    result.Kind
	name    string
	command string
	mode    servers.Mode // of kind mode
	fit     bool         // one loop for each processor, where -c asks for more
}

// isMode reports whether it is one of this program's modes.
func (r row) isMode() bool { return r.kind == result.KindMode }

// rows are the lines of the table, in its order.
func (p planner) rows() ([]row, error) {
	modes := p.Modes
	if len(modes) == 0 {
		for _, m := range servers.Modes() {
			modes = append(modes, m.Name)
		}
	}
	var rows []row
	add := func(r row) error {
		for _, other := range rows {
			if other.name == r.name {
				return fmt.Errorf("row %s: given twice; use another name", r.name)
			}
		}
		rows = append(rows, r)
		return nil
	}
	for _, word := range modes {
		word = strings.TrimSpace(word)
		switch word {
		case "none":
			if len(modes) > 1 {
				return nil, fmt.Errorf("-modes none cannot be combined with other modes")
			}
			continue
		case "all":
			for _, m := range servers.Modes() {
				for _, v := range m.Variants {
					fit := p.Concurrency != nil && servers.Fits(v, *p.Concurrency, p.width(p.ServerCPUs)) != nil
					if err := add(row{kind: result.KindMode, name: m.Row(v), mode: m, fit: fit}); err != nil {
						return nil, err
					}
				}
			}
			continue
		}
		m, variant, err := servers.ParseMode(word)
		if err != nil {
			return nil, fmt.Errorf("-modes: %w; or all", err)
		}
		if err := add(row{kind: result.KindMode, name: m.Row(variant), mode: m}); err != nil {
			return nil, err
		}
	}
	for _, e := range p.Execs {
		if !strings.Contains(e.Value, "{addr}") && !strings.Contains(e.Value, "{port}") {
			return nil, fmt.Errorf("-exec %s: want a command with {addr} or {port}", e.Name)
		}
		if err := add(row{kind: result.KindExec, name: e.Name, command: e.Value}); err != nil {
			return nil, err
		}
	}
	for _, t := range p.Targets {
		if _, port, err := net.SplitHostPort(t.Value); err != nil || port == "" {
			return nil, fmt.Errorf("-target %s=%s: want NAME=HOST:PORT", t.Name, t.Value)
		}
		if err := add(row{kind: result.KindTarget, name: t.Name, command: t.Value}); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("-modes none: nothing to measure without -exec or -target")
	}
	return rows, nil
}
