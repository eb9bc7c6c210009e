package table

import (
	"c1m/internal/metric"
	"c1m/internal/result"
)

// Complete reports whether a trial has a measurement, and so is a sample.
func Complete(t result.Trial) bool { return t.Failure == "" && t.Load != nil }

// SampleOf returns the sample of one load, without its server.
func SampleOf(cell result.Cell, load result.Replica) metric.Sample {
	return sample(cell, result.Trial{Round: 1, Load: &load}, nil)
}

// sample returns the sample of a complete trial. The ceiling is nil if none applies.
func sample(cell result.Cell, t result.Trial, ceiling *float64) metric.Sample {
	return metric.SampleOf(t.Round, metric.Trial{
		Cell: cell, Load: *t.Load, Server: t.Server, Rate: offered(cell, t), Ceiling: ceiling,
	})
}

// offered returns the rate of a trial, in requests per second; 0 in a closed loop.
// In stages it is the mean of what was due.
func offered(cell result.Cell, t result.Trial) float64 {
	if cell.Stages != "" && t.Load.Window > 0 {
		return float64(t.Load.Due) / t.Load.Window.Seconds()
	}
	if t.Rate > 0 {
		return t.Rate
	}
	return max(0, cell.Rate)
}
