package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
	"c1m/internal/table"
)

// conformed is a run whose rows were held to the contract before it.
func conformed(c, other result.Conformance) result.Run {
	run := resulttest.Table()
	c.Row, c.Protocol = "c", "echo"
	other.Row, other.Protocol = "other|host", "echo"
	run.Header.Conformance = []result.Conformance{c, other}
	return run
}

var checked = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Each foreign row has what bench conform found of it below the table, once, however many
// loads there are; what is the same is said together.
func TestConformance(t *testing.T) {
	for name, test := range map[string]struct {
		c, other result.Conformance
		want     []string
	}{
		"unchecked": {result.Conformance{Clauses: 19}, result.Conformance{Clauses: 19}, []string{"c, other|host: not checked by bench conform"}},
		"kept": {
			result.Conformance{Clauses: 19, Kept: 19, Checked: checked}, result.Conformance{Clauses: 19, Kept: 13, Skipped: 6, Checked: checked},
			[]string{"c: all 19 conformance clauses kept", "other|host: 13 of 19 conformance clauses kept, 6 skipped"},
		},
		"broken": {
			result.Conformance{Clauses: 19, Kept: 2, Broken: []string{"fd.out", "stop", "burst", "\x1b[31mcpu.idle"}, Checked: checked},
			result.Conformance{Clauses: 19, Kept: 1, Skipped: 1, Broken: []string{"data.size"}, Checked: checked},
			[]string{
				"c: 4 of 19 conformance clauses broken (fd.out, stop, burst, …), 13 not tried: bench conform -modes none -exec c=…",
				"other|host: 1 of 19 conformance clauses broken (data.size), 1 skipped, 16 not tried: bench conform -modes none -target 'other|host'=…",
			},
		},
	} {
		run := conformed(test.c, test.other)
		if got := conformance(table.Summarise(run), false); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
		for _, format := range []string{"text", "markdown"} {
			var out strings.Builder
			if err := Write(&out, run, Options{Format: format}); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(strings.Join(strings.Fields(out.String()), " "), `\|`, "|")
			for _, line := range test.want {
				if strings.Count(text, line) != 1 {
					t.Errorf("%s: %s: %q is not there once:\n%s", name, format, line, &out)
				}
			}
		}
	}
	peer := conformed(result.Conformance{Clauses: 50, Broken: []string{"ws.2"}, Checked: checked}, result.Conformance{})
	for i := range peer.Header.Cells {
		if peer.Header.Cells[i].Row == "c" {
			peer.Header.Cells[i].Library, peer.Header.Cells[i].Protocol = "lib", "ws"
		}
	}
	peer.Header.Conformance[0].Protocol = "ws"
	want := "c (ws): 1 of 50 conformance clauses broken (ws.2), 49 not tried: bench conform -modes none -peers c -proto ws, checked on 2026-01-01"
	if got := Conformance(table.Summarise(peer)); got[0] != want {
		t.Errorf("%q; want %q", got, want)
	}
}

// CSV has numbers where the run has them, and JSON all of it.
func TestConformanceFields(t *testing.T) {
	run := conformed(result.Conformance{Clauses: 19, Kept: 16, Skipped: 1, Broken: []string{"fd.out", "stop"}, Checked: checked}, result.Conformance{Clauses: 19})
	var out strings.Builder
	if err := Write(&out, run, Options{Format: "csv"}); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Index(records[0], "conform_checked")
	for i, want := range []string{",,,,", "2026-01-01T00:00:00Z,19,16,1,fd.out;stop", ",19,0,0,"} {
		if got := strings.Join(records[i+1][first:], ","); got != want {
			t.Errorf("%s: %s; want %s", records[i+1][1], got, want)
		}
	}
	out.Reset()
	if err := Write(&out, run, Options{Format: "json"}); err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(strings.Fields(out.String()), ""); !strings.Contains(text, `"kept":16,"skipped":1,"broken":["fd.out","stop"]`) {
		t.Error("JSON lacks what was found")
	}
}
