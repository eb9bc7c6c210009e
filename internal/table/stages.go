package table

import (
	"time"

	"c1m/internal/metric"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// Stage is one stage of a row.
type Stage struct {
	Text   workload.Stage `json:"-"`
	Length time.Duration  `json:"length_ns"`
	From   float64        `json:"from_per_s"`
	To     float64        `json:"to_per_s"`

	Offered    *metric.Value `json:"offered_per_s"` // requests that were due
	Throughput *metric.Value `json:"ops_per_s"`
	P50        *metric.Value `json:"p50_ns"` // of the requests due in it, from when each was
	P99        *metric.Value `json:"p99_ns"`
	Backlog    *metric.Value `json:"backlog"` // requests due and not sent when it ended
	Errors     *metric.Value `json:"errors"`

	// Recovered is how long after the stage the queue, of requests due and not
	// answered, was as short as before it; nil if it did not grow.
	Recovered *metric.Value `json:"recovered_ns"`
}

// StagesOf returns the stages of a cell over several trials; nil if it has none.
func StagesOf(cell result.Cell, loads []result.Replica) []Stage {
	var list []Stage
	var start time.Duration
	for i, stage := range cell.Stages.List() {
		over := func(of func(result.Stage) *metric.Reading) *metric.Value {
			var readings []metric.Reading
			for _, load := range loads {
				if len(load.Stages) <= i {
					continue
				}
				if r := of(load.Stages[i]); r != nil {
					readings = append(readings, *r)
				}
			}
			return metric.ValueOver(readings)
		}
		number := func(of func(result.Stage) float64) *metric.Value {
			return over(func(s result.Stage) *metric.Reading { return &metric.Reading{Value: of(s)} })
		}
		quantile := func(share float64) *metric.Value {
			return over(func(s result.Stage) *metric.Reading {
				return metric.Durations{Histogram: s.Latency, Aged: s.Unanswered, From: s.UnansweredFrom}.At(share)
			})
		}
		seconds := stage.Length.Seconds()
		var recoveries []metric.Reading
		for _, load := range loads {
			if r := recovery(load, start, start+stage.Length); r != nil {
				recoveries = append(recoveries, *r)
			}
		}
		list = append(list, Stage{
			Text: stage, Length: stage.Length, From: stage.From, To: stage.To,
			Offered:    number(func(s result.Stage) float64 { return float64(s.Due) / seconds }),
			Throughput: number(func(s result.Stage) float64 { return float64(s.Operations) / seconds }),
			P50:        quantile(0.50), P99: quantile(0.99),
			Backlog:   number(func(s result.Stage) float64 { return float64(s.Backlog) }),
			Errors:    number(func(s result.Stage) float64 { return float64(s.Errors) }),
			Recovered: metric.ValueOver(recoveries),
		})
		start += stage.Length
	}
	return list
}

const (
	leftOver  = 0.05 // of the requests of a stage: a queue that grows by less needs no recovery (check.Trial)
	recovered = 0.01 // of its growth may be left of a queue that has recovered
)

// recovery returns how long after a stage, in steps of a slice, the queue of a trial was
// as short as before it. It is a lower bound if the window closed before; nil if the queue
// did not grow.
func recovery(load result.Replica, start, end time.Duration) *metric.Reading {
	slice := load.SliceWidth()
	n := min(len(load.Slices), len(load.DueSlices))
	first, last := int(start/slice), int((end+slice-1)/slice)
	if first >= last || last > n {
		return nil
	}
	var growth, due float64
	for i := first; i < last; i++ {
		growth += float64(load.DueSlices[i] - load.Slices[i])
		due += float64(load.DueSlices[i])
	}
	if growth <= max(1, leftOver*due) {
		return nil
	}
	queue := growth
	for i := last; i < n; i++ {
		if queue += float64(load.DueSlices[i] - load.Slices[i]); queue <= recovered*growth {
			return &metric.Reading{Value: float64(time.Duration(i+1)*slice - end)}
		}
	}
	return &metric.Reading{Value: float64(load.Window - end), AtLeast: true}
}
