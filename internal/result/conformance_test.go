package result

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestConformanceIsReadBack(t *testing.T) {
	h, trials := small()
	h.Conformance = []Conformance{
		{Row: "c", Protocol: "echo", Clauses: 19},
		{Row: "c", Protocol: "ws", Checked: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Clauses: 50, Kept: 40, Skipped: 3, Broken: []string{"fd.out", "stop"}},
	}
	run, err := Read(bytes.NewReader(write(t, h, trials)), "x")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(run.Header.Conformance, h.Conformance) {
		t.Errorf("%+v; want %+v", run.Header.Conformance, h.Conformance)
	}
	cell := Cell{Row: "c"}
	cell.Protocol = "ws"
	if c := run.Header.ConformanceOf(cell); c == nil || c.Kept != 40 || c.Untried() != 5 {
		t.Errorf("%+v; want that of ws, with 5 clauses untried", c)
	}
	cell.Row = "d"
	if c := run.Header.ConformanceOf(cell); c != nil {
		t.Errorf("another row: %+v; want nothing", c)
	}
	for _, bad := range []string{`"kept":-1`, `"clauses":1e12`, `"kept":"x"`} {
		text := strings.Replace(string(write(t, h, trials)), `"kept":40`, bad, 1)
		if _, err := Read(strings.NewReader(text), "x"); err == nil || !strings.Contains(err.Error(), "damaged header") {
			t.Errorf("%s: %v; want a damaged header", bad, err)
		}
	}
}
