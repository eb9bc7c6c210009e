package report

import (
	"slices"
	"strings"
	"testing"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// pushing is the fixture with subscribers, ALL OF IT INVENTED: one row was too
// much for some in two rounds.
func pushing() result.Run {
	run := resulttest.Table()
	ceiling := len(run.Header.Cells) - 1 // one of round trips, which is not measured here
	run.Header.Cells = run.Header.Cells[:ceiling]
	run.Trials = slices.DeleteFunc(run.Trials, func(t result.Trial) bool { return t.Cell == ceiling })
	for i := range run.Header.Cells {
		c := &run.Header.Cells[i]
		c.Protocol, c.Push, c.PushRate, c.PushEvery, c.PushSlow, c.Size = "ws", true, 2, 10, "drop", 32
	}
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Load != nil {
			t.Load.Workload.Push = true
		}
		if run.Header.Cells[t.Cell].Kind != result.KindMode {
			continue
		}
		dropped, disconnected := int64(0), int64(0)
		if run.Header.Cells[t.Cell].Conns == 10000 && (t.Round == 2 || t.Round == 5) {
			dropped, disconnected = int64(617*t.Round), int64(t.Round/5)
		}
		t.Server.Dropped, t.Server.Disconnected = &dropped, &disconnected
	}
	return run
}

func TestPushGolden(t *testing.T) {
	golden(t, "push.txt", pushing(), Options{})
	golden(t, "push-wide.txt", pushing(), Options{Wide: true})
	golden(t, "push.csv", pushing(), Options{Format: "csv"})
}

// Where an operation is a delivery, nothing is called a round trip.
func TestPushSaysDeliveries(t *testing.T) {
	for _, o := range []Options{{}, {Wide: true}, {Format: "markdown"}} {
		text := strings.Join(strings.Fields(render(t, pushing(), o)), " ") // whatever the lines
		if strings.Contains(text, "round trip") || !strings.Contains(text, "deliveries") || o.Wide && !strings.Contains(text, "per delivery") {
			t.Errorf("%+v:\n%s", o, text)
		}
	}
}

// One count without the other, as a file may have it.
func TestSlowSubscribers(t *testing.T) {
	for _, key := range []metric.Key{metric.Dropped, metric.Disconnected} {
		samples := []metric.Sample{{Round: 3}, {Round: 4, Readings: map[metric.Key]metric.Reading{key: {Value: 3}}}}
		row := table.Row{Row: metric.Row{Values: metric.Summarise(samples, nil)}, Trials: 6, Samples: samples}
		if note := slowNote("x", row); !strings.Contains(note, "in 1 of 6 rounds, first in round 4") {
			t.Errorf("note %q", note)
		}
		if text := verdict(row); text != "! slow subscribers" {
			t.Errorf("mark %q", text)
		}
	}
	if note := slowNote("x", table.Row{Trials: 1, Samples: []metric.Sample{{Round: 1}}}); note != "" {
		t.Errorf("note %q where nobody counted", note)
	}
}
