package table

import (
	"c1m/internal/metric"
	"c1m/internal/result"
)

// Complete reports whether a trial has a measurement: it is a sample.
func Complete(t result.Trial) bool { return t.Failure == "" && t.Load != nil }

// SampleOf is what one load gives, without its server.
func SampleOf(cell result.Cell, load result.Replica) metric.Sample {
	return sample(cell, result.Trial{Round: 1, Load: &load}, nil)
}

// sample is what a complete trial gives. The ceiling is nil where none bounds
// the load.
func sample(cell result.Cell, t result.Trial, ceiling *float64) metric.Sample {
	return metric.SampleOf(t.Round, metric.Trial{
		Cell: cell, Load: *t.Load, Server: t.Server, Rate: offered(cell, t), Ceiling: ceiling,
	})
}

// offered is the rate of a trial, in requests per second; 0 in a closed loop.
func offered(cell result.Cell, t result.Trial) float64 {
	if t.Rate > 0 {
		return t.Rate
	}
	return max(0, cell.Rate)
}
