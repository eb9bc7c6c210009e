package result

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"c1m/internal/workload"
)

// What a reader takes is bounded before memory is: a file may say anything.
// Each bound is far above what this program writes.
const (
	maxLine       = 16 << 20 // bytes of a line of a run file; a trial of an hour stays below 1 MiB
	maxFile       = 1 << 30  // bytes of a run file
	maxCells      = 10_000
	maxTrials     = 100_000
	maxHistograms = 20_000 // in all trials: 220 KB each, however short their text
	headerObjects = 40_000 // JSON objects in a header: cells, works
	trialObjects  = 2_000  // JSON objects in a trial: checks, places, histograms

	maxCount = 1 << 30              // connections, replicas, loops, bytes of a message
	maxTotal = 1 << 46              // operations and bytes of a window: the sum of 100,000 of them fits into 64 bits
	maxSpan  = 366 * 24 * time.Hour // a cell's window, warm-up and timeout
)

// objects is how many JSON objects text has, nested ones included.
func objects(text []byte) int {
	n, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == '{' && !quoted:
			n++
		}
	}
	return n
}

// fewObjects refuses text that has more objects than a kind of line can have:
// each takes memory that its text does not show.
func fewObjects(text []byte, most int) error {
	if n := objects(text); n > most {
		return fmt.Errorf("%d JSON objects: at most %d", n, most)
	}
	return nil
}

// bounded refuses a number of a struct's own fields, and of its workload's, that
// nobody measured: counts
// that are negative, or so large that sums of them would overflow. A number that
// no field of this version has is not looked at.
func bounded(v any) error {
	s := reflect.ValueOf(v)
	for i := range s.NumField() {
		field := s.Type().Field(i)
		if w, is := s.Field(i).Interface().(workload.Workload); is {
			if err := bounded(w); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		for _, n := range numbers(s.Field(i)) {
			most := float64(maxTotal)
			if field.Type == reflect.TypeFor[int]() {
				most = maxCount
			}
			if !(n >= 0 && n <= most) {
				return fmt.Errorf("%s is %.15g: want 0 to %.0f", name, n, most)
			}
		}
	}
	return nil
}

// numbers are the counts and rates that a field holds.
func numbers(v reflect.Value) []float64 {
	switch n := v.Interface().(type) {
	case int:
		return []float64{float64(n)}
	case int64:
		return []float64{float64(n)}
	case float64:
		return []float64{n}
	case []int64:
		least, most := 0.0, 0.0
		for _, one := range n {
			least, most = min(least, float64(one)), max(most, float64(one))
		}
		return []float64{least, most}
	case map[string]int64:
		var list []float64
		for _, one := range n {
			list = append(list, float64(one))
		}
		return list
	}
	return nil
}

// bounded refuses a cell that cannot be.
func (c Cell) bounded() error {
	for _, d := range []struct {
		name string
		time.Duration
	}{{"warmup_ns", c.Warmup}, {"window_ns", c.Window}, {"timeout_ns", c.Timeout}} {
		if d.Duration < 0 || d.Duration > maxSpan {
			return fmt.Errorf("%s is %v: want 0 to %v", d.name, d.Duration, maxSpan)
		}
	}
	return bounded(c)
}

// bounded refuses a result that nothing can have measured.
func (r *Replica) bounded() error {
	if r == nil {
		return nil
	}
	if r.Storm != nil {
		if err := bounded(*r.Storm); err != nil {
			return fmt.Errorf("storm: %w", err)
		}
	}
	if r.Window < 0 || r.Window > maxSpan {
		return fmt.Errorf("window_ns is %v: want 0 to %v", r.Window, maxSpan)
	}
	// A piece of the window is 100 ms; the last may be shorter.
	if most := int(math.Ceil(r.Window.Seconds()*10)) + 1; len(r.Slices) > most {
		return fmt.Errorf("%d slices in a window of %v: at most %d", len(r.Slices), r.Window, most)
	}
	return bounded(*r)
}

// histograms is how many a trial has.
func (t Trial) histograms() int {
	if t.Load == nil {
		return 0
	}
	n := 0
	for _, h := range []bool{
		t.Load.Latency != nil, t.Load.Connect != nil, t.Load.Upgrade != nil,
		t.Load.Raw != nil, t.Load.Lateness != nil, t.Load.Reconnect != nil,
	} {
		if h {
			n++
		}
	}
	return n
}
