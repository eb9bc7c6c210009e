package result

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"c1m/internal/workload"
)

// Limits of what a reader accepts, checked before memory is allocated, because
// input may be hostile. Each is far above what this program writes.
const (
	maxLine       = 16 << 20 // bytes of a line of a run file; a trial of an hour stays below 5 MiB
	maxFile       = 1 << 30  // bytes of a run file
	maxCells      = 10_000
	maxHistograms = 2 << 30 // bytes of memory that the histograms of all trials take: about 20 KB each, and 1 KB each interval
	headerObjects = 40_000  // JSON objects in a header: cells, works
	trialObjects  = 2_000   // JSON objects in a trial: checks, places, histograms

	maxCount = 1 << 30              // connections, replicas, loops, bytes of a message
	maxTotal = 1 << 46              // operations and bytes of a window: the sum of 100,000 of them fits into 64 bits
	maxSpan  = 366 * 24 * time.Hour // a cell's window, warm-up and timeout
)

// MaxTrials is how many trials a run file may have.
const MaxTrials = 100_000

// contents is what the trials of a run file amount to.
type contents struct {
	trials, histograms int // histograms in bytes of memory
	most               int // of histograms
}

// add counts a trial. It refuses one too many.
func (c *contents) add(t Trial) error {
	c.trials++
	for _, h := range t.Load.histograms() {
		c.histograms += h.Memory()
	}
	if t.Load != nil {
		c.histograms += t.Load.Intervals.memory()
	}
	switch {
	case c.trials > MaxTrials:
		return fmt.Errorf("more than %d trials in one file", MaxTrials)
	case c.histograms > c.most:
		return fmt.Errorf("histograms of more than %d MiB of memory in one file", c.most>>20)
	}
	return nil
}

// objects counts the JSON objects in text, including nested ones.
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

// fewObjects refuses text with more than most objects: an object needs far more
// memory than its text.
func fewObjects(text []byte, most int) error {
	if n := objects(text); n > most {
		return fmt.Errorf("%d JSON objects: at most %d", n, most)
	}
	return nil
}

// bounded refuses impossible numbers in the fields of a struct and of its
// workload: negative ones, and those so large that sums would overflow.
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

// numbers returns the counts and rates of a field; of a list, its extremes.
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

// bounded refuses a cell with impossible numbers.
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

// bounded refuses a result with impossible numbers.
func (r *Replica) bounded() error {
	if r == nil {
		return nil
	}
	if r.Storm != nil {
		if err := bounded(*r.Storm); err != nil {
			return fmt.Errorf("storm: %w", err)
		}
	}
	if err := r.Stages.bounded(); err != nil {
		return err
	}
	if r.Window < 0 || r.Window > maxSpan {
		return fmt.Errorf("window_ns is %v: want 0 to %v", r.Window, maxSpan)
	}
	if r.Slice != 0 && (r.Slice < time.Millisecond || r.Slice > FullSlice) {
		return fmt.Errorf("slice_ns is %v: want 1ms to %v", r.Slice, FullSlice)
	}
	// The last slice may be shorter.
	if most := int(math.Ceil(float64(r.Window)/float64(r.SliceWidth()))) + 1; len(r.Slices) > most {
		return fmt.Errorf("%d slices in a window of %v: at most %d", len(r.Slices), r.Window, most)
	}
	if err := r.Intervals.bounded(*r); err != nil {
		return err
	}
	return bounded(*r)
}
