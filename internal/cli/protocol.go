//go:build linux

package cli

import "c1m/servers"

// speech is what a server is told to speak, and how that begins.
func (f serverFlags) speech(mode servers.Mode, variant string, upgradeGiven bool) (servers.Protocol, servers.Upgrade, error) {
	protocol, err := servers.ParseProtocol(f.proto)
	if err != nil {
		return "", "", usagef("-proto: %w", err)
	}
	if err := oneOf("upgrade", f.upgrade, string(servers.UpgradeTCP), string(servers.UpgradeHTTP)); err != nil {
		return "", "", err
	}
	upgrade := servers.Upgrade(f.upgrade)
	switch {
	case upgradeGiven && protocol != servers.WebSocket:
		return "", "", usagef("-upgrade %s: only a WebSocket is upgraded; add -proto ws", upgrade)
	case upgrade == servers.UpgradeHTTP && (mode.Name != "goroutine" || variant != "pair"):
		return "", "", usagef("-upgrade http: net/http has a goroutine for each connection; it is for -mode goroutine:pair")
	}
	return protocol, upgrade, nil
}

// checkProto refuses what cannot be measured.
func checkProto(name string) error {
	protocol, err := servers.ParseProtocol(name)
	if err != nil || protocol == servers.WebSocket {
		return usagef("-proto %s: only echo can be measured yet; server -proto ws serves WebSockets", name)
	}
	return nil
}
