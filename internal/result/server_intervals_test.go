package result

import (
	"reflect"
	"testing"
	"time"
)

// What a server used between two samples counts as used evenly; where there are none, it
// is not known.
func TestServerDuring(t *testing.T) {
	opened := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	sample := func(at int, cpu time.Duration, resident int64) Step {
		return Step{At: opened.Add(msec(at)), CPU: cpu, Resident: &resident}
	}
	load := Replica{Window: msec(700), Slices: make([]int64, 7), Intervals: during(nil, nil, nil, nil)}
	for name, test := range map[string]struct {
		samples       []Step
		cpu, resident []int64
	}{
		"before and after": {
			[]Step{sample(-100, 0, 1), sample(300, 400, 2), sample(600, 1000, 3), sample(800, 1400, 4)},
			[]int64{200, 300, 400, 200}, []int64{1, 2, 3, 3},
		},
		"from the opening": {[]Step{sample(0, 7, 1), sample(200, 57, 2)}, []int64{50, -1, -1, -1}, []int64{2, 2, 2, 2}},
		"just late":        {[]Step{sample(20, 7, 1), sample(200, 57, 2)}, []int64{50, -1, -1, -1}, []int64{2, 2, 2, 2}},
		"late":             {[]Step{sample(21, 7, 1), sample(200, 57, 2)}, []int64{-1, -1, -1, -1}, []int64{2, 2, 2, 2}},
		"too far apart":    {[]Step{sample(-1850, 0, 1), sample(-1700, 10, 5), sample(400, 400, 2)}, []int64{-1, -1, -1, -1}, []int64{5, 2, 2, 2}},
		"memory seldom":    {[]Step{sample(0, 0, 1), {At: opened.Add(msec(300)), CPU: 300}, sample(500, 500, 2), {At: opened.Add(msec(800)), CPU: 800}}, []int64{200, 200, 200, 100}, []int64{1, 1, 2, 2}},
		"a process less":   {[]Step{sample(0, 500, 1), sample(200, 100, 2), sample(800, 700, 3)}, []int64{-1, 200, 200, 100}, []int64{2, 2, 2, 2}},
	} {
		s := load.ServerDuring(opened, test.samples)
		if s == nil {
			s = &ServerIntervals{CPU: []int64{-1, -1, -1, -1}, Resident: []int64{-1, -1, -1, -1}}
		}
		if !reflect.DeepEqual(s.CPU, test.cpu) || !reflect.DeepEqual(s.Resident, test.resident) {
			t.Errorf("%s: %d ns, %d bytes; want %d, %d", name, s.CPU, s.Resident, test.cpu, test.resident)
		}
		if err := s.bounded(&load); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s := (Replica{Window: time.Second}).ServerDuring(opened, []Step{sample(0, 0, 1)}); s != nil {
		t.Errorf("without intervals: %+v", s)
	}
	for _, s := range []ServerIntervals{{}, {CPU: make([]int64, 4)}, {CPU: []int64{0, 0, 0, -2}, Resident: make([]int64, 4)}} {
		if s.bounded(&load) == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}
