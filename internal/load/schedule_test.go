package load

import (
	"math"
	"testing"
	"time"

	"c1m/internal/workload"
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
		{workload.MaxRate, 0, 1, []time.Duration{0, 1000, 2000}},
		{1e-9, 0, 1, []time.Duration{0, 1e18, 2e18, 3e18, 4e18, math.MaxInt64 / 2, math.MaxInt64 / 2}},
	} {
		got := times(even(constant(test.rate), 0, test.loop, test.loops), len(test.want))
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
	s := even(constant(rate), 0, 0, 1)
	s.taken = rate * int64(day/time.Second)
	if got := s.due(); got != day {
		t.Errorf("request %d is due at %v, want %v", s.taken, got, day)
	}
}

func TestPoissonSchedule(t *testing.T) {
	const n, rate = 100_000, 1000
	list := times(newSchedule(&Config{Workload: workload.Workload{Rate: rate, Arrivals: workload.Poisson}, Timing: workload.Timing{Seed: 7}, Loops: 1}, 0), n)
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
	for _, arrivals := range []string{workload.Uniform, workload.Poisson} {
		of := func(seed uint64, replica, loop int) schedule {
			return newSchedule(&Config{Workload: workload.Workload{Rate: 1000, Arrivals: arrivals}, Timing: workload.Timing{Seed: seed}, Replica: replica, Replicas: 2, Loops: 3}, loop)
		}
		same := func(a, b schedule) bool {
			for range 100 {
				if a.take() != b.take() {
					return false
				}
			}
			return true
		}
		if !same(of(5, 1, 1), of(5, 1, 1)) {
			t.Errorf("%s: one seed gave two schedules", arrivals)
		}
		for what, other := range map[string]schedule{"seeds": of(6, 1, 1), "replicas": of(5, 0, 1), "loops": of(5, 1, 2)} {
			if same(of(5, 1, 1), other) {
				t.Errorf("%s: two %s have one schedule", arrivals, what)
			}
		}
	}
	for i := range 3 { // even schedules of one replica have a third of a gap, 1 ms, each
		s := newSchedule(&Config{Workload: workload.Workload{Rate: 1000}, Timing: workload.Timing{Seed: math.MaxUint64}, Loops: 3}, i)
		if first, from := s.take(), time.Duration(i)*time.Millisecond; first < from || first >= from+time.Millisecond {
			t.Errorf("loop %d's first request is due at %v, want in the millisecond from %v on", i, first, from)
		}
	}
}

// Seeds, replicas and loops are samples of a workload.Poisson process, and independent:
// what is due in a second scatters over each of them by the root of its mean,
// and does not go with what is due for the next.
func TestArrivalsAreIndependent(t *testing.T) {
	const n, mean = 4000, 20 // requests per second
	due := func(cfg Config, loop int) (count float64) {
		cfg.Rate, cfg.Arrivals, cfg.Loops = mean, workload.Poisson, max(1, cfg.Loops)
		cfg.Rate *= float64(cfg.Loops)
		for s := newSchedule(&cfg, loop); s.take() < time.Second; {
			count++
		}
		return count
	}
	for name, count := range map[string]func(i int) float64{
		"seeds": func(i int) float64 { return due(Config{Timing: workload.Timing{Seed: uint64(i)}}, 0) },
		"replicas": func(i int) float64 {
			return due(Config{Timing: workload.Timing{Seed: 1}, Replica: i, Replicas: n + 1}, 0)
		},
		"loops": func(i int) float64 { return due(Config{Timing: workload.Timing{Seed: 1}, Loops: n + 1}, i) },
	} {
		var squares, products float64
		last := count(0) - mean
		for i := 1; i <= n; i++ {
			next := count(i) - mean
			squares += next * next
			products += next * last
			last = next
		}
		// The mean square has a standard deviation of √(2/n) of itself, the
		// correlation one of 1/√n: five of each is one in a million.
		if ratio := squares / n / mean; math.Abs(ratio-1) > 5*math.Sqrt(2.0/n) {
			t.Errorf("%s: the counts' variance is %.2f of their mean, want 1", name, ratio)
		}
		if r := products / squares; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%s: neighbours correlate by %.3f", name, r)
		}
	}
}
