package report

import (
	"slices"

	"c1m/internal/format"
	"c1m/internal/result"
)

// withUpgrades adds what only WebSockets have, behind how they connected.
func withUpgrades(list []column, rows []Row) []column {
	after := 1 + slices.IndexFunc(list, func(c column) bool { return c.head == "connects" })
	if after == 0 || !slices.ContainsFunc(rows, func(r Row) bool { return r.UpgradeRate != nil }) {
		return list
	}
	if after < len(list) && list[after].head == "connect" {
		after++
	}
	return slices.Insert(slices.Clone(list), after,
		column{"upgrades", "per second", func(r Row) Entry { return median(r.UpgradeRate, format.Number) }},
		column{"upgrade", "p99", func(r Row) Entry { return median(r.UpgradeP99, format.Latency) }},
	)
}

// upgraded adds what upgrades to WebSocket gave.
func (s *Sample) upgraded(load result.Replica) {
	if load.Upgrade.Count() == 0 {
		return
	}
	s.UpgradeRate = per(float64(load.Upgrade.Count()), load.ConnectTime.Seconds())
	s.take(load.Upgrade, unknown{}, percentile{"upgrade_p50_ns", 0.50, &s.UpgradeP50}, percentile{"upgrade_p99_ns", 0.99, &s.UpgradeP99})
}
