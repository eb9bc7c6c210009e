package metric

import (
	"math"
	"slices"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
)

// The fewest connections for which memory per connection is meaningful: with fewer, the
// fixed memory of a process, and other processes, dominate.
const (
	UserFrom   = 1_000
	KernelFrom = 10_000
)

// exactly takes a number without marks.
func exactly(of func(Trial) *float64) func(Trial) *Reading {
	return func(t Trial) *Reading {
		if v := of(t); v != nil {
			return &Reading{Value: *v}
		}
		return nil
	}
}

// Durations is a histogram in which Aged requests are recorded with their age, the least
// of which is From (0 in old files).
type Durations struct {
	*hist.Histogram
	Aged int64
	From time.Duration
}

// At returns a percentile with its marks; nil without durations.
func (d Durations) At(share float64) *Reading {
	if d.Count() == 0 {
		return nil
	}
	return &Reading{
		Value:   float64(d.Quantile(share)),
		AtLeast: d.AtLeast(share, d.Aged, int64(d.From)),
		Few:     d.FewAbove(share),
	}
}

func percentile(share float64, of func(Trial) Durations) func(Trial) *Reading {
	return func(t Trial) *Reading { return of(t).At(share) }
}

func latency(t Trial) Durations {
	return Durations{t.Load.Latency, t.Load.Unanswered, t.Load.UnansweredFrom}
}

// raw returns the latencies from when requests were sent, in an open loop.
func raw(t Trial) Durations {
	if t.Rate == 0 {
		return Durations{}
	}
	return Durations{t.Load.Raw, t.Load.RawUnanswered, t.Load.RawUnansweredFrom}
}

func lateness(t Trial) Durations {
	if t.Rate == 0 {
		return Durations{}
	}
	return Durations{Histogram: t.Load.Lateness}
}

func connect(t Trial) Durations   { return Durations{Histogram: t.Load.Connect} }
func reconnect(t Trial) Durations { return Durations{Histogram: t.Load.Reconnect} }
func upgrade(t Trial) Durations   { return Durations{Histogram: t.Load.Upgrade} }

// longest returns the longest latency.
func longest(t Trial) *Reading {
	if t.Load.Latency.Count() == 0 {
		return nil
	}
	return &Reading{Value: float64(t.Load.Latency.Max()), AtLeast: t.Load.Unanswered > 0}
}

func throughput(t Trial) *float64 {
	if t.Cell.Idle { // absent, not 0
		return nil
	}
	return per(float64(t.Load.Operations), t.Load.Window.Seconds())
}

func serverCPU(t Trial) *float64 {
	if t.Server == nil {
		return nil
	}
	return ratio(per(float64(t.Server.CPU), t.Server.Wall.Seconds()), throughput(t))
}

func generatorCPU(t Trial) *float64 {
	return ratio(per(float64(t.Load.CPU), t.Load.CPUWall.Seconds()), throughput(t))
}

func bothCPU(t Trial) *float64 {
	a, b := serverCPU(t), generatorCPU(t)
	if a == nil || b == nil {
		return nil
	}
	return finite(*a + *b)
}

func switches(t Trial) *float64 {
	if t.Server == nil || t.Server.Switches == nil {
		return nil
	}
	return ratio(per(float64(*t.Server.Switches), t.Server.Wall.Seconds()), throughput(t))
}

// perConn takes memory per connection, from a number of connections on.
func perConn(from int, of func(result.Server) *int64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Server == nil || t.Cell.Conns < from || of(*t.Server) == nil {
			return nil
		}
		return per(float64(*of(*t.Server)), float64(t.Load.Connected))
	}
}

// share takes the operations that a share q of the connections did not exceed.
func share(q float64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Load.Shares.Total() == 0 {
			return nil
		}
		return finite(float64(t.Load.Shares.Quantile(q)))
	}
}

// accepted takes the connections accepted by one of the loops or processes.
func accepted(which func([]int64) int64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Server == nil || len(t.Server.PerLoop) == 0 || t.Load.Reconnect != nil { // with reopened connections, accepted ones are not open ones
			return nil
		}
		return count(which(t.Server.PerLoop))
	}
}

func fewest(list []int64) int64   { return slices.Min(list) }
func greatest(list []int64) int64 { return slices.Max(list) }

// storms takes a number from a storm.
func storms(of func(result.Storm) *float64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Load.Storm == nil {
			return nil
		}
		return of(*t.Load.Storm)
	}
}

// served takes a count reported by the server.
func served(of func(result.Server) *int64) func(Trial) *float64 {
	return func(t Trial) *float64 {
		if t.Server == nil || of(*t.Server) == nil {
			return nil
		}
		return count(*of(*t.Server))
	}
}

// lost takes the larger share of processor time that either end lost.
func lost(of func(result.Replica) *result.Loss, ofServer func(result.Server) *result.Loss) func(Trial) *float64 {
	return func(t Trial) *float64 {
		losses := []*result.Loss{of(t.Load)}
		if t.Server != nil {
			losses = append(losses, ofServer(*t.Server))
		}
		var most *float64
		for _, l := range losses {
			if l == nil {
				continue
			}
			if s := l.Share(); most == nil || s > *most {
				most = &s
			}
		}
		return most
	}
}

// per returns a ÷ b; nil if that is not a number.
func per(a, b float64) *float64 {
	if b <= 0 {
		return nil
	}
	return finite(a / b)
}

func ratio(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	return per(*a, *b)
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func count[T int | int64](n T) *float64 {
	v := float64(n)
	return &v
}
