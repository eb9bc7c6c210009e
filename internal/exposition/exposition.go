// Package exposition shows counters of a server, a replica or a run to Prometheus, as
// text, OpenMetrics or protobuf. It reads them when it is scraped, and keeps none of its
// own: what is measured does not depend on it.
package exposition

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"c1m/internal/hist"
)

// Path is where the metrics are.
const Path = "/metrics"

// Settled is the name in a query, /metrics?settled, for which a server first frees the
// memory that it does not need, such as what earlier scrapes have left. It takes as long
// as a garbage collection, so it is not for periodic scrapes.
const Settled = "settled"

// Metric describes one metric.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string
}

// Kind is the type of a metric.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram" // with classic and native buckets
)

// metric is a metric of a source T.
type metric[T any] struct {
	Metric

	// of emits the values in a state, each with values for the labels; a metric that
	// does not apply emits none.
	of func(state T, emit func(value float64, labels ...string))

	// latency is the same for histograms, in place of of.
	latency func(state T, emit func(h *hist.Histogram, labels ...string))
}

// value returns a metric without labels, which always applies.
func value[T any](name string, kind Kind, help string, of func(T) float64) metric[T] {
	return optional(name, kind, help, func(state T) *T { return &state }, of)
}

// optional returns a metric without labels of a part of a state, which applies if the part
// is there: if it is not nil.
func optional[T, P any](name string, kind Kind, help string, part func(T) *P, of func(P) float64) metric[T] {
	return metric[T]{
		Metric: Metric{Name: name, Kind: kind, Help: help},
		of: func(state T, emit func(float64, ...string)) {
			if p := part(state); p != nil {
				emit(of(*p))
			}
		},
	}
}

// latencies returns a histogram of durations, exposed in seconds; one that is nil does not
// apply.
func latencies[T any](name, help string, of func(T) *hist.Histogram) metric[T] {
	return metric[T]{
		Metric: Metric{Name: name, Kind: Histogram, Help: help},
		latency: func(state T, emit func(*hist.Histogram, ...string)) {
			if h := of(state); h != nil {
				emit(h)
			}
		},
	}
}

// Source is something that can be scraped.
type Source struct {
	collector prometheus.Collector
	stop      func()
	settle    func() // for Settled; may be nil
}

// Stop waits for a scrape that reads the state, and makes later ones find nothing: what
// is read may then go away.
func (s Source) Stop() { s.stop() }

// source is the collector of a table of metrics. A scrape reads the state once, so that
// its values are of one moment.
type source[T any] struct {
	table []metric[T]
	descs []*prometheus.Desc

	mu   sync.Mutex // states are read one at a time
	read func() T   // nil once it is stopped
}

func newSource[T any](table []metric[T], read func() T) Source {
	s := &source[T]{table: table, read: read}
	for _, m := range table {
		s.descs = append(s.descs, prometheus.NewDesc(m.Name, m.Help, m.Labels, nil))
	}
	return Source{collector: s, stop: s.stop}
}

func (s *source[T]) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = nil
}

// Describe implements prometheus.Collector.
func (s *source[T]) Describe(to chan<- *prometheus.Desc) {
	for _, d := range s.descs {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (s *source[T]) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		return
	}
	state := s.read()
	for i, m := range s.table {
		desc := s.descs[i]
		if m.latency != nil {
			m.latency(state, func(h *hist.Histogram, labels ...string) { to <- histogramOf(desc, h, labels...) })
			continue
		}
		kind := prometheus.GaugeValue
		if m.Kind == Counter {
			kind = prometheus.CounterValue
		}
		m.of(state, func(value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
		})
	}
}

// list returns the descriptions of a table.
func list[T any](table []metric[T]) []Metric {
	var all []Metric
	for _, m := range table {
		all = append(all, m.Metric)
	}
	return all
}

// Handler answers scrapes of a source, at Path.
func Handler(s Source) http.Handler {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(s.collector)
	scrape := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, r *http.Request) {
		if s.settle != nil && r.URL.Query().Has(Settled) {
			s.settle()
		}
		scrape.ServeHTTP(w, r)
	})
	return mux
}
