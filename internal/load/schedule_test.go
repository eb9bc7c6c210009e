package load

import (
	"math"
	"testing"
	"time"
)

// times are the first n of a schedule.
func times(s schedule, n int) []time.Duration {
	list := make([]time.Duration, n)
	for i := range list {
		list[i] = s.take()
	}
	return list
}

func TestUniformSchedule(t *testing.T) {
	for _, test := range []struct {
		rate  float64
		loop  int
		loops int
		want  []time.Duration
	}{
		{1, 0, 1, []time.Duration{0, time.Second, 2 * time.Second}},
		{1000, 0, 1, []time.Duration{0, time.Millisecond, 2 * time.Millisecond}},
		{1000, 0, 2, []time.Duration{0, 2 * time.Millisecond, 4 * time.Millisecond}},
		{1000, 1, 2, []time.Duration{1 * time.Millisecond, 3 * time.Millisecond, 5 * time.Millisecond}},
		{3, 0, 1, []time.Duration{0, 333_333_333, 666_666_666, time.Second}},
		{MaxRate, 0, 1, []time.Duration{0, 1000, 2000}},
		{1e-9, 0, 1, []time.Duration{0, 1e18, 2e18, 3e18, 4e18, math.MaxInt64 / 2, math.MaxInt64 / 2}},
	} {
		got := times(newSchedule(test.rate, Uniform, 0, test.loop, test.loops), len(test.want))
		for k := range got {
			if got[k] != test.want[k] {
				t.Errorf("%v/s, loop %d of %d: %v, want %v", test.rate, test.loop, test.loops, got, test.want)
				break
			}
		}
	}
}

// Rounding does not add up: a day of 70,000 requests per second has as many
// as it should.
func TestScheduleKeepsItsRate(t *testing.T) {
	const rate, day = 70_000, 24 * time.Hour
	s := newSchedule(rate, Uniform, 0, 0, 1)
	s.taken = rate * int64(day/time.Second)
	if got := s.due(); got != day {
		t.Errorf("request %d is due at %v, want %v", s.taken, got, day)
	}
}

func TestPoissonSchedule(t *testing.T) {
	const n, rate = 100_000, 1000
	list := times(newSchedule(rate, Poisson, 7, 0, 1), n)
	var sum, squares float64
	last := time.Duration(0)
	for _, at := range list {
		gap := (at - last).Seconds() * rate
		if gap < 0 {
			t.Fatalf("%v after %v", at, last)
		}
		sum, squares, last = sum+gap, squares+gap*gap, at
	}
	// Exponential gaps have mean and standard deviation 1; of n of them the
	// mean lies within 1 ± 5/√n, and the mean square within 2 ± 5·√20/√n.
	mean, square, root := sum/n, squares/n, math.Sqrt(n)
	if math.Abs(mean-1) > 5/root || math.Abs(square-2) > 5*math.Sqrt(20)/root {
		t.Errorf("gaps have mean %v and mean square %v, want 1 and 2", mean, square)
	}
}

func TestSchedulesOfSeeds(t *testing.T) {
	for _, arrivals := range []string{Uniform, Poisson} {
		same := func(a, b schedule) bool {
			for range 100 {
				if a.take() != b.take() {
					return false
				}
			}
			return true
		}
		if !same(newSchedule(1000, arrivals, 5, 1, 3), newSchedule(1000, arrivals, 5, 1, 3)) {
			t.Errorf("%s: one seed gave two schedules", arrivals)
		}
		if same(newSchedule(1000, arrivals, 5, 1, 3), newSchedule(1000, arrivals, 6, 1, 3)) {
			t.Errorf("%s: two seeds gave one schedule", arrivals)
		}
		if same(newSchedule(1000, arrivals, 5, 1, 3), newSchedule(1000, arrivals, 5, 2, 3)) {
			t.Errorf("%s: two loops have one schedule", arrivals)
		}
	}
	if first := times(newSchedule(1000, Uniform, math.MaxUint64, 2, 3), 1)[0]; first < 2*time.Millisecond || first >= 3*time.Millisecond {
		t.Errorf("the third loop's first request is due at %v, want 2 to 3 ms", first)
	}
}
