package load

import (
	"math"
	"math/rand/v2"
	"time"

	"c1m/internal/workload"
)

// schedule says when the requests of one loop are due, one after the other. It
// is arithmetic: it reads no clock, and two schedules made alike stay alike,
// whenever each is asked.
type schedule struct {
	gap    float64 // ns from one request to the next, in the mean
	phase  float64 // of the first request, in gaps
	random *rand.Rand

	taken   int64         // requests before the next
	next    time.Duration // when the next is due, since the schedule's start
	elapsed float64       // the same before rounding, where gaps are random
}

// newSchedule is that of loop i of cfg, whose loops together keep its rate.
// Even schedules of the loops interleave, with a shift that the seed and the
// replica draw; random ones are independent. The same numbers give the same
// schedule.
func newSchedule(cfg *Config, i int) schedule {
	if cfg.Arrivals == workload.Poisson {
		return random(cfg.Rate, draws(cfg, i), cfg.Loops)
	}
	return even(cfg.Rate, draws(cfg, 0).Float64(), i, cfg.Loops)
}

// draws are the random numbers of loop i: a stream for each seed, replica and
// loop.
func draws(cfg *Config, i int) *rand.Rand {
	return rand.New(rand.NewPCG(cfg.Seed, uint64(cfg.Replica)<<32|uint64(i)))
}

// even is the schedule of loop i of n, which together send rate requests per
// second at even distances. shift is a share of such a distance.
func even(rate, shift float64, i, n int) schedule {
	s := schedule{gap: float64(n) * float64(time.Second) / rate, phase: (float64(i) + shift) / float64(n)}
	s.next = s.due()
	return s
}

// random is the schedule of one of n loops, which together send rate requests
// per second with exponential distances.
func random(rate float64, draws *rand.Rand, n int) schedule {
	s := schedule{gap: float64(n) * float64(time.Second) / rate, random: draws}
	s.elapsed = s.gap * s.random.ExpFloat64()
	s.next = s.due()
	return s
}

// take returns when the next request is due, since the schedule's start, and
// goes on to the one after it.
func (s *schedule) take() time.Duration {
	at := s.next
	s.taken++
	if s.random != nil {
		s.elapsed += s.gap * s.random.ExpFloat64()
	}
	s.next = s.due()
	return at
}

// due is when request number taken is due.
func (s *schedule) due() time.Duration {
	ns := s.elapsed
	if s.random == nil {
		ns = (float64(s.taken) + s.phase) * s.gap
	}
	if ns >= math.MaxInt64/2 { // so that a start can be added
		return math.MaxInt64 / 2
	}
	return time.Duration(ns)
}
