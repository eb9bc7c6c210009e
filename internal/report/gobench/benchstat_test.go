package gobench

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/table"
	"c1m/servers"
)

// benchstat reads two files without a word, and shows the medians that the
// tables show.
func TestBenchstat(t *testing.T) {
	benchstat := filepath.Join(t.TempDir(), "benchstat")
	if text, err := exec.Command("go", "build", "-o", benchstat, "golang.org/x/perf/cmd/benchstat").CombinedOutput(); err != nil {
		t.Skipf("NOT READ BY BENCHSTAT: it cannot be built: %v\n%s", err, text)
	}
	open := cell(`a "row"/8-8`, 2000)
	open.Rate, open.Arrivals, open.Work = 20_000, "poisson", servers.Work{Sleep: time.Millisecond}
	cells := []result.Cell{cell("epoll", 100), cell("prefork:reuseport", 100), cell("epoll", 2000), open}
	old, new := fixture(1, cells...), fixture(1.5, cells...)
	new.Header.Environment.Commit = "another"
	run := func(args ...string) (stdout, stderr string) {
		t.Helper()
		c := exec.Command(benchstat, args...)
		var out, said strings.Builder
		c.Stdout, c.Stderr = &out, &said
		if err := c.Run(); err != nil {
			t.Fatalf("%v: %s", err, said.String())
		}
		return out.String(), said.String()
	}
	dir := t.TempDir()
	files := make([]string, 2)
	for i, r := range []result.Run{old, new} {
		text, _ := write(t, r)
		files[i] = filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// In CSV footnotes are on stderr. The units left out have equal samples, or
	// are 0, of which it notes that they have no geometric mean.
	csvText, said := run("-format", "csv", "-filter", ".unit:(ops/s OR p50-sec OR p99-sec OR server-cpu-sec/op)", files[0], files[1])
	if said != "" {
		t.Errorf("it says %q", said)
	}
	medians := readMedians(t, csvText)
	for side, r := range []result.Run{old, new} {
		for _, row := range table.Summarise(r).Rows {
			for unit, want := range map[string]float64{
				"ops/s": row.Values[metric.Throughput].Median, "p50-sec": row.Values[metric.P50].Median / 1e9, "p99-sec": row.Values[metric.P99].Median / 1e9, "server-cpu-sec/op": row.Values[metric.ServerCPU].Median / 1e9,
			} {
				got, there := medians[key{unit, name(r.Header, row.Cell), side}]
				if !there || math.Abs(got-want) > 1e-9*want {
					t.Errorf("%s of %s, side %d: %v, want %v", unit, row.Cell.Row, side, got, want)
				}
			}
		}
	}

	text, said := run(files...)
	if said != "" {
		t.Errorf("it says %q", said)
	}
	if strings.Count(text, "goos: ") != 1 {
		t.Errorf("the configuration splits the tables:\n%s", text)
	}
	if !strings.Contains(text, "(p=0.002 n=6)") {
		t.Errorf("no comparison:\n%s", text)
	}
	if text, said := run("-col", `/mode@(epoll "prefork:reuseport")`, "-row", "/conns", files[0]); said != "" || !strings.Contains(text, "prefork:reuseport") {
		t.Errorf("modes are not columns: %s\n%s", said, text)
	}
}

// key is a cell of benchstat's tables: side 0 is the first file.
type key struct {
	unit, name string
	side       int
}

// readMedians reads benchstat's CSV: tables, each with a line of files, a line
// of units, and a line for each benchmark.
func readMedians(t *testing.T, text string) map[key]float64 {
	t.Helper()
	medians := make(map[key]float64)
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	var units []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return medians
		}
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case len(record) > 3 && record[0] == "" && record[2] == "CI":
			units = record
		case len(record) > 3 && record[0] != "" && record[0] != "geomean" && units != nil:
			for side, column := range []int{1, 3} {
				if v, err := strconv.ParseFloat(record[column], 64); err == nil {
					medians[key{units[column], record[0], side}] = v
				}
			}
		}
	}
}
