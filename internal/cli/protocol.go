//go:build linux

package cli

import (
	"slices"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/servers"
)

// speech is what a server is told to speak, and how that begins.
func (f serverFlags) speech(mode servers.Mode, variant string, upgradeGiven bool) (proto.Protocol, servers.Upgrade, error) {
	protocol, err := proto.ParseProtocol(f.proto)
	if err != nil {
		return "", "", usagef("-proto: %w", err)
	}
	if err := oneOf("upgrade", f.upgrade, string(servers.UpgradeTCP), string(servers.UpgradeHTTP)); err != nil {
		return "", "", err
	}
	upgrade := servers.Upgrade(f.upgrade)
	switch {
	case upgradeGiven && protocol != proto.WebSocket:
		return "", "", usagef("-upgrade %s: only a WebSocket is upgraded; add -proto ws", upgrade)
	case upgrade == servers.UpgradeHTTP && (mode.Name != "goroutine" || variant != "pair"):
		return "", "", usagef("-upgrade http: net/http has a goroutine for each connection; it is for -mode goroutine:pair")
	}
	return protocol, upgrade, nil
}

// upgrade is how a cell's server upgrades: empty is its default.
type upgrade string

// upgradesOf are those a row is measured with. Only one server has a choice;
// the others are measured once, whatever was asked for.
func (f trafficFlags) upgradesOf(r row, s shape) []upgrade {
	if !r.upgradable() || s.protocol != string(proto.WebSocket) {
		return []upgrade{""}
	}
	var list []upgrade
	for _, word := range f.upgrades {
		if word == string(servers.UpgradeTCP) {
			word = ""
		}
		list = append(list, upgrade(word))
	}
	return list
}

// upgradable reports whether a row's server has more than one way to upgrade.
func (r row) upgradable() bool {
	return r.kind == result.KindMode && r.name == r.mode.Row("pair") && r.mode.Name == "goroutine"
}

// on is the cell with this upgrade. It is a row of its own: what one compares.
func (u upgrade) on(cell result.Cell) result.Cell {
	if u != "" {
		cell.Upgrade = string(u)
		cell.Row += "+" + cell.Upgrade
	}
	return cell
}

// checkUpgrades refuses ways to upgrade that nothing would take.
func (f trafficFlags) checkUpgrades(rows []row, given func(string) bool) error {
	for i, word := range f.upgrades {
		if err := oneOf("upgrade", word, string(servers.UpgradeTCP), string(servers.UpgradeHTTP)); err != nil {
			return err
		}
		if slices.Contains(f.upgrades[:i], word) {
			return usagef("-upgrade %s: named twice", word)
		}
	}
	switch {
	case !given("upgrade"):
	case !slices.Contains(f.protos, string(proto.WebSocket)):
		return usagef("-upgrade: only a WebSocket is upgraded; add -proto ws")
	case !slices.ContainsFunc(rows, row.upgradable):
		return usagef("-upgrade: only goroutine:pair has the choice; add it to -modes")
	}
	return nil
}
