//go:build linux

package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"c1m/internal/result"
	"c1m/internal/workload"
	"c1m/servers"
)

// machine is one of four processors.
var machine = Machine{CPUs: []int{0, 1, 2, 3}, Loops: 4}

// asked is a request with the defaults of a run, changed by change.
func asked(change func(*Request)) Request {
	r := Request{
		Load:   workload.Given{"conn": {"100", "1000"}},
		Timing: workload.Timing{Timeout: time.Minute}, Replicas: 1,
	}
	if change != nil {
		change(&r)
	}
	return r
}

func set(r *Request, flag string, values ...string) { r.Load[flag] = values }

func cellsOf(t *testing.T, r Request) []result.Cell {
	t.Helper()
	cells, err := r.Cells(machine)
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestDefaultCells(t *testing.T) {
	cells := cellsOf(t, asked(nil))
	var rows []string
	for _, c := range cells {
		rows = append(rows, c.Row)
		if c.Kind != result.KindMode || c.Work != (servers.Work{}) || c.Size != 8 || c.Replicas != 1 {
			t.Errorf("cell %+v", c)
		}
		if want := min(len(machine.CPUs), c.Conns); c.Loops != want {
			t.Errorf("%s: %d client loops, want %d", c.Row, c.Loops, want)
		}
		mode, _, err := servers.ParseMode(c.Row)
		if err != nil || (mode.Unit != "") != (c.Concurrency > 0) {
			t.Errorf("%s: -c %d", c.Row, c.Concurrency)
		}
	}
	var modes []string
	for _, m := range servers.Modes() {
		if !m.Experimental {
			modes = append(modes, m.Name)
		}
	}
	if want := slices.Concat(modes, modes); !slices.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
	if cells[0].Conns != 100 || cells[len(modes)].Conns != 1000 {
		t.Errorf("cells are not grouped by connections: %v", rows)
	}
}

func TestCellsOfFlags(t *testing.T) {
	all := cellsOf(t, asked(func(r *Request) { r.Modes = []string{"all"}; set(r, "conn", "10") }))
	variants := 0
	for _, m := range servers.Modes() {
		variants += len(m.Variants)
	}
	if len(all) != variants {
		t.Errorf("all is %d rows, want %d variants", len(all), variants)
	}
	cells := cellsOf(t, asked(func(r *Request) {
		r.Modes = []string{"epoll:level", "prefork:reuseport"}
		r.Execs = []Other{{"c", "./echo {port}"}}
		r.Targets = []Other{{"t", "there:80"}}
		r.Concurrency, r.Loops = new(1), new(1)
		set(r, "conn", "1")
		set(r, "work", "cpu:3")
		set(r, "size", "64")
	}))
	var got []string
	for _, c := range cells {
		got = append(got, strings.Join([]string{string(c.Kind), c.Row, c.Command, c.Work.String()}, " "))
	}
	want := []string{"mode epoll  cpu:3", "mode prefork:reuseport  cpu:3", "exec c ./echo {port} none", "target t there:80 none"}
	if !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
	// Fewer connections than processors: never more loops than connections.
	if c := cellsOf(t, asked(func(r *Request) { r.Modes = []string{"multiepoll"}; set(r, "conn", "1") }))[0]; c.Loops != 1 || c.Concurrency != 1 {
		t.Errorf("one connection has %d client and %d server loops", c.Loops, c.Concurrency)
	}
}

// Every list of what connections carry is a dimension: one cell for each
// combination.
func TestTrafficIsADimension(t *testing.T) {
	cells := cellsOf(t, asked(func(r *Request) {
		r.Modes = []string{"epoll", "prefork"}
		set(r, "size", "8", "1MiB")
		set(r, "work", "none", "cpu:5")
		set(r, "busy", "1%", "50")
	}))
	if len(cells) != 2*2*2*2*2 {
		t.Fatalf("%d cells, want 32", len(cells))
	}
	seen := map[string]int{}
	for _, c := range cells {
		for _, key := range []string{"busy " + strconv.Itoa(c.Busy), "size " + strconv.Itoa(c.Size), "work " + c.Work.String()} {
			seen[key]++
		}
		if c.Loops > c.Busy {
			t.Errorf("%d client loops for %d busy connections", c.Loops, c.Busy)
		}
	}
	want := map[string]int{"busy 1": 8, "busy 10": 8, "busy 50": 16, "size 8": 16, "size 1048576": 16, "work none": 16, "work cpu:5": 16}
	if !maps.Equal(seen, want) {
		t.Errorf("cells have %v, want %v", seen, want)
	}
}

// A variant with a loop for each processor keeps to that among all variants,
// where -c asks the others for more.
func TestAllWithManyLoops(t *testing.T) {
	cells := cellsOf(t, asked(func(r *Request) {
		r.Modes, r.Concurrency = []string{"all"}, new(len(machine.CPUs)+1)
		set(r, "conn", "100")
	}))
	for _, c := range cells {
		if strings.HasSuffix(c.Row, ":percpu") != (c.Concurrency == len(machine.CPUs)) {
			t.Errorf("%s has -c %d", c.Row, c.Concurrency)
		}
	}
}

// All is every variant, but for modes that cannot run; asked for by name they are cells,
// with as many loops as the variant has.
func TestUnavailableModes(t *testing.T) {
	rows := func(unavailable []string, modes ...string) (rows []string) {
		for _, c := range cellsOf(t, asked(func(r *Request) {
			r.Modes, r.Unavailable = modes, unavailable
			set(r, "conn", "100")
		})) {
			rows = append(rows, fmt.Sprintf("%s %d", c.Row, c.Concurrency))
		}
		return rows
	}
	uring := []string{"uring 0", fmt.Sprintf("uring:percpu %d", len(machine.CPUs))}
	every := rows(nil, "all")
	for _, row := range uring {
		if !slices.Contains(every, row) {
			t.Errorf("all is %v, want %s in it", every, row)
		}
	}
	if rest := rows([]string{"uring"}, "all"); len(rest) != len(every)-2 || slices.ContainsFunc(rest, func(s string) bool { return strings.Contains(s, "uring") }) {
		t.Errorf("all without uring is %v", rest)
	}
	if named := rows([]string{"uring"}, "uring:single", "uring:percpu"); !slices.Equal(named, uring) {
		t.Errorf("named: %v, want %v", named, uring)
	}
}

// No two cells of a run are the same, in whatever words their loads were said.
func TestNoCellTwice(t *testing.T) {
	cells := cellsOf(t, asked(func(r *Request) {
		r.Modes = []string{"epoll"}
		set(r, "conn", "10", "1000")
		r.Execs = []Other{{"mine", "./mine {addr}"}}
		set(r, "work", "none", "sleep:1ms", "sleep:1000us")
		set(r, "proto", "echo", "echo")
		set(r, "busy", "1%", "1", "100%", "10")
	}))
	// Busy are 1 and all of 10, and 1, 10 and all of 1000.
	if want := 2*(2+1) + 3*(2+1); len(cells) != want {
		t.Errorf("%d cells, want %d", len(cells), want)
	}
	for _, c := range cells {
		if c.Busy == c.Conns {
			t.Errorf("all of %d are said to be busy", c.Conns)
		}
	}
}

// Loops that were asked for are not taken away by -busy without a word.
func TestBusyAndLoops(t *testing.T) {
	r := asked(func(r *Request) { r.Loops = new(4); set(r, "busy", "3") })
	if _, err := r.Cells(machine); err == nil || !strings.Contains(err.Error(), "-client-c 4: want 1 to 3 event loops: each replica has only 3 busy connections") {
		t.Errorf("error %v", err)
	}
	r.Loops = new(3)
	for _, c := range cellsOf(t, r) {
		if c.Loops != 3 {
			t.Errorf("%d loops, want 3", c.Loops)
		}
	}
}

// Rows × connections × loads, the closed loop first where a share needs it.
func TestCellsOfRates(t *testing.T) {
	name := func(c result.Cell) string {
		return fmt.Sprint(c.Row, " ", c.Conns, c.Rate, 100*c.RateShare, " ", c.Arrivals, " ", c.SLO)
	}
	for _, test := range []struct {
		rates string
		slo   string
		want  []string
	}{
		{"", "", []string{"epoll 10 0 0  ", "goroutine 10 0 0  "}},
		{"500", "", []string{"epoll 10 500 0 uniform ", "goroutine 10 500 0 uniform "}},
		{"500,50%", "", []string{
			"epoll 10 0 0  ", "goroutine 10 0 0  ",
			"epoll 10 500 0 uniform ", "goroutine 10 500 0 uniform ",
			"epoll 10 0 50 uniform ", "goroutine 10 0 50 uniform ",
		}},
		{"", "p99=5ms", []string{"epoll 10 0 0 uniform p99=5ms", "goroutine 10 0 0 uniform p99=5ms"}},
	} {
		cells := cellsOf(t, asked(func(r *Request) {
			r.Modes = []string{"epoll", "goroutine"}
			set(r, "conn", "10")
			if test.rates != "" {
				set(r, "rate", strings.Split(test.rates, ",")...)
			}
			if test.slo != "" {
				set(r, "slo", test.slo)
			}
		}))
		var got []string
		for _, c := range cells {
			got = append(got, name(c))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("-rates %q -slo %q: cells %q, want %q", test.rates, test.slo, got, test.want)
		}
	}
}
