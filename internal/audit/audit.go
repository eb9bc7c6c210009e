// Package audit judges published tables of other programs: whether throughput, mean latency
// and connections of each row can all be true (Little's law). It must not depend on how the
// numbers were measured.
package audit

import (
	"math"
	"time"
)

// tolerance is the allowed difference of throughput × mean latency from the number in
// flight, relative to that, in addition to rounding of the printed digits. It is the same
// as for this program's own check.
const tolerance = 0.05

// Row is a row of a published table.
type Row struct {
	Name        string
	Throughput  Number // round trips per second
	Latency     Number // mean, seconds
	Connections float64
}

// Number is a printed number and its largest rounding error, half of its last digit.
type Number struct{ Value, Off float64 }

// Verdict is the judgement of a row.
type Verdict struct {
	Row
	Product  float64 // throughput × mean latency: requests in flight, by Little's law
	InFlight float64 // expected: connections × requests in flight on each
	Possible bool    // equal within tolerance and rounding
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

// Factor returns how many times too small the product is; negative if it is too large, 0 if
// the row is possible.
func (v Verdict) Factor() float64 {
	switch {
	case v.Possible:
		return 0
	case v.Product < v.InFlight:
		return v.InFlight / math.Max(v.Product, math.SmallestNonzeroFloat64)
	}
	return -v.Product / v.InFlight
}

// Mean returns the latency as a duration, at most 100 years.
func (r Row) Mean() time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	return time.Duration(math.Min(r.Latency.Value, most.Seconds()) * float64(time.Second))
}
