package report

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"c1m/internal/proto"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// numeric is what a cell that begins with a sign may be.
var numeric = regexp.MustCompile(`^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$`)

// FuzzCSV: whatever the texts of a run are, its CSV has a record for each cell
// with a field for each column, and none of them is a formula, or holds what a
// terminal obeys.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"epoll", "=1+1", "-5", "+x", "@x", "\t=1", "a;=1", "\x1b[31m=1", "\u202e-x", "a,\"b\"\r\nc", "\xff", "'=1", "＝1"} {
		f.Add(seed, "no room: "+seed)
	}
	f.Fuzz(func(t *testing.T, row, failure string) {
		run := result.Run{
			Header: result.Header{Cells: []result.Cell{{Kind: result.KindExec, Row: row, Command: failure, Workload: workload.Workload{Protocol: proto.Protocol(row), Arrivals: row, SLO: failure, Conns: 1}}}},
			Trials: []result.Trial{{Round: 1, Failure: failure}, {Round: 2, Failure: row}},
		}
		var out bytes.Buffer
		if err := Write(&out, run, Options{Format: "csv"}); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(records) != 2 || len(records[1]) != len(fields()) {
			t.Fatalf("%d records, %v", len(records), err)
		}
		for _, cell := range records[1] {
			for part := range strings.SplitSeq(cell, ";") {
				if first, _ := utf8.DecodeRuneInString(part); strings.ContainsRune("=+-@＝＋－＠", first) && first != utf8.RuneError && !numeric.MatchString(cell) {
					t.Errorf("the cell %q is a formula", cell)
				}
			}
			for _, r := range cell {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Errorf("the cell %q holds %U", cell, r)
				}
			}
		}
	})
}
