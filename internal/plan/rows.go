//go:build linux

package plan

import (
	"fmt"
	"slices"
	"strings"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/servers"
)

// row is a server to measure: a row of the table, without its load.
type row struct {
	kind    result.Kind
	name    string
	command string
	metrics string           // of a target: where its live metrics are; may be empty
	library string           // of a peer
	only    []proto.Protocol // what it speaks; empty: any
	mode    servers.Mode     // of kind mode
	unit    string           // what its concurrency counts; empty: it has none
	fit     bool             // one loop per processor, although -c is more
}

// speaks reports whether its server has a protocol.
func (r row) speaks(p proto.Protocol) bool { return len(r.only) == 0 || slices.Contains(r.only, p) }

// isMode reports whether it is one of this program's modes.
func (r row) isMode() bool { return r.kind == result.KindMode }

// rows returns the rows, in the order of the table.
func (p planner) rows() ([]row, error) {
	modes := p.Modes
	if len(modes) == 0 {
		for _, m := range servers.Modes() {
			if !m.Experimental {
				modes = append(modes, m.Name)
			}
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
				if slices.Contains(p.Unavailable, m.Name) {
					continue
				}
				for _, v := range m.Variants {
					fit := p.Concurrency != nil && servers.Fits(v, *p.Concurrency, p.width(p.ServerCPUs)) != nil
					if err := add(row{kind: result.KindMode, name: m.Row(v), mode: m, unit: m.UnitOf(v), fit: fit}); err != nil {
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
		if err := add(row{kind: result.KindMode, name: m.Row(variant), mode: m, unit: m.UnitOf(variant)}); err != nil {
			return nil, err
		}
	}
	for _, peer := range p.Peers {
		if err := add(row{kind: result.KindExec, name: peer.Name, library: peer.Library, only: peer.Protocols}); err != nil {
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
		addr, metrics, err := target(t)
		if err != nil {
			return nil, err
		}
		if err := add(row{kind: result.KindTarget, name: t.Name, command: addr, metrics: metrics}); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("-modes none: nothing to measure without -peers, -exec or -target")
	}
	return rows, nil
}

// Servers returns the rows as cells with the start and the protocol of a server and
// without a load, in the order of the protocols given. An error names the flag that is
// wrong.
func (r Request) Servers(m Machine) ([]result.Cell, error) {
	rows, loads, err := planner{r, m}.rowsAndLoads()
	if err != nil {
		return nil, err
	}
	var cells []result.Cell
	for _, load := range loads {
		for _, row := range rows {
			if row.metrics != "" {
				return nil, fmt.Errorf("-target %s: metrics= requires bench run, which measures what the server uses", row.name)
			}
			if row.speaks(load.Protocol) {
				cells = append(cells, result.Cell{Kind: row.kind, Row: row.name, Command: row.command, Library: row.library, Workload: load})
			}
		}
	}
	return cells, nil
}
