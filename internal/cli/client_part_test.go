//go:build linux

package cli

import (
	"testing"
)

// A replica takes its part of all that is counted over all of them.
func TestReplicaTakesItsPart(t *testing.T) {
	f := clientFlags{conns: 10, rate: 300, connectRate: 30, replica: "0/3"}
	f.busy = onePart{share: 0.5} // 5 of 10: 2, 2 and 1
	whole, err := f.takePart()
	if err != nil {
		t.Fatal(err)
	}
	if f.conns != 4 || f.rate != 100 || f.connectRate != 10 || f.busy != (onePart{count: 2}) || f.id != "replica-1" || whole.conns != 10 {
		t.Errorf("replica 1 of 3 has %d connections, %v/s, connects %v/s, %v busy, is %q", f.conns, f.rate, f.connectRate, f.busy, f.id)
	}
	alone := clientFlags{conns: 10, id: "mine"}
	if part, err := alone.takePart(); part != nil || err != nil || alone.conns != 10 || alone.id != "mine" {
		t.Errorf("a replica alone: %+v, %v", alone, err)
	}
}
