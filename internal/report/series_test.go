package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// overTime is a run of two rounds of an open loop, the first in intervals, with a halt in
// it, and a trial that failed.
func overTime() result.Run {
	cells := resulttest.Rows(1000, "epoll", "=row")
	for i := range cells {
		cells[i].Rate = 50
	}
	run := resulttest.Run(2, cells, func(t *result.Trial, c result.Cell) {
		if t.Cell == 1 && t.Round == 2 {
			t.Failure = "the server died"
			return
		}
		t.Load, t.Server = resulttest.Load(c, 50), resulttest.Server(c, t.Round)
		t.Load.OpenedAt = t.Started.Add(2 * time.Second)
		if t.Round == 2 { // as in an older file
			t.Load.Window, t.Load.Slices = 250*time.Millisecond, []int64{4, 5, 3}
			return
		}
		resulttest.InIntervals(t.Load, 10, func(i int) []int64 {
			switch i {
			case 4, 5:
				return nil
			case 6:
				return []int64{250e6, 230e6, 210e6, 190e6, 40_000}
			}
			return []int64{40_000, 50_000, 60_000, 70_000, 900_000}
		})
		t.Load.Window = 960 * time.Millisecond
		for range t.Load.Slices {
			t.Load.DueSlices = append(t.Load.DueSlices, 5)
		}
		t.Load.Intervals.Errors[6], t.Load.Intervals.Open[9] = 2, 998
		in := &result.ServerIntervals{}
		for i := range t.Load.Slices {
			in.CPU, in.Resident = append(in.CPU, int64(1000*i)), append(in.Resident, 4096)
		}
		in.CPU[9], in.Resident[0] = result.Unseen, result.Unseen
		t.Server.Intervals = in
	})
	return run
}

func TestSeries(t *testing.T) {
	var lines, objects bytes.Buffer
	if err := WriteSeries(&lines, overTime()); err != nil {
		t.Fatal(err)
	}
	if err := WriteSeriesJSON(&objects, overTime()); err != nil {
		t.Fatal(err)
	}
	goldenText(t, "series.csv", lines.String())
	goldenText(t, "series.jsonl", objects.String())

	// Both have the same values under the same names.
	records, err := csv.NewReader(&lines).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSuffix(objects.String(), "\n"), "\n")
	if len(records) != 1+len(all) {
		t.Fatalf("%d lines of CSV, %d of JSON", len(records), len(all))
	}
	for i, text := range all {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var object map[string]any
		if err := decoder.Decode(&object); err != nil || len(object) != len(records[0]) {
			t.Fatalf("%s: %v", text, err)
		}
		for k, name := range records[0] {
			want, is := object[name]
			if got := records[1+i][k]; !is || got != plainText(want) && name != "row" {
				t.Errorf("line %d: %s is %q in CSV, %v in JSON", i+1, name, got, want)
			}
		}
	}
}

// plainText is a JSON value as CSV has it.
func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func TestSeriesReturnsTheWritersError(t *testing.T) {
	if WriteSeries(fullDisk{}, overTime()) == nil || WriteSeriesJSON(fullDisk{}, overTime()) == nil {
		t.Error("no error")
	}
}
