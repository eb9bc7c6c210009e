package load

import (
	"math"
	"math/rand/v2"
	"time"

	"c1m/internal/workload"
)

// curve returns when n requests are due, since its start; n need not be whole. It
// is false after the last request.
type curve interface {
	Due(n float64) (time.Duration, bool)
}

// constant is the curve of a constant rate, in requests per second.
type constant float64

func (rate constant) Due(n float64) (time.Duration, bool) {
	ns := n * float64(time.Second) / float64(rate)
	return time.Duration(ns), ns < never
}

// never is the due time of a request that is not sent. It does not overflow when
// the start is added.
const never = math.MaxInt64 / 2

// schedule computes when the requests of one loop are due, one after the other: every
// step-th request of a curve. It does not read the clock: two schedules with the same
// parameters give the same times.
type schedule struct {
	curve  curve
	step   int64
	first  int64   // number of its first request on the curve
	shift  float64 // added to the number of each, at even intervals
	random *rand.Rand

	taken  int64         // requests before the next
	next   time.Duration // when the next is due, since the schedule's start
	passed float64       // position of the next on the curve, at random intervals
}

// newSchedule returns the schedule of loop i of cfg; all loops together have its rate. Even
// schedules of the loops interleave, with a shift by seed and replica; random ones are
// independent. The same parameters give the same schedule.
func newSchedule(cfg *Config, i int) schedule {
	rate := constant(cfg.Rate)
	if cfg.Arrivals == workload.Poisson {
		return random(rate, draws(cfg, i), cfg.Loops)
	}
	return even(rate, draws(cfg, 0).Float64(), i, cfg.Loops)
}

// draws returns the random numbers of loop i: one stream per seed, replica and loop.
func draws(cfg *Config, i int) *rand.Rand {
	return rand.New(rand.NewPCG(cfg.Seed, uint64(cfg.Replica)<<32|uint64(i)))
}

// even returns schedule i of n, which together have all requests of a curve, at even
// intervals on it. shift is a share of such an interval.
func even(c curve, shift float64, i, n int) schedule {
	s := schedule{curve: c, step: int64(n), first: int64(i), shift: shift}
	s.next = s.due()
	return s
}

// random returns one of n schedules, which together have all requests of a curve, at
// exponentially distributed intervals on it: a Poisson process, whose rate may change
// with time (Çinlar, Introduction to Stochastic Processes, 4.7).
func random(c curve, draws *rand.Rand, n int) schedule {
	s := schedule{curve: c, step: int64(n), random: draws}
	s.advance()
	s.next = s.due()
	return s
}

// take returns when the next request is due, since the schedule's start, and advances.
func (s *schedule) take() time.Duration {
	at := s.next
	s.taken++
	if s.random != nil {
		s.advance()
	}
	s.next = s.due()
	return at
}

// advance draws the interval to the next request.
func (s *schedule) advance() { s.passed += float64(s.step) * s.random.ExpFloat64() }

// due returns when request number taken is due. At even intervals its position is rounded
// once, so that it does not depend on the number of schedules that share the curve.
func (s *schedule) due() time.Duration {
	n := s.passed
	if s.random == nil {
		n = float64(s.first+s.taken*s.step) + s.shift
	}
	at, more := s.curve.Due(n)
	if !more {
		return never
	}
	return at
}
