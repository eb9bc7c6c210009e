// Package audit judges tables that somebody else published: whether throughput,
// mean latency and connections of each row can all be true (Little's law). It
// must not depend on how the numbers were measured.
package audit

import (
	"fmt"
	"math"
	"time"
)

// tolerance is how far throughput × mean latency may be from what was in flight,
// as a share of that, beyond what the digits of the numbers leave open. It is the
// tolerance of this program's own check.
const tolerance = 0.05

// Row is a row of a published table.
type Row struct {
	Name        string
	Throughput  Number // round trips per second
	Latency     Number // mean, seconds
	Connections float64
}

// Number is a number as it was printed: what it says, and how far what was
// measured may be from it, which is half of its last digit.
type Number struct{ Value, Off float64 }

// Verdict is what can be said of a row.
type Verdict struct {
	Row
	Product  float64 // throughput × mean latency: requests in flight, by Little's law
	InFlight float64 // what should be in flight: connections × requests in flight on each
	Possible bool    // within the tolerance, and what the digits leave open
}

// Judge judges a row of a closed loop in which each connection has perConn
// requests in flight. J. D. C. Little, "A Proof for the Queuing Formula: L = λW",
// Operations Research 9 (1961): over a long enough time the mean number in flight
// is the throughput times the mean latency, whatever the server does.
func Judge(r Row, perConn int) Verdict {
	v := Verdict{
		Row:      r,
		Product:  r.Throughput.Value * r.Latency.Value,
		InFlight: r.Connections * float64(perConn),
	}
	least := (r.Throughput.Value - r.Throughput.Off) * (r.Latency.Value - r.Latency.Off)
	most := (r.Throughput.Value + r.Throughput.Off) * (r.Latency.Value + r.Latency.Off)
	v.Possible = most >= (1-tolerance)*v.InFlight && least <= (1+tolerance)*v.InFlight
	return v
}

// Factor is how many times the product is too small, or too large if it is
// negative; 0 where a row is possible.
func (v Verdict) Factor() float64 {
	switch {
	case v.Possible:
		return 0
	case v.Product < v.InFlight:
		return v.InFlight / math.Max(v.Product, math.SmallestNonzeroFloat64)
	}
	return -v.Product / v.InFlight
}

// String says it in words.
func (v Verdict) String() string {
	switch f := v.Factor(); {
	case f == 0:
		return "possible"
	case f > 0:
		return fmt.Sprintf("impossible: %.3g times too small", f)
	default:
		return fmt.Sprintf("impossible: %.3g times too large", -f)
	}
}

// Mean is the latency as a duration, at most 100 years.
func (r Row) Mean() time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	return time.Duration(math.Min(r.Latency.Value, most.Seconds()) * float64(time.Second))
}
