//go:build linux

package cli

import (
	"testing"
)

// A replica takes its part of all that is counted over all of them.
func TestReplicaTakesItsPart(t *testing.T) {
	f := clientFlags{replica: "0/3"}
	f.set("conn", "10")
	f.set("rate", "300")
	f.set("connect-rate", "30")
	f.set("busy", "50%") // 5 of 10: 2, 2 and 1
	got, whole, err := f.workload()
	if err != nil {
		t.Fatal(err)
	}
	if got.Conns != 4 || got.Rate != 100 || got.ConnectRate != 10 || got.Busy != 2 || f.id != "replica-1" || whole.conns != 10 {
		t.Errorf("replica 1 of 3 is %q and has %+v", f.id, got)
	}
	staged := clientFlags{replica: "1/3"}
	staged.set("conn", "10")
	staged.set("connect-stages", "1s:5, 1s:5..10")
	if got, _, err := staged.workload(); err != nil || got.Conns != 3 || got.ConnectStages != "1s:5,1s:5..10" {
		t.Errorf("replica 2 of 3 has %+v, %v; want all stages", got, err)
	}
	alone := clientFlags{id: "mine"}
	alone.set("conn", "10")
	if got, part, err := alone.workload(); part != nil || err != nil || got.Conns != 10 || alone.id != "mine" {
		t.Errorf("a replica alone: %+v, %v", got, err)
	}
}
