package report

import (
	"strings"
	"testing"
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// Where messages are not small, what they carry stands beside their number.
func TestBytes(t *testing.T) {
	run := resulttest.Table()
	for i := range run.Header.Cells {
		if run.Header.Cells[i].Kind != result.KindCeiling {
			run.Header.Cells[i].Size = 1 << 20
		}
	}
	for _, trial := range run.Trials {
		if trial.Load != nil {
			trial.Load.Bytes = trial.Load.Operations << 20
		}
	}
	for _, format := range []string{"text", "markdown"} {
		text := render(t, run, Options{Format: format, Notes: true})
		if !strings.Contains(text, "of 1,048,576 bytes") || !strings.Contains(text, "GB ") || !strings.Contains(text, "Bytes: each way") {
			t.Errorf("no bytes in\n%s", text)
		}
	}
	row := table.Summarise(run).Rows[0]
	if got, want := row.Values[metric.Bytes].Median, row.Values[metric.Throughput].Median*(1<<20); got != want {
		t.Errorf("%v bytes per second, want %v", got, want)
	}
	if text := render(t, resulttest.Table(), Options{Wide: true}); strings.Contains(text, "Bytes") {
		t.Errorf("bytes of messages of 8 bytes:\n%s", text)
	}
}

// What the works take on the machine is said once, with the size where there
// are several.
func TestWorkTimes(t *testing.T) {
	run := resulttest.Table()
	run.Header.Work = []result.WorkTime{{Work: "cpu:100", Size: 8, Time: 24 * time.Microsecond}}
	if text := render(t, run, Options{Format: "markdown"}); !strings.Contains(text, "· cpu:100 = 24.0µs here\n") {
		t.Errorf("no time of the work in\n%s", text)
	}
	run.Header.Work = append(run.Header.Work, result.WorkTime{Work: "cpu:100", Size: 1000, Time: 48 * time.Microsecond})
	if text := render(t, run, Options{Format: "markdown"}); !strings.Contains(text, "· cpu:100 of 8 bytes = 24.0µs, cpu:100 of 1,000 bytes = 48.0µs here\n") {
		t.Errorf("no times of the work in\n%s", text)
	}
}
