package scrape

import (
	"bytes"
	"math"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const (
	prefix  = "c1m_server_"
	largest = 1 << 53 // of a value: larger integers are not exact

	longest = 100 * 365 * 24 * time.Hour // of a duration
)

// parse reads a sample from the text of metrics. All values are neither negative nor so
// large that differences overflow.
func parse(text []byte) (Sample, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return Sample{}, foreign("its answer is no text of metrics: %v", err)
	}
	// value returns the value of a metric without labels.
	value := func(name string, most float64) (float64, bool, error) {
		name = prefix + name
		list := families[name].GetMetric()
		var v float64
		switch {
		case len(list) == 0:
			return 0, false, nil
		case list[0].GetCounter() != nil:
			v = list[0].GetCounter().GetValue()
		case list[0].GetGauge() != nil:
			v = list[0].GetGauge().GetValue()
		default:
			return 0, false, foreign("its %s is neither a counter nor a gauge", name)
		}
		if len(list) > 1 || !(v >= 0 && v <= most) { // nor NaN
			return 0, false, foreign("its %s is impossible: %v", name, v)
		}
		return v, true, nil
	}
	var s Sample
	var processes int64
	for _, f := range []struct {
		name  string
		count *int64
		time  *time.Duration
	}{
		{name: "uptime_seconds", time: &s.Uptime},
		{name: "processes", count: &processes},
		{name: "cpu_seconds_total", time: &s.CPU},
		{name: "memory_bytes", count: &s.Memory},
		{name: "accepted_connections_total", count: &s.Accepted},
		{name: "open_connections", count: &s.Open},
	} {
		most := float64(largest)
		if f.time != nil {
			most = longest.Seconds()
		}
		v, found, err := value(f.name, most)
		switch {
		case err != nil:
			return Sample{}, err
		case !found:
			return Sample{}, foreign("it has no %s", prefix+f.name)
		case f.time != nil:
			*f.time = time.Duration(math.Round(v * float64(time.Second)))
		default:
			*f.count = int64(v)
		}
	}
	s.Processes = int(processes)
	for _, f := range []struct {
		name  string
		count **int64
	}{
		{"context_switches_total", &s.Switches},
		{"kernel_memory_bytes", &s.Kernel},
	} {
		v, found, err := value(f.name, largest)
		if err != nil {
			return Sample{}, err
		}
		if found {
			*f.count = new(int64(v))
		}
	}
	return s, nil
}
