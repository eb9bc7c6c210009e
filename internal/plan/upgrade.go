//go:build linux

package plan

import (
	"fmt"
	"slices"

	"c1m/internal/proto"
	"c1m/internal/workload"
	"c1m/servers"
)

// upgrades returns the values of -upgrade for a row, as in cells: empty is the protocol's
// own. Only one mode has a choice.
func (p planner) upgrades(r row, load workload.Workload) []string {
	if !r.upgradable() || !load.Protocol.Upgrades() || len(p.Load["upgrade"]) == 0 {
		return []string{""}
	}
	var list []string
	for _, word := range p.Load["upgrade"] {
		if word == string(servers.UpgradeTCP) {
			word = ""
		}
		list = append(list, word)
	}
	return list
}

// upgradable reports whether a row's server has more than one way to upgrade.
func (r row) upgradable() bool {
	return r.isMode() && r.name == r.mode.Row("pair") && r.mode.Name == "goroutine"
}

// checkUpgrades refuses -upgrade if it applies to no row or no protocol.
func (p planner) checkUpgrades(rows []row, loads []workload.Workload) error {
	words := p.Load["upgrade"]
	if len(words) == 0 {
		return nil
	}
	if _, err := (workload.Given{"upgrade": words}).Workloads(); err != nil {
		return err
	}
	switch {
	case !slices.ContainsFunc(loads, func(w workload.Workload) bool { return w.Protocol.Upgrades() }):
		return fmt.Errorf("-upgrade requires -proto %s", proto.Names(proto.Protocol.Upgrades))
	case !slices.ContainsFunc(rows, row.upgradable):
		return fmt.Errorf("-upgrade requires goroutine:pair; add it to -modes")
	}
	return nil
}
