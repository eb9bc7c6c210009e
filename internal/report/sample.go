package report

import (
	"math"
	"net"
	"net/netip"
	"slices"
	"time"

	"c1m/internal/result"
)

// The fewest connections for which memory per connection means something:
// below, what a process needs anyway, and other processes, weigh more.
const (
	userFrom   = 1_000
	kernelFrom = 10_000
)

// complete says whether a trial is a sample.
func complete(t result.Trial) bool { return t.Failure == "" && t.Load != nil }

// SampleOf is what one load gives, without its server.
func SampleOf(cell result.Cell, load result.Replica) Sample {
	s := sample(cell, result.Trial{Load: &load})
	s.Round = 1
	return s
}

// sample computes what a complete trial gives, but for the share of the
// ceiling.
func sample(cell result.Cell, t result.Trial) Sample {
	load := t.Load
	s := Sample{Round: t.Round, Active: load.Active}
	s.Throttled = lost(t, func(r result.Replica) *result.Loss { return r.Throttled }, func(s result.Server) *result.Loss { return s.Throttled })
	s.Steal = lost(t, func(r result.Replica) *result.Loss { return r.Steal }, func(s result.Server) *result.Loss { return s.Steal })
	s.Throughput = per(float64(load.Operations), load.Window.Seconds())
	s.Bytes = per(float64(load.Bytes), load.Window.Seconds())
	s.Latencies = load.Latency.Count()
	s.take(load.Latency, unknown{load.Unanswered, load.UnansweredFrom},
		percentile{"p50_ns", 0.50, &s.P50}, percentile{"p90_ns", 0.90, &s.P90},
		percentile{"p99_ns", 0.99, &s.P99}, percentile{"p999_ns", 0.999, &s.P999})
	if s.Latencies > 0 {
		s.Max = finite(float64(load.Latency.Max()))
		if load.Unanswered > 0 {
			s.LowerBounds = append(s.LowerBounds, "max_ns")
		}
	}
	s.share(load.Shares)
	if offered := offered(cell, t); offered > 0 {
		openLoop(&s, *load, offered)
	}
	s.ConnectRate = per(float64(load.Connected), load.ConnectTime.Seconds())
	s.GeneratorCPU = ratio(rate(load.CPU, load.CPUWall), s.Throughput)
	s.take(load.Connect, unknown{}, percentile{"connect_p99_ns", 0.99, &s.ConnectP99})
	s.upgraded(*load)
	s.reopened(*load)
	if cell.Idle {
		s.withoutLoad(*load)
	}
	if t.Server == nil {
		return s
	}
	server := t.Server
	s.ServerCPU = ratio(rate(server.CPU, server.Wall), s.Throughput)
	s.BothCPU = sum(s.ServerCPU, s.GeneratorCPU)
	if server.Switches != nil {
		s.Switches = ratio(per(float64(*server.Switches), server.Wall.Seconds()), s.Throughput)
	}
	if cell.Conns >= userFrom {
		s.User = perConnection(server.User, load.Connected)
		s.Peak = perConnection(server.Peak, load.Connected)
	}
	if cell.Conns >= kernelFrom {
		s.Kernel = perConnection(server.Kernel, load.Connected)
	}
	if len(server.PerLoop) > 0 && load.Reconnect == nil { // what it accepted is then not what it has
		low, high := slices.Min(server.PerLoop), slices.Max(server.PerLoop)
		s.LoopLeast, s.LoopMost = &low, &high
	}
	s.Dropped, s.Disconnected = server.Dropped, server.Disconnected
	return s
}

// rate is processor time used per second, in ns.
func rate(cpu, wall time.Duration) *float64 { return per(float64(cpu), wall.Seconds()) }

// per is a ÷ b, nil if that is no number.
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

func sum(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	return finite(*a + *b)
}

func perConnection(bytes *int64, connections int) *float64 {
	if bytes == nil {
		return nil
	}
	return per(float64(*bytes), float64(connections))
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func appendFinite(all []float64, v *float64) []float64 {
	if v == nil {
		return all
	}
	return append(all, *v)
}

// sameHost says whether both ends of a cell ran on the machine whose ceiling
// was measured. A target is known to only by its loopback address.
func sameHost(h result.Header, cell result.Cell) bool {
	switch h.Engine {
	case "", "local", "docker":
	default:
		return false
	}
	if cell.Kind != result.KindTarget {
		return true
	}
	host, _, err := net.SplitHostPort(cell.Command)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
