package table

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/workload"
	"c1m/servers"
)

func TestCeilingBoundsPlainLoads(t *testing.T) {
	h := result.Header{Engine: "local"}
	for name, change := range map[string]func(*result.Cell){
		"":                    func(*result.Cell) {},
		"rate":                func(c *result.Cell) { c.Rate = 100 },
		"busy":                func(c *result.Cell) { c.Busy = 10 },
		"no pipeline: 1":      func(c *result.Cell) { c.Pipeline = 1 },
		"not: pipeline":       func(c *result.Cell) { c.Pipeline = 16 },
		"not: large":          func(c *result.Cell) { c.Size = 4096 },
		"not: small":          func(c *result.Cell) { c.Size = 1 },
		"not: WebSocket":      func(c *result.Cell) { c.Protocol = "ws" },
		"not: work":           func(c *result.Cell) { c.Work = servers.Work{Sleep: time.Millisecond} },
		"not: churn":          func(c *result.Cell) { c.Churn = 1 },
		"not: storm":          func(c *result.Cell) { c.Storm = true },
		"not: idle":           func(c *result.Cell) { c.Idle = true },
		"not: push":           func(c *result.Cell) { c.Push = true },
		"not: somewhere else": func(c *result.Cell) { c.Kind, c.Command = result.KindTarget, "192.0.2.1:1" },
	} {
		cell := result.Cell{Kind: result.KindMode, Workload: workload.Workload{Protocol: "echo", Work: servers.Work{}, Size: 8, Conns: 100}}
		change(&cell)
		if got, want := bounds(h, cell), !strings.HasPrefix(name, "not: "); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// A row above the ceiling says that the ceiling was disturbed: shares of it are
// none, in any row of that round, and the table says so.
func TestCeilingDisturbed(t *testing.T) {
	run := resulttest.Table()
	before := Summarise(run)
	if before.Disturbed != nil {
		t.Fatalf("disturbed: %+v", before.Disturbed)
	}
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Ceiling > 0 && trial.Round > 2 {
			trial.Ceiling = 200_000 // one row has 250,000
		}
	}
	table := Summarise(run)
	d := table.Disturbed
	if d == nil || d.Rounds != table.Rounds-2 || d.First != 3 || d.Ceiling != 200_000 || d.Ops <= 200_000 {
		t.Fatalf("disturbed: %+v, want %d rounds from the third", d, table.Rounds-2)
	}
	for i, row := range table.Rows {
		for _, s := range row.Samples {
			if known := before.Rows[i].Values["ceiling_share"] != nil && s.Round <= 2; (s.Number("ceiling_share") != nil) != known {
				t.Errorf("%s, round %d: share %v, want one: %v", row.Cell.Row, s.Round, s.Number("ceiling_share"), known)
			}
		}
		if row.Values["ceiling_share"] != nil && row.Values["ceiling_share"].Most > 1 {
			t.Errorf("%s: share %+v", row.Cell.Row, row.Values["ceiling_share"])
		}
	}
}
